"""Doors forced, opened without being released, held open, or tampered with."""

from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened, DoorTamper
from monitor.core.venue.model import Point
from monitor.simulate.incident import Incident

LONGEST_LIMIT = 120
"""Seconds: only a door with a limit up to this is detected as held open within a short day."""


def forced(incident: Incident) -> None:
    """A door is forced open; the network delivers the controller's alarm twice, and it counts once."""
    door = incident.pick("point", incident.venue.doors, 60, once="door-forced")
    open_for = min(20.0, limit(door) / 2)
    incident.send(0, DoorAlarmChanged, repeated=0.6, point=door.id, alarm="forced_open")
    incident.send(0.2, DoorOpened, point=door.id)
    incident.send(0.2 + open_for, DoorClosed, point=door.id)
    incident.send(25, DoorAlarmChanged, point=door.id, alarm="normal")
    incident.expect(0, "door-forced", door.id)
    incident.expect(0.2, "door-opened-unreleased", door.id)


def opened_unreleased(incident: Incident) -> None:
    """A door is opened without a badge or a button; its controller has no alarm of its own."""
    door = incident.pick("point", incident.venue.doors, 30)
    incident.send(0, DoorOpened, point=door.id)
    incident.send(min(4.0, limit(door) / 2), DoorClosed, point=door.id)
    incident.expect(0, "door-opened-unreleased", door.id)


def held_open(incident: Incident) -> None:
    """A door is opened with a badge and wedged open."""
    doors = [door for door in incident.venue.doors if limit(door) <= LONGEST_LIMIT]
    door = incident.pick("point", doors, LONGEST_LIMIT + 30)
    incident.admit(0, door, incident.admissible_badge(door))
    incident.send(2, DoorOpened, point=door.id)
    incident.send(2 + limit(door) + 15, DoorClosed, point=door.id)
    incident.expect(2 + limit(door) * 2 / 3, "door-held-open-soon", door.id)
    incident.expect(2 + limit(door), "door-held-open", door.id)


def tampered(incident: Incident) -> None:
    """The hardware of a door is tampered with."""
    door = incident.pick("point", incident.venue.doors, 60)
    incident.send(0, DoorTamper, point=door.id, active=True)
    incident.send(30, DoorTamper, point=door.id, active=False)
    incident.expect(0, "door-tamper", door.id)


def limit(door: Point) -> float:
    """Return for how many seconds a door may be open."""
    return door.held_open_limit.total_seconds()
