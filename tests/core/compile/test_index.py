"""The index: only rules that an event can fit are asked, and nothing comes out otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.compile.compiled_rules import Ruleset
from monitor.core.compile.index import Candidates, any_of, needed
from monitor.core.events import AnyEvent
from monitor.core.events.access import AccessDenied
from monitor.core.events.door import DoorOpened
from monitor.core.rules.model import Match, RuleBook
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
    """A refusal."""
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
def test_those_who_fit_are_the_same_in_the_same_order(
    wheres: list[list[str]], said: AnyEvent, place: Place
) -> None:
    """With the index and without: any rules, any event."""
    rules = tuple(
        rule(id=f"r{number}", match=Match(of=tuple(on("access.denied", where=row) for row in rows)))
        for number, rows in enumerate(wheres)
    )
    told = []
    for indexed in (True, False):
        ruleset = Ruleset(RuleBook(rules=rules, venue=VENUE), lambda: at(0), indexed=indexed)
        candidates = ruleset.on_arrival.get(AccessDenied)
        asked = () if candidates is None else candidates.of(said, place)
        told.append(
            [row.runner.rule.id for row in asked if row.fits is None or row.fits(said, place)]
        )

    assert told[0] == told[1]


def test_cost_follows_candidates() -> None:
    """Of a hundred rules for a hundred doors, and one for all of them, two are asked."""
    rows = [(needed(f'point == "d{row}"', "door.opened"), row) for row in range(100)]
    found = Candidates("door.opened", [*rows, ({}, 100)])

    assert found.field == "point"
    assert found.of(DoorOpened(at=at(0), point="d7"), NOWHERE) == [7, 100]
    assert found.of(DoorOpened(at=at(0), point="x"), NOWHERE) == [100]
    assert found.most == 2


def test_the_field_with_the_most_texts_is_taken() -> None:
    """Zones tell more rules apart than the direction does."""
    wheres = [
        f'direction == "{way}" and zone == "z{row}"' for row in range(5) for way in ("in", "out")
    ]
    rows = [(needed(where, "access.denied"), where) for where in wheres]

    assert Candidates("access.denied", rows).field == "zone"


def test_few_are_asked_without_looking_up() -> None:
    """To look up costs as much as to ask three."""
    rows = [(needed(f'point == "d{row}"', "door.opened"), row) for row in range(3)]

    assert Candidates("door.opened", rows).field == ""


def test_what_an_expression_needs() -> None:
    """Only what has to be so whatever the rest says; lists and macros are looked into."""
    names = Names(lists={"halls": ("hall", "foyer")}, macros={"in_halls": "zone in halls"})

    assert needed("in_halls and controlled", "door.opened", names) == {"zone": {"hall", "foyer"}}
    assert needed('zone == "a" or point == "b"', "door.opened") == {}
    assert needed("count == 3", "zone.count") == {}
    assert any_of(
        [{"zone": frozenset("a"), "point": frozenset("p")}, {"zone": frozenset("b")}]
    ) == {"zone": {"a", "b"}}
    assert any_of([{"zone": frozenset("a")}, {}]) == {}
