"""Fire alarms input by input: what is told late, twice, or from a memory makes no difference to what stands."""

import pytest

from monitor.core.derive import fire_alarm as alarm
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from tests.support.engine import BOOK, Stage, at


def fire(seconds: float, device: str = "") -> EmergencyFire:
    """A detector of the hall."""
    return EmergencyFire(at=at(seconds), zone="hall", device=device)


def cleared(seconds: float, device: str = "") -> EmergencyCleared:
    """It is normal again."""
    return EmergencyCleared(at=at(seconds), zone="hall", device=device)


def burning(stage: Stage, until: float = 200) -> bool:
    """Whether the alert stands after a while."""
    stage.tick(until)
    return any(row.cleared_at is None for row in stage.alerts("fire"))


def test_the_last_detector_ends_it() -> None:
    """An end in the name of another detector, or of one that never spoke, is not the end."""
    stage = Stage(BOOK)
    stage.say(fire(0, "s1"))
    stage.say(fire(1, "s2"))
    stage.say(cleared(20, "s1"))
    stage.say(cleared(21, "s3"))
    assert burning(stage, 40)

    stage.say(cleared(50, "s2"))

    assert not burning(stage, 60)


def test_an_end_for_the_zone_ends_all() -> None:
    """An officer's word, or a panel's that doesn't tell its detectors apart."""
    stage = Stage(BOOK)
    stage.say(fire(0, "s1"))
    stage.say(fire(1))
    stage.say(cleared(20))

    assert not burning(stage)


def test_a_named_end_leaves_what_was_raised_without_a_name() -> None:
    """Nobody knows which detector it was: unknown is not over."""
    stage = Stage(BOOK)
    stage.say(fire(0))
    stage.say(cleared(20, "s1"))

    assert burning(stage)


@pytest.mark.parametrize("named", ["", "s1"])
def test_a_fire_that_comes_after_its_end(named: str) -> None:
    """It is told, and it is over."""
    stage = Stage(BOOK)
    stage.say(cleared(20, named))
    stage.tick(100)
    stage.say(fire(10, "s1"), seconds=100)

    assert stage.changes("fire")[:1] == ["raised"]
    assert not burning(stage)


def test_an_end_that_comes_late() -> None:
    """It ends the alarm when it comes; one from before the latest alarm ends nothing."""
    stage = Stage(BOOK)
    stage.say(fire(10, "s1"))
    stage.say(cleared(5, "s1"), seconds=60)
    assert burning(stage, 90)

    stage.say(cleared(30, "s1"), seconds=100)

    assert not burning(stage)


def test_the_same_again() -> None:
    """Told twice, it ends once."""
    stage = Stage(BOOK)
    for _ in range(2):
        stage.say(fire(0, "s1"))
        stage.say(cleared(20, "s1"))

    assert not burning(stage)


def test_a_memory_of_what_is_over_opens_no_muster() -> None:
    """Both come at once when the monitor does: the fire is told and over, and nobody has to report."""
    stage = Stage(BOOK)
    stage.say(fire(0, "s1"), cleared(700, "s1"), seconds=800, retained=True)

    assert not burning(stage, 2000)
    assert not stage.engine.state.mustering
    assert stage.changes("muster-not-begun") == []


def test_beyond_the_cap_an_input_counts_as_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that burns is forgotten; only a word for the whole zone ends it then."""
    monkeypatch.setattr(alarm, "MOST", 1)
    stage = Stage(BOOK)
    stage.say(fire(0, "s1"))
    stage.say(fire(1, "s2"))
    stage.say(cleared(20, "s1"))
    stage.say(cleared(21, "s2"))
    assert burning(stage, 40)

    stage.say(cleared(50))

    assert not burning(stage, 60)
