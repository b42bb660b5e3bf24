"""Traps: they look like incidents, but nothing may be raised for them except a door's early warning."""

from monitor.core.events.access import AccessDenied, AccessGranted, CredentialState
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline, DeviceOnline
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorModeChanged, DoorOpened
from monitor.simulate.badge import shown
from monitor.simulate.incident import Incident
from monitor.simulate.incidents.credentials import WINDOW
from monitor.simulate.incidents.devices import lasting
from monitor.simulate.incidents.doors import LONGEST_LIMIT, limit
from monitor.simulate.incidents.zones import entrances, inspected


def closed_in_time(incident: Incident) -> None:
    """A door is closed after its early warning and before its limit, but the message arrives after the limit."""
    doors = [door for door in incident.venue.doors if 5 <= limit(door) <= LONGEST_LIMIT]  # noqa: PLR2004
    door = incident.pick("point", doors, LONGEST_LIMIT + 10)
    incident.admit(0, door, incident.admissible_badge(door))
    incident.send(2, DoorOpened, point=door.id)
    incident.send(2 + limit(door) + 0.5, DoorClosed, device_time=2 + limit(door) - 1, point=door.id)
    incident.expect(2 + limit(door) * 2 / 3, "door-held-open-soon", door.id)


def grant_overtaken(incident: Incident) -> None:
    """A door is opened after a grant, but the network delivers the opening first."""
    door = incident.pick("point", incident.venue.doors, 30)
    incident.send(1, DoorOpened, point=door.id)
    incident.send(1.5, AccessGranted, device_time=0, **shown(incident.admissible_badge(door), door))
    incident.send(1 + min(4.0, limit(door) / 2), DoorClosed, point=door.id)


def held_open_in_free_mode(incident: Incident) -> None:
    """A door is unlocked, is open for twice its limit, and is closed and locked again."""
    doors = [door for door in incident.venue.doors if limit(door) <= LONGEST_LIMIT / 2]
    door = incident.pick("point", doors, LONGEST_LIMIT + 60)
    incident.send(0, DoorModeChanged, point=door.id, mode="unlocked")
    incident.send(5, DoorOpened, point=door.id)
    incident.send(5 + 2 * limit(door), DoorClosed, point=door.id)
    incident.send(20 + 2 * limit(door), DoorModeChanged, point=door.id, mode="locked")


def old_alarm(incident: Incident) -> None:
    """A restarted controller repeats an alarm from an hour ago, and the broker retains it."""
    door = incident.choose(incident.venue.doors)
    incident.send(
        0,
        DoorAlarmChanged,
        device_time=-3600,
        retain=True,
        replay=True,
        point=door.id,
        alarm="forced_open",
    )


def nine_refusals(incident: Incident) -> None:
    """Nine badges are refused at one point within five minutes, and one of the messages arrives twice."""
    point = incident.pick("point", incident.venue.readers, WINDOW, before=WINDOW)
    for n in range(9):
        badge = incident.badge("unknown")
        repeated = 20 if n == 2 else None  # noqa: PLR2004
        incident.send(
            n * 8,
            AccessDenied,
            repeated=repeated,
            reason="unknown_credential",
            **shown(badge, point),
        )


def found_again(incident: Incident) -> None:
    """A badge is reported lost, found again, and used."""
    point = incident.pick("point", incident.venue.readers, 30)
    badge = incident.admissible_badge(point, "delegate")
    incident.send(-20, CredentialState, credential=badge.credential, state="lost")
    incident.send(-10, CredentialState, credential=badge.credential, state="active")
    incident.admit(0, point, badge)


def short_reconnection(incident: Incident) -> None:
    """A device is disconnected for three seconds."""
    device = incident.pick("device", lasting(incident), 4, before=0)
    incident.send(0, DeviceHeartbeat, device=device.id)
    incident.send(1, DeviceOffline, device=device.id, retain=True)
    incident.send(4, DeviceOnline, device=device.id, retain=True)


def staff_before_inspection(incident: Incident) -> None:
    """Staff enter a zone that has not been inspected, as they must to inspect it."""
    point = incident.pick(
        "point", entrances(incident.venue, inspected(incident.venue)), 5, before=5
    )
    incident.admit(0, point, incident.badge("staff"))
