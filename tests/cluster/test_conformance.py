"""A site of the cluster does what one machine does: the same messages give the same transitions."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, Self

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.adapters import Translator
from monitor.cluster.journal_import import snapshot_of, state_of
from monitor.cluster.log import LogWriter
from monitor.cluster.out_reader import OutReader
from monitor.cluster.records import (
    Imported,
    LoggedInput,
    Outcome,
    RosterNamed,
    RulesNamed,
    decode_logged,
    decode_outcome,
    encode,
)
from monitor.cluster.site import Site
from monitor.core.alert import Alert
from monitor.core.decode import topic_of
from monitor.core.engine.engine import Engine
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.transitions import AlertChanged, Transition
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from monitor.mqtt import Message
from tests.support.cluster import SETTINGS, Contents
from tests.support.engine import LATENESS, RULE_SET, TOLERANCE
from tests.support.histories import runs
from tests.support.pipeline import START, Anybody, PipelineHarness, copy_as_killed

SITE = "trial"


class Host(Protocol):
    """What runs the core for one site."""

    def take(self, message: Message) -> None:
        """Process a message as it comes from the broker."""

    def submit(self, given: Input) -> None:
        """Process an input of the monitor itself."""

    def tick(self, now: datetime) -> None:
        """Advance the time."""

    def crash(self) -> None:
        """Lose what is in memory, and start again."""

    def transitions(self) -> list[Transition]:
        """Return everything that has followed so far."""


class OneMachine:
    """The pipeline over a journal on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._crashes = 0
        self._line = PipelineHarness(folder / "0.db", rule_set=RULE_SET)

    def take(self, message: Message) -> None:
        """Process a message."""
        self._line.clock.time = message.received_at
        self._line.take(message)

    def submit(self, given: Input) -> None:
        """Process an input of the monitor itself."""
        self._line.clock.time = given.received_at
        self._line.pipeline.submit(given)

    def tick(self, now: datetime) -> None:
        """Advance the time."""
        self._line.clock.time = now
        self._line.pipeline.tick(Tick(received_at=now))

    def crash(self) -> None:
        """Lose what is in memory, and start again."""
        before = self._line
        self._crashes += 1
        name = f"{self._crashes}.db"
        path = copy_as_killed(before.journal.path, self._folder / name)
        now, rule_set = before.clock.time, before.engine.state.rule_set
        before.journal.close()
        self._line = PipelineHarness(path, now=now, rule_set=rule_set)

    def transitions(self) -> list[Transition]:
        """Return everything that has followed so far."""
        return [row.transition for row in self._line.journal.transitions(0, 1_000_000)]

    def knows(self, message: Message) -> bool:
        """Return whether it has taken in a message."""
        (entry,) = LogWriter(SITE, Translator([]), Anybody()).message(message, message.received_at)
        return bool(self.journal.seen([entry.id]))

    @property
    def journal(self) -> Journal:
        """What it has written."""
        return self._line.journal

    @property
    def engine(self) -> Engine:
        """What it remembers."""
        return self._line.engine

    def close(self) -> None:
        """Close the journal."""
        self._line.journal.close()


class OneSite:
    """A site as the job keeps it: a snapshot, the records since, and what went out."""

    def __init__(self, every: int) -> None:
        self.contents = Contents()
        self._writer = LogWriter(SITE, Translator([]), Anybody())
        self._every = every
        self._site = Site(SITE, SETTINGS, self.contents)
        self._snapshot = self._site.snapshot()
        self._since: list[bytes] = []
        self.out: list[Outcome] = []
        self.submit(RulesChanged(received_at=START, who="test", rule_set=RULE_SET))

    @classmethod
    def imported(cls, machine: OneMachine) -> Self:
        """Return a site that begins where a machine has stopped."""
        host = cls(1000)
        journal = machine.journal
        rule_set = state_of(journal, SETTINGS).rule_set
        rules = host.contents.put(rule_set)
        body = snapshot_of(journal, rules, SETTINGS, host.contents)
        record = Imported(received_at=START, who="test", digest=host.contents.put(body))
        host._site = Site(SITE, SETTINGS, host.contents)
        host._snapshot, host._since, host.out = host._site.snapshot(), [], []
        host._enter(LoggedInput(site=SITE, received_at=START, input=record))
        return host

    def take(self, message: Message) -> None:
        """Process a message."""
        for entry in self._writer.message(message, message.received_at):
            self._enter(entry)

    def submit(self, given: Input) -> None:
        """Process an input of the monitor itself."""
        at = given.received_at
        match given:
            case RulesChanged(who=who, rule_set=rule_set, diff=diff):
                digest = self.contents.put(rule_set)
                named = RulesNamed(received_at=at, who=who, digest=digest, diff=diff)
                self._enter(LoggedInput(site=SITE, received_at=at, input=named))
            case RosterChanged(who=who, roster=roster, diff=diff):
                digest = "" if roster is None else self.contents.put(roster)
                changed = RosterNamed(received_at=at, who=who, digest=digest, diff=diff)
                self._enter(LoggedInput(site=SITE, received_at=at, input=changed))
            case Arrival() | Rejected():
                raise AssertionError
            case Notice() | Tick():
                self._enter(LoggedInput(site=SITE, received_at=at, input=given))

    def tick(self, now: datetime) -> None:
        """Advance the time."""
        outcome = self._site.tick(now)
        if outcome is not None:
            self._since.append(encode(outcome.entry))
            self._put_out([outcome])

    def crash(self) -> None:
        """Lose what is in memory, and start again."""
        self._site = Site.from_snapshot(self._snapshot, SETTINGS, self.contents)
        for record in self._since:
            self._site.take(decode_logged(record))

    def transitions(self) -> list[Transition]:
        """Return everything that has followed so far."""
        return [row for outcome in self.out for row in outcome.transitions]

    def _enter(self, entry: LoggedInput) -> None:
        record = encode(entry)
        self._put_out(self._site.take(decode_logged(record)))
        self._since.append(record)
        if len(self._since) >= self._every:
            self._snapshot, self._since = self._site.snapshot(), []

    def _put_out(self, outcomes: Sequence[Outcome]) -> None:
        self.out += [decode_outcome(encode(outcome)) for outcome in outcomes]


def message_of(given: Arrival | Rejected) -> Message:
    """The message of which an input was made."""
    match given:
        case Arrival(events=(event,)):
            topic, payload = topic_of(event, "centre"), msgspec.json.encode(event)
            return Message(topic, payload, given.retained, given.received_at)
        case _:
            return Message(given.source, b"{", retained=False, received_at=given.received_at)


def play(host: Host, history: Sequence[Input], crashes: set[int], again: set[int]) -> None:
    """Have a host process a history, with a crash after some inputs and some messages twice."""
    for place, row in enumerate(history):
        match row:
            case Arrival() | Rejected():
                message = message_of(row)
                host.take(message)
                if place in again:
                    host.take(message)
            case Tick(received_at=now):
                host.tick(now)
            case _:
                host.submit(row)
        if place in crashes:
            host.crash()


def keys_of(seen: Sequence[Transition]) -> list[tuple[str, str, str, int]]:
    """By what the two hosts are compared: site, change, alert and occurrences."""
    return [
        (SITE, row.change.value, row.alert.id, row.alert.occurrences)
        for row in seen
        if isinstance(row, AlertChanged)
    ]


def by_id(alerts: Sequence[Alert]) -> Sequence[Alert]:
    """Alerts in one order: those of one instant come in any."""
    return sorted(alerts, key=lambda row: row.id)


PLACES = st.sets(st.integers(0, 80), max_size=6)


@given(runs(), PLACES, PLACES, st.sampled_from([1, 3, 1000]))
@settings(max_examples=settings().max_examples // 4)
def test_the_same_on_one_machine_and_in_the_cluster(
    history: list[Input], crashes: set[int], again: set[int], every: int
) -> None:
    """Crashes, repetitions, ticks, other rules and rosters: the transitions are the same, in the same order."""
    site = OneSite(every)
    play(site, history[1:], crashes, again)
    with tempfile.TemporaryDirectory() as folder:
        machine = OneMachine(Path(folder))
        with closing(machine):
            play(machine, history[1:], crashes, again)
            expected = machine.transitions()
            alerts, places = by_id(machine.journal.alerts()), machine.journal.zones()
        with Journal(Path(folder) / "reader.db") as journal:
            engine, _ = recover(journal, lateness=LATENESS, tolerance=TOLERANCE)
            read = OutReader(journal, site.contents, engine)
            half = len(site.out) // 2
            assert read.take(site.out[:half]) == half
            assert read.take(site.out) == len(site.out) - half
            assert [row.transition for row in journal.transitions(0, 1_000_000)] == expected
            assert (by_id(journal.alerts()), journal.zones()) == (alerts, places)
            # What the reader's console shows is what the machine remembers, and the same follows from it.
            assert engine.state.alerts.open == machine.engine.state.alerts.open
            later = Tick(received_at=machine.engine.state.time.now + timedelta(hours=1))
            assert engine.step(later) == machine.engine.step(later)
            assert engine.state.alerts == machine.engine.state.alerts

    assert keys_of(site.transitions()) == keys_of(expected)
    assert [*map(msgspec.json.encode, site.transitions())] == [*map(msgspec.json.encode, expected)]
    assert [row.n for row in site.out] == [*range(1, len(site.out) + 1)]


@given(runs(), PLACES, st.integers(0, 30))
@settings(max_examples=settings().max_examples // 5)
def test_a_site_continues_where_its_machine_stopped(
    history: list[Input], again: set[int], place: int
) -> None:
    """Brought over anywhere, with open alerts, timers and pages: what follows is what would have followed."""
    first, rest = history[1 : place + 1], history[place + 1 :]
    with tempfile.TemporaryDirectory() as folder, closing(OneMachine(Path(folder))) as machine:
        play(machine, first, set(), again)
        before, seq = len(machine.transitions()), machine.journal.seq
        site = OneSite.imported(machine)
        for message in (message_of(row) for row in first if isinstance(row, Arrival)):
            if machine.knows(message):
                site.take(message)
        assert site.transitions() == []
        assert [row.n for row in site.out] == [seq + 1]
        play(machine, rest, set(), again)
        play(site, rest, {0, 3}, again)
        expected = machine.transitions()[before:]

    assert [*map(msgspec.json.encode, site.transitions())] == [*map(msgspec.json.encode, expected)]
