"""`match`: every event, on arrival; ended by its end event, if the rule has one."""

from datetime import timedelta
from itertools import permutations

import pytest

from monitor.core.events.commands import StaffClose
from monitor.core.events.door import DoorAlarmChanged, DoorTamper
from monitor.core.rules.model import Match
from tests.support.engine import EngineHarness, at, fact, on, played, rule, rule_set

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
    """The door reports normal again."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="normal")


def test_it_fires_on_arrival() -> None:
    """The alert is there when `step` returns, without waiting."""
    harness = EngineHarness(rule_set(FORCED))
    harness.receive(forced(10), seconds=11)

    assert harness.changes() == ["raised"]
    assert harness.alerts()[0].happened_at == at(10)
    assert harness.alerts()[0].raised_at == at(11)


def test_it_ends_at_its_end_event() -> None:
    """A repetition while it is active is counted; after the end there is a new alert."""
    expected = ["+1s raised d1", "+2s recurred d1", "+3s cleared d1", "+4s raised d1"]
    alarms = ["forced_open", "forced_open", "normal", "forced_open"]
    events = [f"+{n}s door.alarm point=d1 alarm={alarm}" for n, alarm in enumerate(alarms, 1)]

    assert played(FORCED, events=events) == expected


@pytest.mark.parametrize("order", list(permutations([normal(10), forced(11)])))
def test_an_end_does_not_end_what_began_later(order: tuple[DoorAlarmChanged, ...]) -> None:
    """If the door was normal and then forced, it is forced, in either order of arrival."""
    harness = EngineHarness(rule_set(FORCED))
    for event in order:
        harness.receive(event, seconds=12)

    assert [row.condition for row in harness.alerts()] == ["active"]


@pytest.mark.parametrize("order", list(permutations([forced(5), normal(7), forced(10)])))
def test_the_latest_event_counts(order: tuple[DoorAlarmChanged, ...]) -> None:
    """If the door was forced, normal and forced again, it is forced since the last time, in any order of arrival."""
    harness = EngineHarness(rule_set(FORCED))
    for event in order:
        harness.receive(event, seconds=11)
    (alert,) = harness.alerts()

    assert alert.condition == "active"
    assert alert.last_at == at(10)


@pytest.mark.parametrize("order", list(permutations([forced(10), normal(11)])))
def test_an_end_ends_what_began_earlier(order: tuple[DoorAlarmChanged, ...]) -> None:
    """If the door was forced and then normal, the alert was raised and is over, in either order of arrival."""
    harness = EngineHarness(rule_set(FORCED))
    for event in order:
        harness.receive(event, seconds=12)

    assert harness.changes() == ["raised", "cleared"]


@pytest.mark.parametrize("order", list(permutations([forced(10), normal(10)])))
def test_at_one_instant_the_end_comes_first(order: tuple[DoorAlarmChanged, ...]) -> None:
    """Where the clock cannot distinguish the order, the safe side counts."""
    harness = EngineHarness(rule_set(FORCED))
    for event in order:
        harness.receive(event)

    assert [row.condition for row in harness.alerts()] == ["active"]


def test_the_end_is_forgotten() -> None:
    """Ends without alerts leave nothing in memory."""
    harness = EngineHarness(rule_set(FORCED))
    for seconds in range(5):
        harness.receive(normal(seconds))
    harness.tick(100)

    assert harness.engine.state.rules.keys["rule"] == {}
    assert harness.engine.deadline is None


def test_without_an_end_a_person_closes_it() -> None:
    """Repetitions are counted, and the alert stays until a person closes it."""
    harness = EngineHarness(rule_set(TAMPER))
    harness.receive(DoorTamper(at=at(0), point="d1", active=True))
    harness.receive(DoorTamper(at=at(1), point="d1", active=True))
    harness.tick(3600)
    (alert,) = harness.alerts()

    assert alert.latched
    assert alert.occurrences == 2

    harness.receive(StaffClose(at=at(3600), who="ann", alert=alert.id, note="a loose screw"))

    assert harness.changes() == ["raised", "recurred", "closed"]


def test_a_retained_event_raises_nothing_but_may_end() -> None:
    """A retained alarm raises nothing; a retained “normal” ends an active alert."""
    harness = EngineHarness(rule_set(FORCED))
    harness.receive(forced(0), retained=True)

    assert harness.changes() == []

    harness.receive(forced(1))
    harness.receive(normal(2), retained=True)

    assert harness.changes() == ["raised", "cleared"]


def test_a_rule_may_accept_replayed_states() -> None:
    """The rule fires on replayed events, marked late if they are old; a repetition is counted."""
    harness = EngineHarness(
        rule_set(rule(match=Match(of=on("door.tamper", where="active"), replays=True)))
    )
    harness.receive(DoorTamper(at=at(0), point="d1", active=True), seconds=3600, retained=True)
    (alert,) = harness.alerts()

    assert (alert.late, alert.happened_at) == (True, at(0))

    harness.receive(DoorTamper(at=at(3700), point="d1", active=True, replay=True))

    assert harness.changes() == ["raised", "recurred"]


def test_with_facts_it_waits_for_the_watermark() -> None:
    """A fact that arrives later than the event it explains still counts."""
    released = fact("released", "point", set=on("access.granted"), lasts=timedelta(seconds=10))
    unreleased = rule(match=Match(of=on("door.opened")), while_=["not released"])
    slow = ["+1s door.opened point=d1 at=+500ms", "+2s access.granted point=d1 at=+0s"]

    assert played(unreleased, released, events=slow) == []
    assert played(unreleased, released, events=slow[:1]) == ["+500ms raised d1"]


@pytest.mark.parametrize(("opened", "expected"), [(10, []), (10.001, ["+10001ms raised d1"])])
def test_a_fact_lasts_until_its_end_inclusive(opened: float, expected: list[str]) -> None:
    """A fact holds exactly as long as it is valid; a moment later it no longer holds."""
    released = fact("released", "point", set=on("access.granted"), lasts=timedelta(seconds=10))
    unreleased = rule(match=Match(of=on("door.opened")), while_=["not released"])
    events = ["+0s access.granted point=d1", f"+{int(opened * 1000)}ms door.opened point=d1"]

    assert played(unreleased, released, events=events) == expected


@pytest.mark.parametrize(("unknown", "expected"), [("alerts", ["+1s raised d1"]), ("silent", [])])
@pytest.mark.parametrize("condition", ["seen", "not seen"])
def test_for_an_unknown_fact_the_rule_decides(
    unknown: str, expected: list[str], condition: str
) -> None:
    """An unknown fact is neither true nor false: the rule states which side is the safe one."""
    seen = fact("seen", "point", set=on("access.granted"))
    opened = rule(match=Match(of=on("door.opened")), while_=[condition], unknown=unknown)

    assert played(opened, seen, events=["+1s door.opened point=d1"]) == expected


def test_an_event_without_the_key_is_ignored() -> None:
    """A rule by credential does not fire on an access without one."""
    by_credential = rule(by="credential", match=Match(of=on("access.denied")))
    events = ["+0s access.denied point=d1", "+1s access.denied point=d1 credential=c1"]

    assert played(by_credential, events=events) == ["+1s raised c1"]


def test_a_key_of_two_fields_needs_both() -> None:
    """A key of two fields has two parts."""
    by_both = rule(by="credential point", match=Match(of=on("access.denied")))
    events = ["+0s access.denied point=d1", "+1s access.denied point=d1 credential=c1"]

    assert played(by_both, events=events) == ["+1s raised c1 / d1"]
