"""A durable pipeline without a broker: engine, journal and pipeline on a clock that the test sets."""

import json
import shutil
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Self

from monitor.adapters import Translator
from monitor.adapters.adapter import Adapter
from monitor.core.inputs import RulesChanged, Tick
from monitor.core.rules.model import RuleSet
from monitor.core.venue.places import Places
from monitor.ingest.pipeline import Pipeline
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from monitor.mqtt import Message
from monitor.rules.read import load
from monitor.runtime.clock import HostTime
from monitor.runtime.metrics import Metrics
from monitor.venue import load as load_venue

ROOT = Path(__file__).parent.parent.parent
START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LATENESS = TOLERANCE = timedelta(seconds=2)


@cache
def trial_rule_set() -> RuleSet:
    """Return the repository's rules for the small venue of their tests."""
    rules = load(ROOT / "rules")
    return rules.rule_set(rules.test_venue)


@cache
def _places() -> Places:
    return Places(load_venue(ROOT / "venue.toml"))


def site_of(fields: Mapping[str, object]) -> str:
    """Return the site of the repository's venue whose topics an event with these fields is accepted on."""
    places = _places()
    for name in ("point", "zone", "device"):
        place = getattr(places, f"{name}s").get(fields.get(name))
        if place is not None:
            return str(place.site)
    return "hall"


class ManualClock:
    """A clock that stands still until the test moves it."""

    speed = 1.0

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        """Return its time."""
        return self.time

    def host_time(self) -> HostTime:
        """Return clocks that agree with its time."""
        seconds = self.time.timestamp()
        return HostTime(seconds, seconds, seconds)

    async def sleep_until(self, t: datetime) -> None:
        """Move to this time at once."""
        self.time = max(self.time, t)


class Anybody:
    """Senders of whom each is named: whom a deployment names is another test's subject."""

    def __contains__(self, _: object) -> bool:
        return True


class PipelineHarness:
    """A pipeline over the journal at ``path`` as after a start: recovered, with the rules in force."""

    def __init__(
        self,
        path: Path,
        *,
        now: datetime = START,
        rule_set: RuleSet | None = None,
        routes: Iterable[tuple[str, Adapter]] = (),
        snapshot_every: timedelta = timedelta(seconds=30),
        staff_senders: Container[str] = Anybody(),
    ) -> None:
        self.journal = Journal(path)
        self.clock = ManualClock(now)
        self.engine, self.replayed = recover(self.journal, lateness=LATENESS, tolerance=TOLERANCE)
        self.commits = 0
        """How often the pipeline reported a commit."""
        self.metrics = Metrics()
        self.pipeline = Pipeline(
            self.engine,
            self.journal,
            Translator(list(routes)),
            self.clock,
            self.metrics,
            snapshot_every=snapshot_every,
            on_commit=self._count_commit,
            staff_senders=staff_senders,
        )
        rule_set = rule_set or trial_rule_set()
        if self.engine.state.rule_set != rule_set:
            self.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=rule_set))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()

    def sent(self, topic: str, payload: bytes, *, retained: bool = False) -> Message:
        """Return a message that arrives now."""
        return Message(topic, payload, retained, self.clock.time)

    def take(self, *messages: Message) -> None:
        """Process messages as one batch."""
        self.pipeline.take(messages)

    def wait(self, seconds: float) -> None:
        """Advance the clock, with a tick whenever something is due."""
        end = self.clock.time + timedelta(seconds=seconds)
        while (due := self.engine.deadline) is not None and due <= end:
            self.clock.time = max(due, self.clock.time)
            self.pipeline.tick(Tick(received_at=self.clock.time))
        self.clock.time = end

    def open_alerts(self) -> dict[str, str]:
        """Return the open alerts of the journal: key and condition by rule."""
        return {alert.rule: f"{alert.key} {alert.condition}" for alert in self.journal.alerts()}

    def _count_commit(self) -> None:
        self.commits += 1


def event_payload(kind: str, at: datetime, **fields: object) -> bytes:
    """Return the payload of one of our own events."""
    return json.dumps({"type": kind, "at": at.isoformat(), **fields}).encode()


def copy_as_killed(path: Path, target: Path) -> Path:
    """Copy a journal that is in use, as a killed process would leave it: with what is committed, and nothing closed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copy(source, target.with_name(target.name + suffix))
    return target
