"""A sender may report only about its own site, as the broker's access list defines it."""

import pytest
from msgspec.structs import replace

from monitor.core.events import ReceivedEvent
from monitor.core.events.door import DoorLocked
from monitor.core.events.work import ActionOpened, ActionVerified
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.inputs import Arrival
from monitor.core.transitions import AlertChanged
from monitor.core.venue.model import Site, Zone
from tests.support.engine import RULE_SET, EngineHarness, at

VENUE = RULE_SET.venue
SITES = (*VENUE.sites, Site(id="hotel", name="Hotel", kind="hotel"))
ZONES = (*VENUE.zones, Zone(id="lobby", name="Lobby", site="hotel", capacity=10, area_m2=50.0))
TWO_SITES = replace(RULE_SET, venue=replace(VENUE, sites=SITES, zones=ZONES))


def changes_after(
    harness: EngineHarness, event: ReceivedEvent, topic: str
) -> list[tuple[str, str]]:
    """The changes of alerts that an event on a topic causes."""
    seen = harness.step(Arrival(received_at=event.at, source=topic, events=(event,)))
    return [(row.alert.rule, row.change) for row in seen if isinstance(row, AlertChanged)]


def test_another_site_cannot_end_an_alarm() -> None:
    """A hotel's device cannot clear the hall's fire alarm, and the attempt raises an alert with its topic."""
    harness = EngineHarness(TWO_SITES)
    changes_after(
        harness, EmergencyFire(at=at(0), zone="hall", device="s1"), "venue/centre/emergency/hall"
    )
    cleared = EmergencyCleared(at=at(10), zone="hall")

    assert changes_after(harness, cleared, "venue/hotel/emergency/hall") == [
        ("rejected-input", "raised")
    ]
    harness.tick(20)
    assert harness.changes("fire") == ["raised"]
    (alert,) = harness.alerts("rejected-input")
    assert "is at the site “centre”; publish it below venue/centre/" in alert.title
    assert alert.key == "venue/hotel/emergency/hall"
    changes_after(harness, cleared, "venue/centre/emergency/hall")
    harness.tick(40)
    assert harness.changes("fire") == ["raised", "cleared"]


@pytest.mark.parametrize("zone", ["", "lobby"])
def test_another_site_cannot_verify_a_repair(zone: str) -> None:
    """Another site cannot verify a repair by omitting the place of the work, or by naming a zone of its own."""
    harness = EngineHarness(TWO_SITES)
    opened = ActionOpened(
        at=at(0),
        action="a1",
        zone="hall",
        asset="lift",
        kind="repair",
        severity="impairment",
        lead="safety",
        who="ann",
    )
    changes_after(harness, opened, "venue/centre/action/a1")
    verified = ActionVerified(at=at(10), action="a1", zone=zone, who="mallory")

    assert ("rejected-input", "raised") in changes_after(harness, verified, "venue/hotel/action/a1")
    harness.tick(20)
    assert harness.engine.state.work.actions["a1"].stage == "open"


def test_any_site_may_report_a_fire() -> None:
    """Any site may report a fire, because a wrong topic must not cost lives."""
    harness = EngineHarness(TWO_SITES)
    fire = EmergencyFire(at=at(0), zone="hall", device="s1")

    assert ("fire", "raised") in changes_after(harness, fire, "venue/hotel/emergency/hall")


@pytest.mark.parametrize("topic", ["venue/anywhere/door/e1", "zigbee2mqtt/e1"])
def test_a_topic_without_a_site_is_not_checked(topic: str) -> None:
    """Vendors have topics of their own, and a name that no site has belongs to no one."""
    harness = EngineHarness(TWO_SITES)
    changes_after(harness, DoorLocked(at=at(0), point="e1"), topic)

    assert harness.alerts("rejected-input") == []
