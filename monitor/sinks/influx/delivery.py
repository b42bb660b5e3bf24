"""Has lines stored, in requests that the server takes; lines that it will never take are named and left out."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from monitor.core.events.monitor import MonitorSinkRefused
from monitor.errors import SinkUnavailable
from monitor.sinks.influx.client import Answer, Client
from monitor.sinks.influx.responses import Verdict, advice, judge

log = structlog.get_logger()

SINK = "influx"
"""The sink's name."""
LINES = 5_000
"""Of one request, at the most: what InfluxData recommends."""
LONGEST_WAIT = 60.0
"""Seconds; a server that wants more is asked again nevertheless."""


class Delivery:
    """Sends lines by a client.

    Args:
        client: the connection.
        refuse: is told of each line that the server will never take.
        now: our clock.

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
        """Lines of one request; fewer once the server has said that it was too much."""

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.close()

    async def send(self, lines: list[str]) -> None:
        """Have lines stored; those that are refused are named, one by one, and left out.

        Raises:
            SinkUnavailable: not now; those that were stored meanwhile may be sent again.

        """
        answer = await self._client.write("\n".join(lines))
        match judge(answer):
            case Verdict.STORED:
                return
            case Verdict.LATER:
                if answer.retry_after is not None:
                    await asyncio.sleep(min(answer.retry_after, LONGEST_WAIT))
                raise SinkUnavailable(advice(answer))
            case Verdict.TOO_LARGE if len(lines) > 1:
                self.most = max(1, len(lines) // 2)
                log.warning("influx_smaller_batches", lines=self.most)
            case Verdict.TOO_LARGE | Verdict.REFUSED if len(lines) == 1:
                self._bury(lines[0], answer)
                return
            case _:
                pass
        half = (len(lines) + 1) // 2
        await self.send(lines[:half])
        await self.send(lines[half:])

    def _bury(self, line: str, answer: Answer) -> None:
        """Say which point will never be taken; the log keeps it whole, and so does the journal what it came from."""
        log.error("influx_point_refused", line=line, status=answer.status, reason=answer.reason)
        measurement = line.partition(",")[0]
        reason = f"{measurement}: {answer.reason or answer.status}"
        self._refuse(MonitorSinkRefused(at=self._now(), sink=SINK, reason=reason))
