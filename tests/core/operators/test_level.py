"""`level`: a balance with two marks."""

from datetime import UTC, datetime

import pytest

from monitor.core.events.access import AccessTaken
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.zone import ZoneCount
from monitor.core.rules.model import Level, Rule
from tests.support.engine import Stage, at, book, on, played, rule

IN, OUT = (
    on("access.taken", where='direction == "in"'),
    on("access.taken", where='direction == "out"'),
)


def people(above: float | str = 3, **parts: object) -> Rule:
    """People counted in and out of a zone."""
    return rule(by="zone", level=Level(up=IN, down=OUT, above=above, **parts))  # type: ignore[arg-type]


def passages(*directions: str) -> list[str]:
    """One a second."""
    return [
        f"+{n}s access.taken point=g1 direction={way} id={n}" for n, way in enumerate(directions, 1)
    ]


def test_it_fires_above_and_ends_at_the_same_mark() -> None:
    """Without a mark of its own for the end, it ends at the limit."""
    events = passages("in", "in", "in", "in", "in", "out", "out")

    assert played(people(), events=events) == ["+4s raised foyer", "+7s cleared foyer"]


def test_between_the_marks_it_stays_what_it_was() -> None:
    """Hysteresis: it ends at 1, and rises again only above 3."""
    events = passages(
        "in", "in", "in", "in", "out", "out", "in", "in", "out", "out", "out", "in", "in", "in"
    )
    expected = ["+4s raised foyer", "+11s cleared foyer", "+14s raised foyer"]

    assert played(people(clear_at=1), events=events) == expected


def test_the_balance_is_never_below_nothing() -> None:
    """Somebody who went out without having come in doesn't make room for a fourth."""
    events = passages("out", "out", "in", "in", "in", "in")

    assert played(people(), events=events) == ["+6s raised foyer"]


def test_an_empty_balance_is_forgotten() -> None:
    """A zone into which nobody goes takes no memory."""
    stage = Stage(book(people()))
    stage.say(AccessTaken(at=at(0), point="g1", direction="in"))
    stage.say(AccessTaken(at=at(1), point="g1", direction="out"))
    stage.tick(10)

    assert stage.engine.state.keys["rule"] == {}


def test_it_may_be_set_to_a_number() -> None:
    """The number comes with the event; the limit from the venue."""
    by_count = rule(
        by="zone", level=Level(set=on("zone.count"), value="count", above="zone.capacity")
    )
    events = [
        f"+{n}s zone.count zone=hall count={count}" for n, count in enumerate((10, 11, 12, 10))
    ]

    assert played(by_count, events=events) == ["+1s raised hall", "+3s cleared hall"]


def test_counting_goes_on_from_what_it_was_set_to() -> None:
    """A recount puts the balance right, passages move it."""
    both = people(3, set=on("zone.count"), value="count")
    events = ["+0s zone.count zone=foyer count=3", *passages("in")]

    assert played(both, events=events) == ["+1s raised foyer"]


def test_what_happened_before_the_recount_is_in_it() -> None:
    """A passage of before the count, which comes late, isn't counted again."""
    stage = Stage(book(people(3, set=on("zone.count"), value="count")))
    stage.say(ZoneCount(at=at(10), zone="foyer", count=3))
    stage.tick(20)
    stage.say(AccessTaken(at=at(9), point="g1", direction="in"), seconds=20)

    assert stage.changes() == []


def test_a_limit_that_nobody_knows_is_never_passed() -> None:
    """The venue doesn't know the zone, so nobody knows how many it holds; the unknown name is said by itself."""
    by_count = rule(
        by="zone", level=Level(set=on("zone.count"), value="count", above="zone.capacity")
    )

    assert played(by_count, events=["+0s zone.count zone=nowhere count=999"]) == []


def test_an_end_mark_that_nobody_knows_is_the_limit() -> None:
    """A limit as a number, the end from a zone that the venue doesn't know."""
    by_count = rule(
        by="zone",
        level=Level(set=on("zone.count"), value="count", above=5, clear_at="zone.capacity"),
    )
    events = ["+0s zone.count zone=x count=6", "+1s zone.count zone=x count=5"]

    assert played(by_count, events=events) == ["+0s raised x", "+1s cleared x"]


def test_an_end_mark_above_the_limit_is_the_limit() -> None:
    """It can't be over and there at once."""
    events = passages(*["in"] * 6)

    assert played(people(clear_at=5), events=events) == ["+4s raised foyer"]


def test_an_event_without_the_number_says_nothing() -> None:
    """An item that was answered without a value leaves the balance as it is."""
    cold = rule(by="checklist", level=Level(set=on("inspection.item"), value="value", above=5))
    stage = Stage(book(cold))
    told = {"checklist": "check", "inspection": "i1", "item": "cold-store", "result": "fail"}
    for n, value in enumerate((7.5, None, 5.0)):
        stage.say(InspectionItem(at=at(n), value=value, **told))  # type: ignore[arg-type]
        stage.tick(n + 0.5)
    stage.tick(10)

    assert stage.changes() == ["raised", "cleared"]
    assert stage.seen[-1].alert.cleared_at == at(2)  # type: ignore[union-attr]


@pytest.mark.parametrize("n", [7, 1_000_007])
def test_the_number_in_the_title_is_whole(n: int) -> None:
    """Persons come as whole numbers, also a million of them."""
    titled = rule(
        by="zone",
        title="{zone}: {n} people",
        level=Level(set=on("zone.count"), value="count", above=3),
    )
    stage = Stage(book(titled))
    stage.say(ZoneCount(at=datetime(2026, 1, 1, 9, tzinfo=UTC), zone="hall", count=n))
    stage.tick(3700)

    assert stage.alerts()[0].title == f"hall: {n} people"
