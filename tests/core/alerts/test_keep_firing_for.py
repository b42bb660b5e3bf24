"""``keep_firing_for`` keeps an alert active after its condition has ended; ``before`` moves a deadline forward."""

from datetime import timedelta

from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Absence, Hold, Rule
from tests.support.engine import EngineHarness, at, on, played, rule, rule_set

OPEN = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="10s")


def kept(severity: str = "high") -> Rule:
    """A door held open whose alert is kept for half a minute."""
    return rule(hold=OPEN, keep_firing_for=timedelta(seconds=30), severity=severity)


def doors(*times: int) -> list[str]:
    """The door opened and closed in turn at these times."""
    return [
        f"+{t}s door.{'closed' if place % 2 else 'opened'} point=d1"
        for place, t in enumerate(times)
    ]


def test_an_alert_ends_after_the_extra_time() -> None:
    """The alert clears half a minute after its condition ended."""
    assert played(kept(), events=doors(0, 15)) == ["+10s raised d1", "+45s cleared d1"]


def test_a_recurrence_in_the_extra_time_is_the_same_alert() -> None:
    """There is one alert with two occurrences; it ends half a minute after the last of them."""
    assert played(kept(), events=doors(0, 15, 20, 40)) == [
        "+10s raised d1",
        "+30s recurred d1",
        "+70s cleared d1",
    ]


def test_a_recurrence_stops_the_extra_time() -> None:
    """The alert that has fired again stays active until its condition ends once more."""
    assert played(kept(), events=[*doors(0, 15, 20), "+90s door.closed point=d2"]) == [
        "+10s raised d1",
        "+30s recurred d1",
    ]


def test_the_extra_time_ends_with_the_alert() -> None:
    """Nothing is kept for an alert that is closed because its rule has gone."""
    harness = EngineHarness(rule_set(kept()))
    harness.receive(DoorOpened(at=at(0), point="d1"))
    harness.tick(14)
    harness.receive(DoorClosed(at=at(15), point="d1"))
    harness.tick(20)
    harness.step(RulesChanged(received_at=at(21), who="ann", rule_set=rule_set()))

    assert harness.changes()[-1] == "closed"
    assert harness.engine.state.alerts.kept == {}


def test_it_is_still_the_same_alert_after_a_restart() -> None:
    """The extra time is part of the snapshot."""
    harness = EngineHarness(rule_set(kept()))
    harness.receive(DoorOpened(at=at(0), point="d1"))
    harness.tick(14)
    harness.receive(DoorClosed(at=at(15), point="d1"))
    harness.tick(20)

    assert list(harness.engine.state.alerts.kept) == [row.id for row in harness.alerts()]
    harness.tick(60)
    assert [str(row) for row in harness.changes()] == ["raised", "cleared"]
    assert harness.engine.state.alerts.kept == {}


def test_life_safety_still_waits_for_a_person() -> None:
    """After the extra time, a life-safety alert is cleared and not closed."""
    harness = EngineHarness(rule_set(kept(severity="life_safety")))
    harness.receive(DoorOpened(at=at(0), point="d1"))
    harness.tick(14)
    harness.receive(DoorClosed(at=at(15), point="d1"))
    harness.tick(60)

    (alert,) = harness.alerts()
    assert str(alert.condition) == "cleared"


DUE = Absence(
    after=on("request.opened"),
    of=on("request.answered"),
    until="answer_by",
    before=timedelta(minutes=2),
)


def test_an_alert_can_be_raised_before_the_deadline() -> None:
    """It is raised two minutes before, or at once if less than that is left."""
    soon = rule(by="request", absence=DUE)

    assert played(soon, events=["+0s request.opened request=a answer_by=+10m"]) == [
        "+480s raised a"
    ]
    assert played(soon, events=["+0s request.opened request=a answer_by=+1m"]) == ["+0s raised a"]
