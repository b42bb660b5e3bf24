"""Names that are not in the venue file share a quota of their own: they take no room from what is known."""

from datetime import timedelta

import pytest

from monitor.core.derive import fire_alarm, message_gaps
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied, AccessDuress
from monitor.core.events.door import DoorAlarmChanged, DoorOpened
from monitor.core.events.monitor_senders import MonitorRejected
from monitor.core.events.zone import EmergencyFire
from monitor.core.inputs import Arrival
from monitor.core.rules.model import Count, Match
from tests.support.engine import RULE_SET, EngineHarness, at, fact, on, rule, rule_set

CAPPED = rule(by="rule", id="capped", match=Match(of=on("monitor.keys_capped")))
FORCED = Match(of=on("door.alarm", where='alarm == "forced_open"'))


def forced(n: int, point: str) -> DoorAlarmChanged:
    """A door is forced open."""
    return DoorAlarmChanged(at=at(n), point=point, alarm="forced_open")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit alerts and keys to three, for unknown names as for others."""
    for limit in (
        "alerts.open_alerts.MOST_ALERTS",
        "alerts.open_alerts.MOST_OF_SHARE",
        "alerts.open_alerts.MOST_UNKNOWN",
        "engine.signals.MOST_KEYS",
        "engine.signals.MOST_UNKNOWN",
        "engine.last_values.MOST_UNKNOWN",
        "derive.fire_alarm.MOST_UNKNOWN",
        "derive.message_gaps.MOST_SENDERS",
    ):
        monkeypatch.setattr(f"monitor.core.{limit}", 3)


@pytest.mark.usefixtures("few")
def test_a_known_door_has_room_after_a_flood_of_names() -> None:
    """The rule is full of invented doors; every door of the venue still raises its alert."""
    harness = EngineHarness(rule_set(rule(match=FORCED), CAPPED))
    for n in range(10):
        harness.receive(forced(n, f"x{n}"))
    doors = [row.id for row in RULE_SET.venue.points]
    assert len(doors) > 3
    for door in doors:
        harness.receive(forced(20, door))

    assert [alert.key for alert in harness.alerts()] == ["x0", "x1", "x2", *doors]
    assert [alert.key for alert in harness.alerts("capped")] == ["rule"]


@pytest.mark.usefixtures("few")
def test_a_closed_alert_of_an_unknown_name_makes_room() -> None:
    """The quota counts open alerts."""
    ending = Match(of=on("door.opened"), end=on("door.closed"))
    harness = EngineHarness(rule_set(rule(match=ending), CAPPED))
    for n in range(3):
        harness.receive(DoorOpened(at=at(n), point=f"x{n}"))
    (first, *_) = harness.alerts()
    harness.engine._context.alerts.withdraw(first, "test")  # type: ignore[arg-type]  # noqa: SLF001
    harness.receive(DoorOpened(at=at(5), point="x5"))

    assert [alert.key for alert in harness.alerts()] == ["x1", "x2", "x5"]
    assert harness.changes("capped") == []


@pytest.mark.usefixtures("few")
def test_known_keys_of_a_rule_and_a_fact_have_room() -> None:
    """Windows and facts of the venue's doors work while both are full of invented doors."""
    twice = Count(of=on("access.denied"), at_least=2, within=timedelta(seconds=60))
    opened = fact("opened", "point", set=on("door.opened"), clear=on("door.closed"))
    harness = EngineHarness(rule_set(rule(count=twice), opened, CAPPED))
    for n in range(10):
        harness.receive(AccessDenied(at=at(n), point=f"x{n}"))
        harness.receive(DoorOpened(at=at(n), point=f"x{n}"))
    for n, door in enumerate(("d1", "d2", "e1", "g1", "d1", "d2", "e1", "g1"), 10):
        harness.receive(AccessDenied(at=at(n), point=door))
        harness.receive(DoorOpened(at=at(n), point=door))
    harness.tick(30)

    rules = harness.engine.state.rules
    assert {alert.key for alert in harness.alerts()} == {"d1", "d2", "e1", "g1"}
    assert rules.keys["rule"].keys() == rules.facts["opened"].keys()
    assert rules.facts["opened"].keys() == {"x0", "x1", "x2", "d1", "d2", "e1", "g1"}


@pytest.mark.usefixtures("few")
def test_unknown_subjects_displace_no_known_last_value() -> None:
    """A new rule learns the state of the venue's doors after a flood of names."""
    harness = EngineHarness(rule_set(rule(match=FORCED)))
    harness.receive(DoorOpened(at=at(0), point="d1", device="r1"))
    for n in range(10):
        harness.receive(DoorOpened(at=at(n), point=f"x{n}"))

    values = harness.engine.state.rules.last_values["door.opened"]
    assert list(values) == ["d1 / r1", "x7 / ", "x8 / ", "x9 / "]


@pytest.mark.usefixtures("few")
def test_invented_devices_at_a_known_door_displace_nothing_either() -> None:
    """The point is known, and the device is not: the quota covers both."""
    harness = EngineHarness(rule_set(rule(match=FORCED)))
    harness.receive(DoorOpened(at=at(0), point="d1", device="r1"))
    for n in range(10):
        harness.receive(DoorOpened(at=at(n), point="d1", device=f"x{n}"))

    values = harness.engine.state.rules.last_values["door.opened"]
    assert list(values) == ["d1 / r1", "d1 / x7", "d1 / x8", "d1 / x9"]


@pytest.mark.usefixtures("few")
def test_known_inputs_and_senders_are_tracked() -> None:
    """The fire alarm of a real zone ends as it should, and a real device's lost messages are noticed."""
    harness = EngineHarness(RULE_SET)
    for n in range(10):
        harness.receive(EmergencyFire(at=at(n), zone=f"x{n}", device=f"s{n}", source_seq=1))
    harness.receive(EmergencyFire(at=at(20), zone="hall", device="r1", source_seq=1))
    harness.tick(30)

    state = harness.engine.state
    assert "hall / r1" in state.places.fire_alarms
    assert len(state.places.fire_alarms) == fire_alarm.MOST_UNKNOWN + 1
    assert "r1" in state.devices.counters
    assert len(state.devices.counters) == message_gaps.MOST_SENDERS + 1


@pytest.mark.usefixtures("few")
def test_a_known_topic_has_room_among_invented_ones() -> None:
    """Messages of a real door that can't be read raise an alert while invented topics fill the rule."""
    rejected = rule(by="source", match=Match(of=on("monitor.rejected")))
    harness = EngineHarness(rule_set(rejected))
    for n in range(10):
        harness.notice(
            MonitorRejected(at=at(n), source=f"venue/centre/door/x{n}", reason="nonsense")
        )
    harness.notice(MonitorRejected(at=at(20), source="venue/centre/door/d1", reason="nonsense"))

    assert "venue/centre/door/d1" in {alert.key for alert in harness.alerts()}
    assert len(harness.alerts()) == 4


def receive(harness: EngineHarness, event: ReceivedEvent, topic: str) -> None:
    """Receive an event on a topic."""
    harness.step(Arrival(received_at=event.at, source=topic, events=(event,)))


def test_life_safety_at_unknown_names_is_one_alert_a_site_with_a_count() -> None:
    """The title has the latest name and the number of further ones, and the alert does not clear by itself.

    A known zone has its own alert.
    """
    harness = EngineHarness(RULE_SET)
    for n in range(2_000):
        receive(harness, EmergencyFire(at=at(n), zone=f"x{n}"), f"venue/centre/emergency/x{n}")
    receive(harness, EmergencyFire(at=at(2_000), zone="y"), "zigbee2mqtt/y")
    receive(harness, EmergencyFire(at=at(2_001), zone="hall"), "venue/centre/emergency/hall")
    harness.tick(2_010)

    found = {alert.key: alert for alert in harness.alerts("fire")}
    assert found.keys() == {"* / centre", "*", "hall"}
    assert found["* / centre"].site == "centre"
    assert found["* / centre"].occurrences == 2_000
    assert "x1999 (+999)" in found["* / centre"].title
    assert found["* / centre"].latched
    assert not found["hall"].latched
    assert [row for row in harness.changes("fire") if row == "raised"] == ["raised"] * 3


def test_duress_at_an_unknown_point_is_one_alert_a_site() -> None:
    """Duress at unknown points is one alert a site, and stays off the public screens."""
    harness = EngineHarness(RULE_SET)
    for n in range(3):
        receive(harness, AccessDuress(at=at(n), point=f"x{n}"), f"venue/centre/access/x{n}")

    (alert,) = harness.alerts("duress")
    assert (alert.key, alert.silent, alert.occurrences) == ("* / centre", True, 3)
