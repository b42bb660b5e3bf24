"""Which devices are alive, which zones are monitored, and what a breach does to the number of people."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from monitor.core.events.access import AccessTaken
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.events.vocabulary import DoorAlarm
from monitor.core.events.zone import ZoneCount
from monitor.core.state.devices import LivenessState
from monitor.core.transitions import ZoneStatus
from monitor.core.venue.model import Venue
from tests.support.engine import SHIPPED, EngineHarness, at, rule_set

PLAN: dict[str, Any] = {
    "congress": {"id": "c", "name": "C"},
    "sites": [{"id": "centre", "name": "Centre", "kind": "venue"}],
    "zones": [
        {"id": "hall", "name": "Hall", "site": "centre", "capacity": 99, "area_m2": 99.0},
        {"id": "yard", "name": "Yard", "site": "centre", "capacity": 99, "area_m2": 99.0}
        | {"counted_by": ["camera"]},
        {"id": "attic", "name": "Attic", "site": "centre", "capacity": 9, "area_m2": 9.0},
    ],
    "devices": [
        {"id": "gateway", "silence_limit": timedelta(seconds=100)},
        {"id": "left", "gateway": "gateway", "silence_limit": timedelta(seconds=60)},
        {"id": "right", "gateway": "gateway", "silence_limit": timedelta(seconds=60)},
        {"id": "camera", "silence_limit": timedelta(seconds=60)},
    ],
    "points": [
        {"id": "d1", "name": "D1", "kind": "turnstile", "zone": "hall", "passage_sensor": True}
        | {"devices": ["left", "right"]},
        {"id": "e1", "name": "E1", "kind": "emergency_exit", "zone": "hall", "width_m": 1.5},
    ],
}


class LookedUp(dict[str, LivenessState]):
    """What is known of the devices, and how many look-ups that has cost."""

    count = 0

    def get(self, *of: Any) -> Any:  # noqa: ANN401 - as in the base class
        """Count the look-up."""
        self.count += 1
        return super().get(*of)


@pytest.fixture
def harness() -> EngineHarness:
    """A hall with two readers behind a gateway, a yard with a camera, an attic with nothing."""
    return EngineHarness(rule_set(venue=msgspec.convert(PLAN, Venue)))


def zone(harness: EngineHarness, name: str = "hall") -> ZoneStatus:
    """The state of a zone."""
    return harness.engine.state.places.zones[name].status


def beat(harness: EngineHarness, seconds: float, *devices: str) -> None:
    """Devices send a heartbeat."""
    harness.receive(*(DeviceHeartbeat(at=at(seconds), device=name) for name in devices))


def test_no_zone_is_monitored_before_its_devices_are_heard(harness: EngineHarness) -> None:
    """A device that was never heard is not alive."""
    harness.tick(10)

    assert [zone(harness, name).sensing for name in ("hall", "yard", "attic")] == [
        "unmonitored"
    ] * 3


@pytest.mark.interpreted
def test_a_heartbeat_costs_the_same_in_a_large_zone() -> None:
    """A sensor that is heard again looks up no other sensor of its zone: a hall may have thousands."""

    def look_ups(many: int) -> tuple[int, str]:
        names = [f"r{row}" for row in range(many)]
        devices = [{"id": name, "silence_limit": timedelta(seconds=60)} for name in names]
        door = {"id": "d1", "name": "D1", "kind": "turnstile", "zone": "hall", "devices": names}
        hall, *_ = PLAN["zones"]
        plan = PLAN | {"zones": [hall], "devices": devices, "points": [door]}
        harness = EngineHarness(rule_set(venue=msgspec.convert(plan, Venue)))
        beat(harness, 0, *names)
        harness.tick(10)
        counted = LookedUp(harness.engine.state.devices.liveness)
        harness.engine.state.devices.liveness = counted
        beat(harness, 20, *names[:10])
        harness.tick(30)
        return counted.count, zone(harness).sensing

    few = look_ups(10)

    assert few[0] >= 10
    assert few[1] == "monitored"
    assert look_ups(300) == few


def test_a_zone_is_monitored_if_all_its_sensors_are_alive(harness: EngineHarness) -> None:
    """A zone is monitored with all of its sensors, partly with some, and not with none or without a sensor."""
    beat(harness, 0, "gateway", "left")
    harness.tick(10)
    some = zone(harness).sensing
    beat(harness, 20, "right", "camera")
    harness.tick(30)
    all_of_them = zone(harness).sensing
    harness.tick(83)

    assert (some, all_of_them, zone(harness).sensing) == ("partly", "monitored", "unmonitored")
    assert zone(harness, "attic").sensing == "unmonitored"


def test_devices_behind_a_dead_gateway_are_not_alive(harness: EngineHarness) -> None:
    """When their gateway falls silent, both readers and their zone are lost at once, not at their own limits."""
    beat(harness, 0, "gateway", "left", "right", "camera")
    harness.receive(DeviceOffline(at=at(5), device="gateway"))
    harness.tick(10)

    assert zone(harness).sensing == "unmonitored"
    assert zone(harness, "yard").sensing == "monitored"

    beat(harness, 20, "gateway")
    harness.tick(30)

    assert zone(harness).sensing == "monitored"


def silent(harness: EngineHarness) -> list[str]:
    """The open alerts of the rule about silent devices."""
    return [row.key for row in harness.alerts("device-silent")]


@pytest.fixture
def shipped() -> EngineHarness:
    """The same devices with the shipped rules."""
    return EngineHarness(SHIPPED.rule_set(msgspec.convert(PLAN, Venue)))


def test_a_silent_gateway_is_one_alert(shipped: EngineHarness) -> None:
    """The devices of a silent gateway are missed first, but raise no alert before the gateway's own limit."""
    beat(shipped, 0, "gateway", "left")
    beat(shipped, 10, "right")
    beat(shipped, 20, "gateway", "camera")
    shipped.tick(80)
    found = silent(shipped)
    beat(shipped, 80, "camera")
    shipped.tick(135)

    assert (found, zone(shipped).sensing) == ([], "unmonitored")
    assert silent(shipped) == ["gateway"]
    assert shipped.changes("device-silent") == ["raised"]


def test_a_silent_device_behind_a_live_gateway_is_reported(
    shipped: EngineHarness,
) -> None:
    """The gateway's next message shows that the reader itself is silent."""
    beat(shipped, 0, "gateway", "left", "right", "camera")
    beat(shipped, 40, "right", "camera")
    shipped.tick(70)
    undecided = silent(shipped)
    beat(shipped, 70, "gateway", "camera")
    shipped.tick(79)

    assert (undecided, silent(shipped)) == ([], ["left"])


def test_a_heartbeat_on_the_limit_is_in_time(harness: EngineHarness) -> None:
    """A heartbeat at the very moment of the limit keeps the device alive."""
    beat(harness, 0, "camera")
    beat(harness, 60, "camera")
    harness.tick(65)

    assert zone(harness, "yard").sensing == "monitored"


def come_in(harness: EngineHarness, seconds: float) -> None:
    """A person passes the turnstile."""
    harness.receive(AccessTaken(at=at(seconds), point="d1", direction="in"))


def numbers(
    harness: EngineHarness, name: str = "hall"
) -> tuple[int | None, int | None, int | None]:
    """The number of people, and the ends of its range."""
    row = zone(harness, name)
    return row.occupancy, row.at_least, row.at_most


def test_after_a_breach_the_number_is_a_range(harness: EngineHarness) -> None:
    """While the door is open, the upper end of the range is unknown.

    After 2 s, 82 people a minute and metre over 1.5 m are 4.1: up to five either way.
    """
    for second in range(7):
        come_in(harness, second)
    harness.receive(DoorOpened(at=at(10), point="e1"))
    harness.tick(11.5)
    while_open = numbers(harness)
    harness.receive(DoorClosed(at=at(12), point="e1"))
    harness.tick(20)

    assert while_open == (7, 7, 7)
    assert numbers(harness) == (7, 2, 12)

    harness.receive(DoorOpened(at=at(30), point="e1"))
    harness.tick(40)

    assert numbers(harness) == (7, 0, None)


def test_a_count_ends_the_uncertainty(harness: EngineHarness) -> None:
    """A count replaces the range."""
    come_in(harness, 0)
    harness.receive(DoorOpened(at=at(10), point="e1"))
    harness.receive(ZoneCount(at=at(20), zone="hall", count=12))
    harness.receive(DoorClosed(at=at(30), point="e1"))
    harness.tick(40)

    assert numbers(harness) == (12, 12, 12)


@pytest.mark.parametrize(("alarm", "most"), [("forced_open", None), ("held_open", 1)])
def test_a_forced_door_lets_people_pass_uncounted(
    harness: EngineHarness, alarm: DoorAlarm, most: int | None
) -> None:
    """A door that is only held open is still watched by its sensor."""
    come_in(harness, 0)
    harness.receive(DoorAlarmChanged(at=at(10), point="d1", alarm=alarm))
    harness.tick(20)

    assert zone(harness).at_most == most
