"""The index: only rules that an event can fit are evaluated, and the results are the same as without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.compile.index import Candidates, any_of, divided, needed
from monitor.core.events import AnyEvent
from monitor.core.events.access import AccessDenied
from monitor.core.events.door import DoorOpened
from monitor.core.rules.expression import compile_expression
from monitor.core.rules.model import Match, RuleSet
from monitor.core.rules.names import Names
from monitor.core.venue.places import NOWHERE, Place
from tests.support.engine import VENUE, at, on, rule

PLACES = (NOWHERE, Place(zone="hall", point="d1"), Place(zone="foyer", point="d2"))
WHERES = st.sampled_from(
    [
        "",
        'zone == "hall"',
        'zone == "foyer" and controlled',
        'zone in ["hall", "foyer"] and zone == "hall"',
        'point == "d1"',
        'point in ["d1", "d2", "d3"] and direction == "in"',
        'not zone == "hall"',
        'zone == "hall" or point == "d2"',
        'reason == "invalid_pin"',
        'reason != "invalid_pin"',
        'zone == "hall" and zone == "foyer"',
        'passage == "in"',
    ]
)


def denied(point: str, reason: str, direction: str) -> AnyEvent:
    """A denied access."""
    return AccessDenied(at=at(0), point=point, reason=reason, direction=direction)  # type: ignore[arg-type]


@given(
    st.lists(st.lists(WHERES, min_size=1, max_size=2), max_size=12),
    st.builds(
        denied,
        st.sampled_from(["d1", "d2", "d9"]),
        st.sampled_from(["invalid_pin", "other"]),
        st.sampled_from(["in", "out"]),
    ),
    st.sampled_from(PLACES),
)
def test_the_index_finds_the_same_rules_in_the_same_order(
    wheres: list[list[str]], event: AnyEvent, place: Place
) -> None:
    """With and without the index, the same rules are found in the same order, for any rules and any event."""
    rules = tuple(
        rule(id=f"r{number}", match=Match(of=tuple(on("access.denied", where=row) for row in rows)))
        for number, rows in enumerate(wheres)
    )
    results = []
    for indexed in (True, False):
        ruleset = CompiledRules(RuleSet(rules=rules, venue=VENUE), indexed=indexed)
        candidates = ruleset.on_arrival.get(AccessDenied)
        asked = () if candidates is None else candidates.of(event, place)
        results.append(
            [row.compiled.rule.id for row in asked if row.fits is None or row.fits(event, place)]
        )

    assert results[0] == results[1]


@given(
    WHERES,
    st.builds(
        denied,
        st.sampled_from(["d1", "d2", "d9"]),
        st.sampled_from(["invalid_pin", "other"]),
        st.sampled_from(["in", "out"]),
    ),
    st.sampled_from(PLACES),
)
def test_the_place_and_the_rest_decide_as_the_whole(
    where: str, event: AnyEvent, place: Place
) -> None:
    """A condition is true exactly where what the place decides is true, and so is the rest."""
    whole, here, rest = (
        row == "" or compile_expression(row, "access.denied")(event, place)
        for row in (where, *divided(where, "access.denied"))
    )

    assert whole is (here and rest)


@pytest.mark.parametrize(
    ("kind", "where", "here", "rest"),
    [
        ("access.taken", "people == 1 and filling and direction == 'in'", "people == 1", None),
        ("access.taken", 'point_kind == "door"', "point_kind == 'door'", ""),
        ("access.taken", 'direction == "in"', "", "direction == 'in'"),
        ("access.taken", 'in_halls and direction == "in"', "zone in ['hall']", None),
        ("access.taken", 'zone == "hall" or direction == "in"', "", None),
        ("access.taken", "", "", ""),
    ],
)
def test_the_place_decides_what_reads_nothing_else(
    kind: str, where: str, here: str, rest: str | None
) -> None:
    """Fields of the event are left to the rest, also within `or`; what is computed comes last."""
    names = Names(lists={"halls": ("hall",)}, macros={"in_halls": "zone in halls"})
    found = divided(where, kind, names)

    assert found[0] == here
    assert rest is None or found[1] == rest
    if "filling" in where:
        assert found[1] == "direction == 'in' and filling"


def test_cost_follows_candidates() -> None:
    """Of a hundred rules for a hundred doors and one rule for all of them, two are evaluated."""
    rows = [(needed(f'point == "d{row}"', "door.opened"), row) for row in range(100)]
    found = Candidates("door.opened", [*rows, ({}, 100)])

    assert found.field == "point"
    assert found.of(DoorOpened(at=at(0), point="d7"), NOWHERE) == [7, 100]
    assert found.of(DoorOpened(at=at(0), point="x"), NOWHERE) == [100]
    assert found.most == 2


def test_the_field_with_the_most_values_is_indexed() -> None:
    """Zones distinguish more rules than the direction does."""
    wheres = [
        f'direction == "{way}" and zone == "z{row}"' for row in range(5) for way in ("in", "out")
    ]
    rows = [(needed(where, "access.denied"), where) for where in wheres]

    assert Candidates("access.denied", rows).field == "zone"


def test_few_rules_are_evaluated_without_a_lookup() -> None:
    """A lookup costs as much as evaluating three rules."""
    rows = [(needed(f'point == "d{row}"', "door.opened"), row) for row in range(3)]

    assert Candidates("door.opened", rows).field == ""


def test_conditions_that_an_expression_requires() -> None:
    """Only what must hold in every case counts; lists and macros are expanded."""
    names = Names(lists={"halls": ("hall", "foyer")}, macros={"in_halls": "zone in halls"})

    assert needed("in_halls and controlled", "door.opened", names) == {"zone": {"hall", "foyer"}}
    assert needed('zone == "a" or point == "b"', "door.opened") == {}
    assert needed("count == 3", "zone.count") == {}
    assert any_of(
        [{"zone": frozenset("a"), "point": frozenset("p")}, {"zone": frozenset("b")}]
    ) == {"zone": {"a", "b"}}
    assert any_of([{"zone": frozenset("a")}, {}]) == {}
