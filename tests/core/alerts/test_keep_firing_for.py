"""``keep_firing_for``: an alert outlives its condition for a while; ``before``: a deadline's early word."""

from datetime import timedelta

from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.rules.model import Absence, Hold, Rule
from tests.support.engine import Stage, at, book, on, played, rule

OPEN = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="10s")


def kept(severity: str = "high") -> Rule:
    """A door held open whose alert is kept for half a minute."""
    return rule(hold=OPEN, keep_firing_for=timedelta(seconds=30), severity=severity)


def doors(*times: int) -> list[str]:
    """Opened and closed in turn, at these times."""
    return [
        f"+{t}s door.{'closed' if place % 2 else 'opened'} point=d1"
        for place, t in enumerate(times)
    ]


def test_it_ends_later() -> None:
    """Half a minute after the condition has."""
    assert played(kept(), events=doors(0, 15)) == ["+10s raised d1", "+45s cleared d1"]


def test_what_happens_meanwhile_is_the_same_alert() -> None:
    """One alert with two occurrences, which ends half a minute after the last of them."""
    assert played(kept(), events=doors(0, 15, 20, 40)) == [
        "+10s raised d1",
        "+30s recurred d1",
        "+70s cleared d1",
    ]


def test_it_is_still_the_same_alert_after_a_restart() -> None:
    """That it is kept is part of the snapshot."""
    stage = Stage(book(kept()))
    stage.say(DoorOpened(at=at(0), point="d1"))
    stage.tick(14)
    stage.say(DoorClosed(at=at(15), point="d1"))
    stage.tick(20)

    assert list(stage.engine.state.kept) == [row.id for row in stage.alerts()]
    stage.tick(60)
    assert [str(row) for row in stage.changes()] == ["raised", "cleared"]
    assert stage.engine.state.kept == {}


def test_life_safety_still_waits_for_a_person() -> None:
    """When the time has run out it is cleared, not closed."""
    stage = Stage(book(kept(severity="life_safety")))
    stage.say(DoorOpened(at=at(0), point="d1"))
    stage.tick(14)
    stage.say(DoorClosed(at=at(15), point="d1"))
    stage.tick(60)

    (alert,) = stage.alerts()
    assert str(alert.condition) == "cleared"


DUE = Absence(
    after=on("request.opened"),
    of=on("request.answered"),
    until="answer_by",
    before=timedelta(minutes=2),
)


def test_a_deadline_can_be_told_before_it_comes() -> None:
    """Two minutes before; and at once if less than that is left."""
    soon = rule(by="request", absence=DUE)

    assert played(soon, events=["+0s request.opened request=a answer_by=+10m"]) == [
        "+480s raised a"
    ]
    assert played(soon, events=["+0s request.opened request=a answer_by=+1m"]) == ["+0s raised a"]
