"""The index of what `hold` rules hold finds what a look at every key finds, in the same order."""

from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.engine.held import IDLE, Held
from monitor.core.inputs import Input
from monitor.core.rules.model import Hold
from monitor.core.state.operators import HoldState
from monitor.core.transitions import Transition
from tests.support.engine import EngineHarness, fact, on, rule, rule_set
from tests.support.histories import POINTS, Fields, kinds, made_event, new, run, runs

FREE = fact("free", "point", set=on("door.unlocked"), clear=on("door.locked"))
ALARM = fact(
    "alarm",
    "zone",
    set=on("door.tamper", where="active"),
    clear=on("door.tamper", where="not active"),
)
OPEN = rule(
    hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"),
    while_=("not free", "not alarm"),
)
"""Its facts have two keys: that of the rule, and one that all doors of a zone share."""
DOORS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.0, 10.0, 31.0]),
        kinds("door.opened", "door.closed", "door.opened", point=POINTS)
        | kinds("door.locked", "door.unlocked", point=POINTS)
        | kinds("door.tamper", point=POINTS, active=st.booleans()),
    ),
    max_size=40,
)
indexed = Held.depending_on


def scanned(held: Held, fact_id: str, fact_key: str) -> list[tuple[str, HoldState]]:
    """What depends on a fact, found by a look at every key; the index has to agree."""
    place_of = held.place_of
    found = [
        (key, row)
        for key, row in held.keys.items()
        if isinstance(row, HoldState)
        and any(
            guard.fact == fact_id and guard.whose(row.event, place_of(row.event)) == fact_key
            for guard in held.compiled.guards
        )
    ]
    assert indexed(held, fact_id, fact_key) == found
    return found


def played(story: Sequence[tuple[float, Fields]]) -> list[Transition]:
    """What follows from events at doors."""
    harness, seconds = EngineHarness(rule_set(OPEN, FREE, ALARM)), 0.0
    for gap, fields in story:
        seconds += gap
        harness.tick(seconds)
        harness.receive(made_event(fields, seconds))
    harness.tick(seconds + 100)
    return harness.seen


@given(DOORS, st.sampled_from([0, IDLE]))
def test_doors_that_begin_and_end_in_any_order(
    story: list[tuple[float, Fields]], idle: int
) -> None:
    """While doors open, close and open again, the index follows, and where it was dropped it is made anew."""
    seen = played(story)
    with (
        patch.object(Held, "depending_on", scanned),
        patch("monitor.core.engine.held.IDLE", idle),
    ):
        assert played(story) == seen


@given(runs(size=15))
def test_any_history_has_the_same_transitions(inputs: list[Input]) -> None:
    """With the shipped rules, and changes of rules, restarts and steps of the clock in between."""
    seen = run(new(), inputs)
    with patch.object(Held, "depending_on", scanned):
        assert run(new(), inputs) == seen


@pytest.mark.interpreted
def test_the_fact_of_a_zone_concerns_all_its_doors_in_the_order_in_which_they_opened() -> None:
    """One that has closed meanwhile is the last when it opens again, and one whose hold is over isn't concerned."""
    asked: list[list[str]] = []

    def noted(held: Held, fact_id: str, fact_key: str) -> list[tuple[str, HoldState]]:
        found = scanned(held, fact_id, fact_key)
        asked.append([key for key, _ in found])
        return found

    def at_door(kind: str, point: str, **fields: bool) -> Fields:
        return {"type": kind, "point": point, **fields}

    opened = [at_door("door.opened", point) for point in ("d1", "d2", "e1")]
    shaken, calm = (at_door("door.tamper", "d1", active=active) for active in (True, False))
    again = [at_door("door.closed", "d1"), opened[0]]
    closed = [at_door("door.closed", "e1")]
    story = [*opened, shaken, *again, calm, *closed, shaken]
    with patch.object(Held, "depending_on", noted):
        played([(1.0, fields) for fields in story])
    assert asked == [["d1", "e1"], ["e1", "d1"], ["d1"]]
