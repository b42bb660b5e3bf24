"""Keeps each part running: a defect in a sink must not end the monitoring."""

import asyncio

import structlog

from monitor.app.parts import Part
from monitor.core.events.monitor_delivery import MonitorSinkFailed
from monitor.core.phrase import phrase
from monitor.errors import JournalError
from monitor.ingest.line import Line

log = structlog.get_logger()

RESTART_AFTER = 5.0
"""Seconds until a part that failed because of a defect is started again."""


async def supervise(part: Part, pipeline: Line) -> None:
    """Run a part until cancelled; report a defect to the core and start the part again.

    Raises:
        JournalError: the monitor can't go on.

    """
    while True:
        try:
            await part.run()
        except JournalError:
            raise
        # The one broad except of the project: a defect in a sink is an alert, not the end of the monitor.
        except Exception as error:
            log.exception("sink_failed", sink=part.name)
            reason = f"{type(error).__name__}: {error}"
            part.trouble = phrase("sink-defect", error=reason)
            now = pipeline.clock.now()
            pipeline.notice(MonitorSinkFailed(at=now, sink=part.name, reason=reason))
            await asyncio.sleep(RESTART_AFTER)
