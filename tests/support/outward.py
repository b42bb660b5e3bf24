"""A line whose alerts go to Alertmanager: on the machine's clock, since Alertmanager has no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from msgspec.structs import replace

from monitor.config.outward import Alertmanager
from monitor.core.alert import Alert
from monitor.core.events.monitor import MonitorSinkRefused
from monitor.sinks.alertmanager import AlertmanagerSink
from monitor.sinks.relay import Relay
from tests.support.pipeline import Line, said, trial_book

RESEND, HOLD = timedelta(seconds=0.3), timedelta(seconds=3)
"""As short as a test wants it; ten times the period, since the machine may be busy."""


def now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class Outward(Line):
    """A line that can tell Alertmanagers."""

    def __init__(self, path: Path) -> None:
        book = trial_book()
        congress = replace(book.venue.congress, languages=("en", "vi"))
        rules = tuple(
            replace(rule, titles={"vi": "Cửa {point} bị phá"}) if rule.id == "door-tamper" else rule
            for rule in book.rules
        )
        book = replace(book, rules=rules, venue=replace(book.venue, congress=congress))
        # Behind the machine's time: what happens here must not lie ahead of Alertmanager.
        super().__init__(path, now=now() - timedelta(minutes=10), book=book)
        self.relays: list[Relay] = []
        self.refused = list[MonitorSinkRefused]()

    def happen(self, where: str, kind: str, **fields: object) -> None:
        """Takes in one event that happens now, and lets it have its consequences."""
        self.take(self.sent(f"venue/centre/{where}", said(kind, self.clock.time, **fields)))
        self.wait(3)
        for relay in self.relays:
            relay.bell.set()

    def tamper(self, point: str = "d1", *, active: bool = True) -> None:
        """Somebody works at a door's hardware."""
        self.happen(f"door/{point}", "door.tamper", point=point, active=active)

    def alert(self, rule: str) -> Alert:
        """The open alert of a rule."""
        (found,) = (alert for alert in self.journal.alerts() if alert.rule == rule)
        return found

    def close(self, rule: str) -> None:
        """A guard closes an alert."""
        alert = self.alert(rule).id
        self.happen("staff/ann", "staff.close", who="ann", alert=alert, note="mended")

    @asynccontextmanager
    async def telling(self, *urls: str, silent: bool = False) -> AsyncIterator[list[Relay]]:
        """Relays to these peers; at the end they are cut off without a word, as a crash would."""
        settings = Alertmanager(urls=urls, resend=RESEND, hold=HOLD, silent=silent)
        sinks = [
            AlertmanagerSink(
                url,
                settings,
                self.journal,
                book=lambda: self.engine.state.book,
                now=now,
                refuse=self.refused.append,
            )
            for url in urls
        ]
        self.relays = [
            Relay(self.journal, sink, self.refused.append, now, Random(1)) for sink in sinks
        ]
        tasks = [asyncio.create_task(relay.run()) for relay in self.relays]
        try:
            yield self.relays
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for sink in sinks:
                await sink.close()
            self.relays = []
