"""The oracle: a second engine, fed with what the journal holds, and what the day must have come to according to it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.decode import decode, is_output
from monitor.core.engine.engine import Engine
from monitor.core.events.inspection import InspectionApproved
from monitor.core.events.monitor import MonitorClockStepped, MonitorSessionLost
from monitor.core.identity import content_of
from monitor.core.inputs import Arrival, Input, Notice, Rejected
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, PageOrdered, Transition
from monitor.journal import Journal, Written
from monitor.texts import ENGLISH
from tests.simulation.packet import Packet


class Followed(NamedTuple):
    """An input as the journal has it, and what followed from it according to the oracle."""

    seq: int
    input: Input
    transitions: list[Transition]


class Oracle:
    """Follows a journal.

    Args:
        lateness: as in the monitor.

    """

    def __init__(self, lateness: timedelta) -> None:
        self._lateness = lateness
        self.history: dict[tuple[int, int], list[Transition]] = defaultdict(list)
        """Every transition that it has seen, also those that were lost later."""
        self.noticed: set[MonitorClockStepped | MonitorSessionLost] = set()
        """What the monitor has noticed, also what was lost later."""
        self.seq = 0
        self.total = 0
        """How many inputs it has followed, also those that were lost later."""
        self.ordered: dict[str, datetime] = {}
        """When each page was ordered, also those whose order was lost later."""
        self._begin()

    def _begin(self) -> None:
        self.engine = Engine(
            State(), lateness=self._lateness, tolerance=timedelta(seconds=2), wording=ENGLISH
        )
        self.followed: list[Followed] = []
        self.seq = 0
        self._arrived: set[tuple[str, bytes]] = set()
        self._rejected: set[str] = set()
        self._acts: set[tuple[str, str]] = set()

    def begin_again(self) -> None:
        """Forget what was followed: the journal has lost some of it."""
        self._begin()

    def follow(self, journal: Journal) -> Iterator[str]:
        """Process what the journal holds beyond what was followed; yield where it differs."""
        while entries := journal.entries(self.seq):
            for entry in entries:
                given = entry.input()
                expected = self.engine.step(given)
                written = entry.transitions()
                if expected != written:
                    yield f"input {entry.seq} ({_name(given)}): {_difference(expected, written)}"
                self._note(entry.seq, given, written)
                self.seq = entry.seq
                self.total += 1

    def knows(self, packet: Packet) -> bool:
        """Return whether an acknowledged message is in the journal."""
        if is_output(packet.topic):
            return True
        given = decode(packet.topic, packet.payload, self.engine.state.time.now)
        if isinstance(given, Arrival) and (given.source, content_of(given)) in self._arrived:
            return True
        return given.source in self._rejected and _may_be_refused(given)

    def knows_act(self, source: str, key: str) -> bool:
        """Return whether an act of a person in the console is in the journal."""
        return (source, key) in self._acts

    def written(self) -> Iterator[Written]:
        """Yield the transitions of the journal, in order."""
        for row in self.followed:
            for n, transition in enumerate(row.transitions):
                yield Written(row.seq, n, transition)

    def changes(self) -> Iterator[AlertChanged]:
        """Yield what happened to alerts."""
        for row in self.written():
            if isinstance(row.transition, AlertChanged):
                yield row.transition

    def _note(self, seq: int, given: Input, transitions: list[Transition]) -> None:
        self.followed.append(Followed(seq, given, transitions))
        for n, transition in enumerate(transitions):
            if transition not in self.history[seq, n]:
                self.history[seq, n].append(transition)
            if isinstance(transition, PageOrdered):
                self.ordered.setdefault(transition.id, transition.at)
        match given:
            case Arrival():
                self._arrived.add((given.source, content_of(given)))
                self._acts.add((given.source, given.events[0].id))
            case Rejected():
                self._rejected.add(given.source)
            case Notice(event=MonitorClockStepped() | MonitorSessionLost() as event):
                self.noticed.add(event)
            case _:
                pass


def _may_be_refused(given: Arrival | Rejected) -> bool:
    """Return whether it can't be read, or someone acts in it who may have no right to."""
    if isinstance(given, Rejected) or "/staff/" in given.source:
        return True
    return any(isinstance(event, InspectionApproved) for event in given.events)


def _name(given: Input) -> str:
    event = getattr(given, "event", given)
    return type(event).__name__


def _difference(expected: list[Transition], written: list[Transition]) -> str:
    for ours, its in zip(expected, written, strict=False):
        if ours != its:
            return f"expected {_short(ours)}, the journal has {_short(its)}"
    return f"expected {len(expected)} transitions, the journal has {len(written)}"


def _short(transition: Transition) -> str:
    return repr(transition)[:600]
