"""A pipeline whose alerts go to Alertmanager, on the machine's clock, since Alertmanager has no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from msgspec.structs import replace

from monitor.config.outward import Alertmanager
from monitor.core.alert import Alert
from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.sinks.alertmanager import AlertmanagerSink
from monitor.sinks.relay import Relay
from tests.support.pipeline import PipelineHarness, event_payload, trial_rule_set

RESEND, HOLD = timedelta(seconds=0.3), timedelta(seconds=3)
"""As short as a test wants it; ten times the period, since the machine may be busy."""


def now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class Outward(PipelineHarness):
    """A pipeline that can send to Alertmanagers."""

    def __init__(self, path: Path) -> None:
        rule_set = trial_rule_set()
        congress = replace(rule_set.venue.congress, languages=("en", "vi"))
        rules = tuple(
            replace(rule, titles={"vi": "Cửa {point} bị phá"}) if rule.id == "door-tamper" else rule
            for rule in rule_set.rules
        )
        rule_set = replace(rule_set, rules=rules, venue=replace(rule_set.venue, congress=congress))
        # Behind the machine's time: what happens here must not be in Alertmanager's future.
        super().__init__(path, now=now() - timedelta(minutes=10), rule_set=rule_set)
        self.relays: list[Relay] = []
        self.refused = list[MonitorSinkRefused]()

    def happen(self, where: str, kind: str, **fields: object) -> None:
        """Process one event that happens now, and what follows from it."""
        self.take(
            self.sent(f"venue/centre/{where}", event_payload(kind, self.clock.time, **fields))
        )
        self.wait(3)
        for relay in self.relays:
            relay.wake_up.set()

    def tamper(self, point: str = "d1", *, active: bool = True) -> None:
        """A person tampers with a door's hardware."""
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
    async def relaying(self, *urls: str, silent: bool = False) -> AsyncIterator[list[Relay]]:
        """Relays to these peers; at the end they are stopped as by a crash."""
        settings = Alertmanager(urls=urls, resend=RESEND, hold=HOLD, silent=silent)
        sinks = [
            AlertmanagerSink(
                url,
                settings,
                self.journal,
                rule_set=lambda: self.engine.state.rule_set,
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
