"""A delivery over a real journal, to the servers of a test."""

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
from monitor.core.rules.model import RuleBook
from monitor.core.transitions import PageOrdered
from monitor.journal import Journal, OutboxPage, Written
from monitor.roster import Channel as Row
from monitor.rules.read import load
from monitor.runtime.metrics import Metrics
from monitor.sinks.notify import Delivery, NotifySink, Terms
from monitor.texts import Author
from tests.support.servers import eventually

AT = datetime(2026, 1, 3, 7, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@cache
def book() -> RuleBook:
    """The rules of the repository over the venue of their tests."""
    rules = load(Path(__file__).parents[2] / "rules")
    return rules.book(rules.trial_venue)


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
    """A page about it to somebody."""
    told: dict[str, object] = {"kind": "raised", "reason": "on call", "alerts": (alert(),)}
    return PageOrdered(at=AT, id=own, person=person, **(told | fields))  # type: ignore[arg-type]


def row(name: str, url: str, *, seconds: float = 5, per_minute: int = 600) -> Row:
    """A channel of somebody."""
    timeout = timedelta(seconds=seconds)
    return Row(name=name, url=Secret(url), timeout=timeout, per_minute=per_minute)


class Stand:
    """The sink and the delivery behind it."""

    noticed: list[Noticed]

    def __init__(self, journal: Journal, terms: Terms, **channels: list[Row]) -> None:
        self.journal = journal
        self.channels = channels
        self.noticed = []
        self.alerts = {"a1": alert()}
        """How things stand now."""
        people = {own: Person(id=own, name=own.title()) for own in channels}
        self.delivery = Delivery(
            journal.outbox,
            Author(book, lambda: people, lambda own, person: f"https://m.example/a/{own}.{person}"),
            lambda: self.channels,
            standing=self.standing,
            notice=self.noticed.append,
            now=lambda: AT + SECOND,
            metrics=Metrics(),
            rng=Random(1),
            terms=terms,
        )
        self.sink = NotifySink(journal.outbox, self.delivery)

    def standing(self, own: str) -> Alert | None:
        """How an alert stands now."""
        return self.alerts.get(own)

    async def order(self, *pages: PageOrdered) -> None:
        """What the relay brings."""
        await self.sink.take([Written(n, 0, each) for n, each in enumerate(pages, 1)])

    def record(self, own: str = "p1") -> OutboxPage:
        """What stands in the outbox about a page."""
        return next(each for each in self.journal.outbox.latest(1000) if each.page.id == own)

    async def until(self, state: str, own: str = "p1") -> OutboxPage:
        """Waits for what becomes of a page."""
        await eventually(lambda: self.record(own).state == state)
        return self.record(own)

    def results(self, own: str = "p1") -> list[tuple[str, str]]:
        """The attempts to deliver a page: channel and result."""
        return [(each.channel, each.result) for each in self.record(own).attempts]

    def kinds(self) -> list[str]:
        """What was noticed."""
        return [str(each.__struct_config__.tag) for each in self.noticed]


@asynccontextmanager
async def delivering(
    path: Path, terms: Terms | None = None, **channels: list[Row]
) -> AsyncIterator[Stand]:
    """A delivery that runs, over a journal at `path`."""
    with Journal(path) as journal:
        stand = Stand(journal, terms or Terms(), **channels)
        task = asyncio.create_task(stand.delivery.run())
        try:
            yield stand
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
