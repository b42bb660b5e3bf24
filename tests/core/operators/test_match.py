"""`match`: every event, on arrival; ended by its end event, if it has one."""

from datetime import timedelta
from itertools import permutations

import pytest

from monitor.core.events.commands import StaffClose
from monitor.core.events.door import DoorAlarmChanged, DoorTamper
from monitor.core.rules.model import Match
from tests.support.engine import Stage, at, book, fact, on, played, rule

FORCED = rule(
    match=Match(
        of=on("door.alarm", where='alarm == "forced_open"'),
        end=on("door.alarm", where='alarm == "normal"'),
    )
)
TAMPER = rule(match=Match(of=on("door.tamper", where="active")))


def forced(seconds: float) -> DoorAlarmChanged:
    """The door was forced."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="forced_open")


def normal(seconds: float) -> DoorAlarmChanged:
    """The door is in order again."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="normal")


def test_it_is_told_on_arrival() -> None:
    """The alert is there when `step` returns: nothing is waited for."""
    stage = Stage(book(FORCED))
    stage.say(forced(10), seconds=11)

    assert stage.changes() == ["raised"]
    assert stage.alerts()[0].happened_at == at(10)
    assert stage.alerts()[0].raised_at == at(11)


def test_it_ends_at_its_end() -> None:
    """Again while it lasts is counted; after the end it is a new alert."""
    expected = ["+1s raised d1", "+2s recurred d1", "+3s cleared d1", "+4s raised d1"]
    alarms = ["forced_open", "forced_open", "normal", "forced_open"]
    events = [f"+{n}s door.alarm point=d1 alarm={alarm}" for n, alarm in enumerate(alarms, 1)]

    assert played(FORCED, events=events) == expected


@pytest.mark.parametrize("order", list(permutations([normal(10), forced(11)])))
def test_an_end_does_not_end_what_began_later(order: tuple[DoorAlarmChanged, ...]) -> None:
    """The door was in order and then forced: whichever message comes first, it is forced."""
    stage = Stage(book(FORCED))
    for event in order:
        stage.say(event, seconds=12)

    assert [row.condition for row in stage.alerts()] == ["active"]


@pytest.mark.parametrize("order", list(permutations([forced(5), normal(7), forced(10)])))
def test_what_happened_last_counts(order: tuple[DoorAlarmChanged, ...]) -> None:
    """Forced, in order, forced again: in any order of arrival it is forced, since the last time."""
    stage = Stage(book(FORCED))
    for event in order:
        stage.say(event, seconds=11)
    (alert,) = stage.alerts()

    assert alert.condition == "active"
    assert alert.last_at == at(10)


@pytest.mark.parametrize("order", list(permutations([forced(10), normal(11)])))
def test_an_end_ends_what_began_earlier(order: tuple[DoorAlarmChanged, ...]) -> None:
    """The door was forced and then in order: whichever message comes first, it was raised, and it is over."""
    stage = Stage(book(FORCED))
    for event in order:
        stage.say(event, seconds=12)

    assert stage.changes() == ["raised", "cleared"]


@pytest.mark.parametrize("order", list(permutations([forced(10), normal(10)])))
def test_at_one_instant_the_end_comes_first(order: tuple[DoorAlarmChanged, ...]) -> None:
    """Where a clock can't tell which was first, the safe side counts."""
    stage = Stage(book(FORCED))
    for event in order:
        stage.say(event)

    assert [row.condition for row in stage.alerts()] == ["active"]


def test_the_end_is_forgotten() -> None:
    """Ends without alerts leave nothing in memory."""
    stage = Stage(book(FORCED))
    for seconds in range(5):
        stage.say(normal(seconds))
    stage.tick(100)

    assert stage.engine.state.keys["rule"] == {}
    assert stage.engine.deadline is None


def test_without_an_end_a_person_closes_it() -> None:
    """It is counted, it stays, and a person closes it."""
    stage = Stage(book(TAMPER))
    stage.say(DoorTamper(at=at(0), point="d1", active=True))
    stage.say(DoorTamper(at=at(1), point="d1", active=True))
    stage.tick(3600)
    (alert,) = stage.alerts()

    assert alert.latched
    assert alert.occurrences == 2

    stage.say(StaffClose(at=at(3600), who="ann", alert=alert.id, note="a loose screw"))

    assert stage.changes() == ["raised", "recurred", "closed"]


def test_what_was_kept_is_no_news_but_may_be_an_end() -> None:
    """A retained alarm raises nothing; a retained «normal» ends what stands."""
    stage = Stage(book(FORCED))
    stage.say(forced(0), retained=True)

    assert stage.changes() == []

    stage.say(forced(1))
    stage.say(normal(2), retained=True)

    assert stage.changes() == ["raised", "cleared"]


def test_a_state_that_stands_is_told_from_a_memory_too() -> None:
    """A rule that asks for it fires on what was kept, marked late where it is old; once more is counted."""
    stage = Stage(book(rule(match=Match(of=on("door.tamper", where="active"), replays=True))))
    stage.say(DoorTamper(at=at(0), point="d1", active=True), seconds=3600, retained=True)
    (alert,) = stage.alerts()

    assert (alert.late, alert.happened_at) == (True, at(0))

    stage.say(DoorTamper(at=at(3700), point="d1", active=True, replay=True))

    assert stage.changes() == ["raised", "recurred"]


def test_with_facts_it_waits_for_its_turn() -> None:
    """A fact that is slower on the network than the event it explains still counts."""
    released = fact("released", "point", set=on("access.granted"), lasts=timedelta(seconds=10))
    unreleased = rule(match=Match(of=on("door.opened")), while_=["not released"])
    slow = ["+1s door.opened point=d1 at=+500ms", "+2s access.granted point=d1 at=+0s"]

    assert played(unreleased, released, events=slow) == []
    assert played(unreleased, released, events=slow[:1]) == ["+500ms raised d1"]


@pytest.mark.parametrize(("opened", "expected"), [(10, []), (10.001, ["+10001ms raised d1"])])
def test_a_fact_lasts_until_its_end_inclusive(opened: float, expected: list[str]) -> None:
    """Exactly as long as it says it still holds; a moment later it doesn't."""
    released = fact("released", "point", set=on("access.granted"), lasts=timedelta(seconds=10))
    unreleased = rule(match=Match(of=on("door.opened")), while_=["not released"])
    events = ["+0s access.granted point=d1", f"+{int(opened * 1000)}ms door.opened point=d1"]

    assert played(unreleased, released, events=events) == expected


@pytest.mark.parametrize(("unknown", "expected"), [("alerts", ["+1s raised d1"]), ("silent", [])])
@pytest.mark.parametrize("condition", ["seen", "not seen"])
def test_a_fact_never_heard_of_is_what_the_rule_says(
    unknown: str, expected: list[str], condition: str
) -> None:
    """Unknown is neither true nor false: the rule says which side is the safe one."""
    seen = fact("seen", "point", set=on("access.granted"))
    opened = rule(match=Match(of=on("door.opened")), while_=[condition], unknown=unknown)

    assert played(opened, seen, events=["+1s door.opened point=d1"]) == expected


def test_an_event_without_the_key_is_nobodys() -> None:
    """A rule by credential is not told of an access without one."""
    by_credential = rule(by="credential", match=Match(of=on("access.denied")))
    events = ["+0s access.denied point=d1", "+1s access.denied point=d1 credential=c1"]

    assert played(by_credential, events=events) == ["+1s raised c1"]


def test_a_key_of_two_fields_needs_both() -> None:
    """Two fields make a key of two parts."""
    by_both = rule(by="credential point", match=Match(of=on("access.denied")))
    events = ["+0s access.denied point=d1", "+1s access.denied point=d1 credential=c1"]

    assert played(by_both, events=events) == ["+1s raised c1 / d1"]
