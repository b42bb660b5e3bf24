"""Notices that sinks can't be reached, are behind, or refuse entries, and reports it to the core."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.app.parts import Parts
from monitor.core.events.monitor_delivery import (
    MonitorSinkAway,
    MonitorSinkBack,
    MonitorSinkBehind,
    MonitorSinkCaughtUp,
    MonitorSinkRefused,
)
from monitor.core.phrase import Phrase, phrase
from monitor.ingest.line import Line
from monitor.texts import plain

CHECK_EVERY = 0.05
"""Seconds between two checks of whether the sinks can be reached."""
CHECK_LAG_EVERY = 1.0
"""Seconds between two checks of how far the sinks are behind; each one reads the journal."""
BEHIND = timedelta(minutes=1)
"""A sink is behind when it lacks something older than this."""
REPORT_REFUSALS_EVERY = timedelta(minutes=1)
"""For one sink: the report goes to that sink too, which may refuse it as well."""


class SinkHealth:
    """What the core knows about the sinks."""

    def __init__(self, parts: Parts, pipeline: Line) -> None:
        self.parts = parts
        self.behind: set[str] = set()
        """The sinks that were reported to be behind."""
        self._pipeline = pipeline
        self._clock = pipeline.clock
        self._reported_at: dict[str, datetime] = {}
        """When a refusal by each sink was last reported."""
        self._is_reached: dict[str, bool] = {}
        """Whether each sink can be reached, as last reported; unknown until it has been tried."""

    async def run(self) -> None:
        """Check, until cancelled."""
        lag_checked_at = time.monotonic()
        while True:
            await asyncio.sleep(CHECK_EVERY)
            self.check_reached()
            if time.monotonic() - lag_checked_at >= CHECK_LAG_EVERY:
                lag_checked_at = time.monotonic()
                self.check_lag()

    def troubles(self) -> Iterator[Phrase]:
        """Yield what is wrong with the sinks and the other parts."""
        for part in self.parts:
            if part.trouble:
                yield phrase("part-trouble", part=part.name, error=part.trouble)
        for relay in self.parts.relays:
            if relay.sink.name in self.behind:
                seconds = round(relay.behind.total_seconds())
                yield phrase("part-behind", part=relay.sink.name, behind_s=seconds)
        for feed in self.parts.standbys:
            if feed.trouble:
                yield phrase("part-trouble", part="standby", error=feed.trouble)

    def refused(self, event: MonitorSinkRefused) -> None:
        """Count an entry that a sink refused, and report it unless that sink's refusals were reported recently."""
        self._pipeline.metrics.readers.refused.labels(event.sink).inc()
        reported_at = self._reported_at.get(event.sink)
        if reported_at is None or event.at - reported_at >= REPORT_REFUSALS_EVERY:
            self._reported_at[event.sink] = event.at
            self._pipeline.notice(event)

    def check_reached(self) -> None:
        """Report each sink that can't be reached any more, or can be reached again."""
        now = self._clock.now()
        for part in self.parts:
            is_reached = self._is_reached.get(part.name)
            if part.trouble and is_reached is not False:
                self._is_reached[part.name] = False
                why = part.trouble
                self._pipeline.notice(
                    MonitorSinkAway(
                        at=now,
                        sink=part.name,
                        reason=plain(why),
                        phrase=why if isinstance(why, Phrase) else None,
                    )
                )
            elif part.reached and not part.trouble and not is_reached:
                self._is_reached[part.name] = True
                self._pipeline.notice(MonitorSinkBack(at=now, sink=part.name))

    def check_lag(self) -> None:
        """Report each sink that is behind, or has caught up."""
        now, limit = self._clock.now(), BEHIND * self._clock.speed
        for relay in self.parts.relays:
            name, behind = relay.sink.name, relay.behind
            if behind > limit and name not in self.behind:
                self.behind.add(name)
                seconds = behind.total_seconds()
                self._pipeline.notice(MonitorSinkBehind(at=now, sink=name, behind_s=seconds))
            elif name in self.behind and behind < limit / 2:
                self.behind.remove(name)
                self._pipeline.notice(MonitorSinkCaughtUp(at=now, sink=name))
