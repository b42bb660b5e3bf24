"""The state of `distinct`, `sequence`, `sum` and ``keep_firing_for``: restarts and disorder change nothing."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
from monitor.core.events.door import DoorClosed, DoorLocked, DoorOpened, DoorUnlocked
from monitor.core.events.zone import ZoneCount
from monitor.core.inputs import Arrival, Input, RulesChanged, Tick
from monitor.core.rules.model import Distinct, Hold, Sequence, Sum
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged
from monitor.texts import ENGLISH
from tests.support.engine import LATENESS, START, TOLERANCE, at, on, rule, rule_set

RULE_SET = rule_set(
    rule(
        id="distinct",
        distinct=Distinct(
            of=on("door.opened", "door.closed"),
            field="device",
            at_least=2,
            within=timedelta(seconds=9),
        ),
    ),
    rule(
        id="sequence",
        sequence=Sequence(
            steps=(on("door.opened"), on("door.closed"), on("door.locked")),
            within=timedelta(seconds=15),
        ),
    ),
    rule(
        id="time",
        sum=Sum(
            start=on("door.unlocked"),
            end=on("door.locked"),
            above="10s",
            within=timedelta(seconds=30),
        ),
    ),
    rule(
        id="quantity",
        by="zone",
        sum=Sum(of=on("zone.count"), value="count", above=10.0, within=timedelta(seconds=20)),
    ),
    rule(
        id="kept",
        hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="4s"),
        keep_firing_for=timedelta(seconds=6),
    ),
)
DOORS = (DoorOpened, DoorClosed, DoorLocked, DoorUnlocked)


def numbered_event(seconds: int, kind: int, number: int) -> ReceivedEvent:
    """One event; no two events have the same time."""
    if kind == len(DOORS):
        return ZoneCount(at=at(seconds), zone="hall", count=number)
    return DOORS[kind](at=at(seconds), point="d1", device=f"r{number % 3}")


HISTORIES = st.lists(
    st.builds(numbered_event, st.integers(1, 90), st.integers(0, len(DOORS)), st.integers(0, 8)),
    max_size=25,
    unique_by=lambda row: row.at,
).map(lambda rows: sorted(rows, key=lambda row: row.at))


def outcome(
    arrivals: list[tuple[float, ReceivedEvent]], *, restarts: bool = False
) -> list[tuple[object, ...]]:
    """The changes of all alerts, without the times at which the monitor recorded them."""
    engine = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
    inputs: list[Input] = [
        Arrival(received_at=at(t), source="test", events=(row,)) for t, row in arrivals
    ]
    seen = engine.step(RulesChanged(received_at=START, who="test", rule_set=RULE_SET))
    inputs += [Tick(received_at=at(100 + row)) for row in range(0, 200, 7)]
    for taken in inputs:
        if restarts:
            state = snapshot.decode(snapshot.encode(engine.state))
            engine = Engine(state, lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
        seen += engine.step(taken)
    return sorted(
        (row.alert.rule, row.alert.last_at, str(row.change), row.alert.cleared_at or START)
        for row in seen
        if isinstance(row, AlertChanged)
    )


@given(HISTORIES)
def test_a_restart_anywhere_changes_nothing(history: list[ReceivedEvent]) -> None:
    """The alerts stay the same if a snapshot is written and read again between any two inputs."""
    arrivals = [((row.at - START).total_seconds(), row) for row in history]

    assert outcome(arrivals, restarts=True) == outcome(arrivals)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_disorder_within_the_lateness_changes_nothing(
    history: list[ReceivedEvent], chance: object
) -> None:
    """Events that are up to two seconds slower than others are still in order."""
    inorder = [((row.at - START).total_seconds(), row) for row in history]
    shaken = [(t + chance.random() * 1.9, row) for t, row in inorder]  # type: ignore[attr-defined]

    assert outcome(sorted(shaken, key=lambda row: row[0])) == outcome(inorder)
