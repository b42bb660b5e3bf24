"""Verifies the journal once a day while the monitor runs, some rows at a time."""

import asyncio
from datetime import timedelta
from pathlib import Path

import structlog

from monitor.core.events.monitor import MonitorJournalDamaged
from monitor.errors import JournalError
from monitor.ingest.line import Line
from monitor.journal import verify_in_slices

log = structlog.get_logger()

EVERY = timedelta(days=1)
"""From the beginning of one verification to that of the next."""
FIRST_AFTER = timedelta(minutes=5)
"""The wait after a start, which has a backlog to process; a monitor that restarts daily is verified, too."""
RETRY = timedelta(minutes=10)
"""The wait after a verification that could not be finished, e.g. without descriptors; judgement."""
PAUSE = timedelta(milliseconds=250)
"""The wait between two slices of 500 rows: a million inputs take some eight minutes."""


async def verify_daily(
    pipeline: Line,
    *,
    first_after: timedelta = FIRST_AFTER,
    every: timedelta = EVERY,
    pause: timedelta = PAUSE,
    retry: timedelta = RETRY,
) -> None:
    """Verify the journal again and again, until cancelled; damage is an alert, and the next day again."""
    path = pipeline.journal.path
    loop = asyncio.get_running_loop()
    await asyncio.sleep(first_after.total_seconds())
    while True:
        began = loop.time()
        try:
            wrong = await _verify(path, pause)
        except JournalError as error:
            log.warning("journal_not_verified", reason=str(error))
            await asyncio.sleep(retry.total_seconds())
            continue
        if wrong:
            log.error("journal_damaged", rows=len(wrong), first=wrong[0])
            now = pipeline.clock.now()
            pipeline.notice(
                MonitorJournalDamaged(
                    at=now, path=path.name, reason=wrong[0][:500], rows=len(wrong)
                )
            )
        else:
            log.info("journal_verified", head=str(pipeline.journal.head))
        await asyncio.sleep(max(0.0, began + every.total_seconds() - loop.time()))


async def _verify(path: Path, pause: timedelta) -> list[str]:
    wrong: list[str] = []
    slices = verify_in_slices(path)
    while (found := await asyncio.to_thread(next, slices, None)) is not None:
        wrong += found
        await asyncio.sleep(pause.total_seconds())
    return wrong
