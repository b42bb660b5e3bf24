"""Fire alarms input by input: late, repeated or replayed events do not change the result."""

import pytest

from monitor.core.derive import fire_alarm
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from tests.support.engine import RULE_SET, EngineHarness, at


def fire(seconds: float, device: str = "") -> EmergencyFire:
    """A detector of the hall."""
    return EmergencyFire(at=at(seconds), zone="hall", device=device)


def cleared(seconds: float, device: str = "") -> EmergencyCleared:
    """The detector is back to normal."""
    return EmergencyCleared(at=at(seconds), zone="hall", device=device)


def burning(harness: EngineHarness, until: float = 200) -> bool:
    """Whether the alert is open after a while."""
    harness.tick(until)
    return any(row.cleared_at is None for row in harness.alerts("fire"))


def test_the_last_detector_ends_the_alarm() -> None:
    """A reset of another detector, or of an unknown one, does not end the alarm."""
    harness = EngineHarness(RULE_SET)
    harness.receive(fire(0, "s1"))
    harness.receive(fire(1, "s2"))
    harness.receive(cleared(20, "s1"))
    harness.receive(cleared(21, "s3"))
    assert burning(harness, 40)

    harness.receive(cleared(50, "s2"))

    assert not burning(harness, 60)


def test_a_reset_of_the_zone_ends_the_alarm() -> None:
    """A reset of the zone comes from an officer, or from a panel that does not distinguish its detectors."""
    harness = EngineHarness(RULE_SET)
    harness.receive(fire(0, "s1"))
    harness.receive(fire(1))
    harness.receive(cleared(20))

    assert not burning(harness)


def test_a_named_reset_leaves_an_unnamed_alarm() -> None:
    """A named reset does not end an alarm of an unknown detector: unknown is not over."""
    harness = EngineHarness(RULE_SET)
    harness.receive(fire(0))
    harness.receive(cleared(20, "s1"))

    assert burning(harness)


@pytest.mark.parametrize("named", ["", "s1"])
def test_an_alarm_that_arrives_after_its_reset(named: str) -> None:
    """An alarm that arrives after its reset is raised and is over."""
    harness = EngineHarness(RULE_SET)
    harness.receive(cleared(20, named))
    harness.tick(100)
    harness.receive(fire(10, "s1"), seconds=100)

    assert harness.changes("fire")[:1] == ["raised"]
    assert not burning(harness)


def test_a_reset_that_arrives_late() -> None:
    """A late reset ends the alarm on arrival; one from before the latest alarm ends nothing."""
    harness = EngineHarness(RULE_SET)
    harness.receive(fire(10, "s1"))
    harness.receive(cleared(5, "s1"), seconds=60)
    assert burning(harness, 90)

    harness.receive(cleared(30, "s1"), seconds=100)

    assert not burning(harness)


def test_a_repeated_alarm() -> None:
    """An alarm that is reported twice ends once."""
    harness = EngineHarness(RULE_SET)
    for _ in range(2):
        harness.receive(fire(0, "s1"))
        harness.receive(cleared(20, "s1"))

    assert not burning(harness)


def test_a_replayed_alarm_that_is_over_opens_no_muster() -> None:
    """An alarm and its reset arrive together at startup: it is raised and over, and no one has to report."""
    harness = EngineHarness(RULE_SET)
    harness.receive(fire(0, "s1"), cleared(700, "s1"), seconds=800, retained=True)

    assert not burning(harness, 2000)
    assert not harness.engine.state.people.mustering
    assert harness.changes("muster-not-begun") == []


def test_beyond_the_cap_an_input_counts_as_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No active alarm is forgotten; after that only a reset of the whole zone ends it."""
    monkeypatch.setattr(fire_alarm, "MOST", 1)
    harness = EngineHarness(RULE_SET)
    harness.receive(fire(0, "s1"))
    harness.receive(fire(1, "s2"))
    harness.receive(cleared(20, "s1"))
    harness.receive(cleared(21, "s2"))
    assert burning(harness, 40)

    harness.receive(cleared(50))

    assert not burning(harness, 60)
