"""Who may speak below which site is what the broker's access list says: below another one nobody is believed."""

import pytest
from msgspec.structs import replace

from monitor.core.events import Event
from monitor.core.events.door import DoorLocked
from monitor.core.events.work import ActionOpened, ActionVerified
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.inputs import Arrival
from monitor.core.transitions import AlertChanged
from monitor.core.venue.model import Site, Zone
from tests.support.engine import BOOK, Stage, at

VENUE = BOOK.venue
SITES = (*VENUE.sites, Site(id="hotel", name="Hotel", kind="hotel"))
ZONES = (*VENUE.zones, Zone(id="lobby", name="Lobby", site="hotel", capacity=10, area_m2=50.0))
TWO_SITES = replace(BOOK, venue=replace(VENUE, sites=SITES, zones=ZONES))


def told(stage: Stage, said: Event, topic: str) -> list[tuple[str, str]]:
    """What becomes of alerts when an event comes by a topic."""
    seen = stage.step(Arrival(received_at=said.at, source=topic, events=(said,)))
    return [(row.alert.rule, row.change) for row in seen if isinstance(row, AlertChanged)]


def test_nobody_elsewhere_ends_an_alarm() -> None:
    """The device of a hotel can't clear the fire alarm of the hall, and that it tried is an alert with its topic."""
    stage = Stage(TWO_SITES)
    told(stage, EmergencyFire(at=at(0), zone="hall", device="s1"), "venue/centre/emergency/hall")
    cleared = EmergencyCleared(at=at(10), zone="hall")

    assert told(stage, cleared, "venue/hotel/emergency/hall") == [("rejected-input", "raised")]
    stage.tick(20)
    assert stage.changes("fire") == ["raised"]
    (alert,) = stage.alerts("rejected-input")
    assert 'is at the site "centre"; publish it below venue/centre/' in alert.title
    assert alert.key == "venue/hotel/emergency/hall"
    told(stage, cleared, "venue/centre/emergency/hall")
    stage.tick(40)
    assert stage.changes("fire") == ["raised", "cleared"]


@pytest.mark.parametrize("zone", ["", "lobby"])
def test_nobody_elsewhere_says_that_a_repair_was_verified(zone: str) -> None:
    """Neither by leaving out where the work is, nor by naming a zone of one's own."""
    stage = Stage(TWO_SITES)
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
    told(stage, opened, "venue/centre/action/a1")
    verified = ActionVerified(at=at(10), action="a1", zone=zone, who="mallory")

    assert ("rejected-input", "raised") in told(stage, verified, "venue/hotel/action/a1")
    stage.tick(20)
    assert stage.engine.state.actions["a1"].stage == "open"


def test_whoever_cries_fire_is_believed() -> None:
    """A wrong topic must not cost lives."""
    stage = Stage(TWO_SITES)
    fire = EmergencyFire(at=at(0), zone="hall", device="s1")

    assert ("fire", "raised") in told(stage, fire, "venue/hotel/emergency/hall")


@pytest.mark.parametrize("topic", ["venue/anywhere/door/e1", "zigbee2mqtt/e1"])
def test_a_topic_that_names_no_site_says_nothing_of_it(topic: str) -> None:
    """Vendors have topics of their own, and a name that no site has is nobody's."""
    stage = Stage(TWO_SITES)
    told(stage, DoorLocked(at=at(0), point="e1"), topic)

    assert stage.alerts("rejected-input") == []
