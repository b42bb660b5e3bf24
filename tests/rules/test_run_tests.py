"""Running the tests of rule files: what they share, and that only those are played again that an edit concerns."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from monitor.core.compile import compiled_rules as compiling
from monitor.core.compile.event_places import EventPlaces
from monitor.core.rules.model import RuleSet
from monitor.core.venue.model import Venue
from monitor.rules import run_tests
from monitor.rules.file import RuleFiles
from monitor.rules.inline_tests import RuleTest, differences
from monitor.rules.run_tests import failures
from tests.support.engine import SHIPPED


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules of the tests that are played, one after the other; none has been played before."""
    found: list[str] = []

    def noted(rule_set: RuleSet, test: RuleTest) -> Iterator[str]:
        found.append(test.rule)
        return differences(rule_set, test)

    monkeypatch.setattr(run_tests, "differences", noted)
    monkeypatch.setattr(run_tests, "_PLAYED", {})
    return found


def few(*ids: str) -> RuleFiles:
    """The shipped rules with these ids, and their tests."""
    rows = zip(SHIPPED.tests, SHIPPED.test_places, strict=True)
    tests, places = zip(*(row for row in rows if row[0].rule in ids), strict=True)
    return replace(
        SHIPPED,
        rules=tuple(row for row in SHIPPED.rules if row.id in ids),
        tests=tests,
        test_places=places,
        rule_places={name: SHIPPED.rule_places[name] for name in ids},
    )


FEW = few("door-forced", "door-held-open", "interlock-both-open")
RULES = [test.rule for test in FEW.tests]


def test_an_edit_plays_only_the_tests_that_it_concerns(played: list[str]) -> None:
    """Another limit of one rule has its own tests played again, and their failures reported as if all had been."""
    assert list(failures(FEW)) == []
    assert played == RULES
    assert list(failures(FEW)) == []
    assert played == RULES

    row = FEW.rules[0]
    edited = replace(FEW, rules=(replace(row, title="Edited"), *FEW.rules[1:]))
    played.clear()
    list(failures(edited))
    assert played == [name for name in RULES if name == row.id]


def test_another_venue_of_the_tests_plays_them_all(played: list[str]) -> None:
    """What a test finds in the venue may decide it."""
    list(failures(FEW))
    played.clear()
    zones = FEW.test_venue.zones
    longer = replace(FEW.test_venue, zones=(replace(zones[0], name="Elsewhere"), *zones[1:]))
    list(failures(replace(FEW, test_venue=longer)))
    assert played == RULES


def test_a_test_that_fails_is_reported_each_time(played: list[str]) -> None:
    """Also if it is known to fail."""
    wrong = replace(FEW.tests[0], expect=("+1s raised nothing",))
    files = replace(FEW, tests=(wrong, *FEW.tests[1:]))
    first = list(failures(files))
    assert [line.partition("\n")[0] for line in first] == [
        f'{FEW.test_places[0]}: rule "{wrong.rule}", test "{wrong.name}" fails:'
    ]
    assert list(failures(files)) == first
    assert played == RULES


@pytest.mark.interpreted
def test_the_places_of_the_venue_are_looked_up_once(
    monkeypatch: pytest.MonkeyPatch, played: list[str]
) -> None:
    """All rules share them, and so do the tests of each."""
    venues: list[Venue] = []

    class Noted(EventPlaces):
        def __init__(self, venue: Venue) -> None:
            venues.append(venue)
            super().__init__(venue)

    monkeypatch.setattr(compiling, "EventPlaces", Noted)
    # Of these titles no other test has compiled any.
    rules = tuple(replace(row, title="Looked up once") for row in FEW.rules)
    list(failures(replace(FEW, rules=rules)))
    assert played == RULES
    assert venues == [FEW.test_venue]
