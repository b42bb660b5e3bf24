"""Delivery over a real journal, to the servers of a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from monitor.config import Secret
from monitor.core.alert import Alert
from monitor.core.events.monitor import Noticed
from monitor.core.roster import Person
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import PageOrdered
from monitor.journal import Journal, OutboxPage, Written
from monitor.roster import ChannelAddress as Row
from monitor.rules.read import load
from monitor.runtime.metrics import Metrics
from monitor.sinks.notify import Delivery, DeliveryLimits, NotifySink
from monitor.texts import PageWriter
from tests.support.servers import eventually

AT = datetime(2026, 1, 3, 7, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@cache
def rule_set() -> RuleSet:
    """The shipped rules with the venue of their tests."""
    rules = load(Path(__file__).parents[2] / "rules")
    return rules.rule_set(rules.test_venue)


def alert(own: str = "a1") -> Alert:
    """A forced door."""
    return Alert(
        id=own,
        rule="gone",
        key=own,
        title=f"door {own} forced",
        severity="critical",
        do="Go and look.",
        point="d1",
        happened_at=AT,
        raised_at=AT,
        last_at=AT,
    )


def page(own: str = "p1", person: str = "anna", **fields: object) -> PageOrdered:
    """A page to a person about the forced door."""
    values: dict[str, object] = {"kind": "raised", "reason": "on call", "alerts": (alert(),)}
    return PageOrdered(at=AT, id=own, person=person, **(values | fields))  # type: ignore[arg-type]


def row(name: str, url: str, *, seconds: float = 5, per_minute: int = 600) -> Row:
    """A channel of a person."""
    timeout = timedelta(seconds=seconds)
    return Row(name=name, url=Secret(url), timeout=timeout, per_minute=per_minute)


class NotifyHarness:
    """The notify sink and its delivery."""

    noticed: list[Noticed]

    def __init__(self, journal: Journal, limits: DeliveryLimits, **channels: list[Row]) -> None:
        self.journal = journal
        self.channels = channels
        self.noticed = []
        self.alerts = {"a1": alert()}
        """The open alerts."""
        people = {own: Person(id=own, name=own.title()) for own in channels}
        self.delivery = Delivery(
            journal.outbox,
            PageWriter(
                rule_set, lambda: people, lambda own, person: f"https://m.example/a/{own}.{person}"
            ),
            lambda: self.channels,
            open_alert=self.open_alert,
            notice=self.noticed.append,
            now=lambda: AT + SECOND,
            metrics=Metrics(),
            rng=Random(1),
            limits=limits,
        )
        self.sink = NotifySink(journal.outbox, self.delivery)

    def open_alert(self, own: str) -> Alert | None:
        """The alert as it is now, if it is open."""
        return self.alerts.get(own)

    async def order(self, *pages: PageOrdered) -> None:
        """Deliver a page to the sink, as the relay does."""
        await self.sink.take([Written(n, 0, each) for n, each in enumerate(pages, 1)])

    def record(self, own: str = "p1") -> OutboxPage:
        """The record of a page in the outbox."""
        return next(each for each in self.journal.outbox.latest(1000) if each.page.id == own)

    async def until(self, state: str, own: str = "p1") -> OutboxPage:
        """Wait until a page has this state."""
        await eventually(lambda: self.record(own).state == state)
        return self.record(own)

    def results(self, own: str = "p1") -> list[tuple[str, str]]:
        """The attempts to deliver a page: channel and result."""
        return [(each.channel, each.result) for each in self.record(own).attempts]

    def kinds(self) -> list[str]:
        """The kinds of the notices."""
        return [str(each.__struct_config__.tag) for each in self.noticed]


@asynccontextmanager
async def delivering(
    path: Path, limits: DeliveryLimits | None = None, **channels: list[Row]
) -> AsyncIterator[NotifyHarness]:
    """A running delivery, over a journal at `path`."""
    with Journal(path) as journal:
        stand = NotifyHarness(journal, limits or DeliveryLimits(), **channels)
        task = asyncio.create_task(stand.delivery.run())
        try:
            yield stand
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
