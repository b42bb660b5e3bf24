"""Writes lines in requests that the server accepts; a line that it refuses is reported and skipped."""

from collections.abc import Callable
from datetime import datetime

import structlog

from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.phrase import phrase
from monitor.errors import SinkUnavailable
from monitor.sinks.influx.client import Client, Response
from monitor.sinks.influx.responses import WriteOutcome, advice, outcome_of
from monitor.sinks.rejected_entry import refusal

log = structlog.get_logger()

SINK = "influx"
"""The sink's name."""
LINES = 5_000
"""The maximum of one request, as recommended by InfluxData."""


class LineDelivery:
    """Sends lines through a client.

    Args:
        client: the connection.
        refuse: called with each line that the server refuses.
        now: the monitor's clock.

    """

    def __init__(
        self,
        client: Client,
        refuse: Callable[[MonitorSinkRefused], None],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._refuse = refuse
        self._now = now
        self.most = LINES
        """Lines of one request; fewer once the server has rejected a request as too large."""

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def send(self, lines: list[str]) -> None:
        """Store lines; each refused line is reported and skipped.

        Raises:
            SinkUnavailable: a temporary failure; lines already stored may be sent again.

        """
        response = await self._client.write("\n".join(lines))
        match outcome_of(response):
            case WriteOutcome.STORED:
                return
            case WriteOutcome.RETRY:
                raise SinkUnavailable(advice(response), response.retry_after)
            case WriteOutcome.TOO_LARGE if len(lines) > 1:
                self.most = max(1, len(lines) // 2)
                log.warning("influx_smaller_batches", lines=self.most)
            case WriteOutcome.TOO_LARGE | WriteOutcome.REFUSED if len(lines) == 1:
                self._report_refused(lines[0], response)
                return
            case _:
                pass
        half = (len(lines) + 1) // 2
        await self.send(lines[:half])
        await self.send(lines[half:])

    def _report_refused(self, line: str, response: Response) -> None:
        """Report a refused point; the log has the whole line, and the journal still has its input."""
        log.error("influx_point_refused", line=line, status=response.status, reason=response.reason)
        measurement = line.partition(",")[0]
        error = response.reason or str(response.status)
        why = phrase("entry-refused", entry=measurement, error=error)
        self._refuse(refusal(self._now(), SINK, why))
