"""The durable line without a broker: engine, journal and pipeline on a clock that the test sets."""

import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.adapters import Translator
from monitor.adapters.adapter import Adapter
from monitor.core.inputs import RulesChanged, Tick
from monitor.core.rules.model import RuleBook
from monitor.core.venue.places import Places
from monitor.ingest.pipeline import Pipeline, recover
from monitor.journal import Journal
from monitor.mqtt import Message
from monitor.rules.read import load
from monitor.runtime.metrics import Metrics
from monitor.venue import load as load_venue

ROOT = Path(__file__).parent.parent.parent
START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LATENESS = TOLERANCE = timedelta(seconds=2)


@cache
def trial_book() -> RuleBook:
    """The rules of the repository over the small venue of their tests."""
    rules = load(ROOT / "rules")
    return rules.book(rules.trial_venue)


@cache
def _places() -> Places:
    return Places(load_venue(ROOT / "venue.toml"))


def site_of(fields: Mapping[str, object]) -> str:
    """The site of the repository's venue at which an event with these fields happens: there it is believed."""
    places = _places()
    for name in ("point", "zone", "device"):
        place = getattr(places, f"{name}s").get(fields.get(name))
        if place is not None:
            return str(place.site)
    return "hall"


class HandClock:
    """Stands still until somebody moves it."""

    speed = 1.0

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        """What it shows."""
        return self.time

    async def sleep_until(self, t: datetime) -> None:
        """Moves on at once."""
        self.time = max(self.time, t)


class Line:
    """The line over a journal at ``path``, as it is after a start: recovered, and with the rules in force."""

    def __init__(
        self,
        path: Path,
        *,
        now: datetime = START,
        book: RuleBook | None = None,
        routes: Iterable[tuple[str, Adapter]] = (),
        snapshot_every: timedelta = timedelta(seconds=30),
    ) -> None:
        self.journal = Journal(path)
        self.clock = HandClock(now)
        self.engine, self.replayed = recover(self.journal, lateness=LATENESS, tolerance=TOLERANCE)
        self.rings = 0
        """How often the relays were told that something follows."""
        self.metrics = Metrics()
        self.pipeline = Pipeline(
            self.engine,
            self.journal,
            Translator(list(routes)),
            self.clock,
            self.metrics,
            snapshot_every=snapshot_every,
            on_commit=self._ring,
        )
        book = book or trial_book()
        if self.engine.state.book != book:
            self.pipeline.submit(RulesChanged(received_at=now, who="test", book=book))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.journal.close()

    def sent(self, topic: str, payload: bytes, *, retained: bool = False) -> Message:
        """A message that arrives now."""
        return Message(topic, payload, retained, self.clock.time)

    def take(self, *messages: Message) -> None:
        """Takes them in as one batch."""
        self.pipeline.take(messages)

    def wait(self, seconds: float) -> None:
        """Lets the time go by, with a tick whenever something is due."""
        end = self.clock.time + timedelta(seconds=seconds)
        while (due := self.engine.deadline) is not None and due <= end:
            self.clock.time = max(due, self.clock.time)
            self.pipeline.tick(Tick(received_at=self.clock.time))
        self.clock.time = end

    def open_alerts(self) -> dict[str, str]:
        """The open alerts of the journal: key and condition by rule."""
        return {alert.rule: f"{alert.key} {alert.condition}" for alert in self.journal.alerts()}

    def _ring(self) -> None:
        self.rings += 1


def said(kind: str, at: datetime, **fields: object) -> bytes:
    """The payload of one of our own events."""
    return json.dumps({"type": kind, "at": at.isoformat(), **fields}).encode()


def left_by_a_kill(path: Path, target: Path) -> Path:
    """Copies a journal that is in use as a killed process would leave it: what is committed, nothing tidied up."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copy(source, target.with_name(target.name + suffix))
    return target
