"""`level`: a balance with a limit and a lower mark at which the alert ends."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.events.access import AccessTaken
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.zone import ZoneCount
from monitor.core.operators.level import LevelOperator
from monitor.core.operators.protocol import Fire, OperatorInput, Signal
from monitor.core.rules.model import Level, Rule
from monitor.core.state.time import TimestampedEvent
from tests.support.engine import EngineHarness, at, on, played, rule, rule_set

if TYPE_CHECKING:
    from monitor.core.operators.base import Keys

IN, OUT = (
    on("access.taken", where='direction == "in"'),
    on("access.taken", where='direction == "out"'),
)


def people(above: float | str = 3, **parts: object) -> Rule:
    """People counted in and out of a zone."""
    return rule(by="zone", level=Level(up=IN, down=OUT, above=above, **parts))  # type: ignore[arg-type]


def passages(*directions: str) -> list[str]:
    """Passages, one a second."""
    return [
        f"+{n}s access.taken point=g1 direction={way} id={n}" for n, way in enumerate(directions, 1)
    ]


def test_it_fires_above_and_ends_below() -> None:
    """Without an end mark of its own, the alert ends 5 % below the limit: wavering at the limit is one alert."""
    events = passages("in", "in", "in", "in", "out", "in", "out", "in", "out", "out")

    assert played(people(), events=events) == ["+4s raised foyer", "+10s cleared foyer"]


def test_it_works_before_the_year_2000() -> None:
    """A machine that has lost its clock starts in 1970, and the balance still works."""
    then = datetime(1970, 1, 2, tzinfo=UTC)
    keys: Keys = {}
    operator = LevelOperator(people().level, lambda _: 3, lambda _: None)  # type: ignore[arg-type]
    nowhere = CompiledRules(rule_set(people())).places.nowhere
    event = AccessTaken(at=then, point="g1", direction="in")
    signals: list[Signal] = []
    for n in range(4):
        given = OperatorInput(
            "up", TimestampedEvent(then, n, event), nowhere, lambda _, __: True, then
        )
        signals = list(operator.on_event(keys, "foyer", given))
    assert signals == [Fire(then, event, 4)]


def test_between_the_marks_nothing_changes() -> None:
    """Hysteresis: the alert ends at 1, and is raised again only above 3."""
    events = passages(
        "in", "in", "in", "in", "out", "out", "in", "in", "out", "out", "out", "in", "in", "in"
    )
    expected = ["+4s raised foyer", "+11s cleared foyer", "+14s raised foyer"]

    assert played(people(clear_at=1), events=events) == expected


def test_the_balance_is_never_negative() -> None:
    """A person who left without having been counted in does not make room for another."""
    events = passages("out", "out", "in", "in", "in", "in")

    assert played(people(), events=events) == ["+6s raised foyer"]


def test_an_empty_balance_is_forgotten() -> None:
    """A zone without people takes no memory."""
    harness = EngineHarness(rule_set(people()))
    harness.receive(AccessTaken(at=at(0), point="g1", direction="in"))
    harness.receive(AccessTaken(at=at(1), point="g1", direction="out"))
    harness.tick(10)

    assert harness.engine.state.rules.keys["rule"] == {}


def test_it_may_be_set_to_a_number() -> None:
    """The number comes with the event, the limit from the venue."""
    by_count = rule(
        by="zone", level=Level(set=on("zone.count"), value="count", above="zone.capacity")
    )
    events = [
        f"+{n}s zone.count zone=hall count={count}" for n, count in enumerate((10, 11, 12, 9))
    ]

    assert played(by_count, events=events) == ["+1s raised hall", "+3s cleared hall"]


def test_counting_goes_on_from_a_recount() -> None:
    """A recount corrects the balance, and passages change it."""
    both = people(3, set=on("zone.count"), value="count")
    events = ["+0s zone.count zone=foyer count=3", *passages("in")]

    assert played(both, events=events) == ["+1s raised foyer"]


def test_a_passage_before_the_recount_is_not_counted_again() -> None:
    """A passage before the recount is part of it, even if it arrives later."""
    harness = EngineHarness(rule_set(people(3, set=on("zone.count"), value="count")))
    harness.receive(ZoneCount(at=at(10), zone="foyer", count=3))
    harness.tick(20)
    harness.receive(AccessTaken(at=at(9), point="g1", direction="in"), seconds=20)

    assert harness.changes() == []


def test_an_unknown_limit_is_never_passed() -> None:
    """The zone is not in venue.toml, so its capacity is unknown; the unknown name has its own alert."""
    by_count = rule(
        by="zone", level=Level(set=on("zone.count"), value="count", above="zone.capacity")
    )

    assert played(by_count, events=["+0s zone.count zone=nowhere count=999"]) == []


def test_an_end_mark_that_nobody_knows_is_the_limit() -> None:
    """If the limit is a number and the end mark is unknown to the venue, the alert ends 5 % below the limit."""
    by_count = rule(
        by="zone",
        level=Level(set=on("zone.count"), value="count", above=5, clear_at="zone.capacity"),
    )
    events = ["+0s zone.count zone=x count=6", "+1s zone.count zone=x count=4"]

    assert played(by_count, events=events) == ["+0s raised x", "+1s cleared x"]


def test_an_end_mark_above_the_limit_is_the_limit() -> None:
    """An alert cannot be over and active at once."""
    events = passages(*["in"] * 6)

    assert played(people(clear_at=5), events=events) == ["+4s raised foyer"]


def test_an_event_without_the_number_is_ignored() -> None:
    """An item that was answered without a value leaves the balance as it is."""
    cold = rule(by="checklist", level=Level(set=on("inspection.item"), value="value", above=5))
    harness = EngineHarness(rule_set(cold))
    fields = {"checklist": "check", "inspection": "i1", "item": "cold-store", "result": "fail"}
    for n, value in enumerate((7.5, None, 4.0)):
        harness.receive(InspectionItem(at=at(n), value=value, **fields))  # type: ignore[arg-type]
        harness.tick(n + 0.5)
    harness.tick(10)

    assert harness.changes() == ["raised", "cleared"]
    assert harness.seen[-1].alert.cleared_at == at(2)  # type: ignore[union-attr]


@pytest.mark.parametrize("n", [7, 1_000_007])
def test_the_number_in_the_title_is_whole(n: int) -> None:
    """Numbers of people are whole, even a million of them."""
    titled = rule(
        by="zone",
        title="{zone}: {n} people",
        level=Level(set=on("zone.count"), value="count", above=3),
    )
    harness = EngineHarness(rule_set(titled))
    harness.receive(ZoneCount(at=datetime(2026, 1, 1, 9, tzinfo=UTC), zone="hall", count=n))
    harness.tick(3700)

    assert harness.alerts()[0].title == f"Hall: {n} people"
