"""Devices that fall silent, disconnect, are opened, or have a wrong clock."""

from monitor.core.events.device import DeviceHeartbeat, DeviceOffline, DeviceOnline, DeviceTamper
from monitor.core.venue.model import Device
from monitor.simulate.incident import Incident

SHORT = 120
"""Seconds: only a device with a silence limit up to this is detected as silent within a short day."""
RECONNECTION = 5
"""Seconds for which a device may be offline without alert."""
TWO_DAYS = 48 * 3600.0
COUNTED_LOST = 65
"""Slightly more than the seconds after which a missing message of an active sender counts as lost."""


def silent(incident: Incident) -> None:
    """A device stops sending, and resumes half a minute after its limit."""
    shortest = min((limit(row) for row in incident.venue.model.devices), default=0)
    devices = [row for row in incident.venue.model.devices if limit(row) == shortest <= SHORT]
    device = incident.pick("device", devices, shortest + 30, before=0)
    incident.send(0, DeviceHeartbeat, device=device.id)
    incident.send(shortest + 30, DeviceHeartbeat, device=device.id)
    incident.expect(shortest + RECONNECTION, "device-silent", device.id)


def last_will(incident: Incident) -> None:
    """The broker reports that a device has disconnected; it is back before it also counts as silent."""
    device = incident.pick("device", lasting(incident), 20, before=0)
    incident.send(0, DeviceHeartbeat, device=device.id)
    incident.send(2, DeviceOffline, device=device.id, retain=True)
    incident.send(20, DeviceOnline, device=device.id, retain=True)
    rule = "device-behind-gateway-offline" if device.gateway else "device-offline"
    incident.expect(2 + RECONNECTION, rule, device.id)


def case_opened(incident: Incident) -> None:
    """The case of a device is opened."""
    device = incident.pick("device", incident.venue.model.devices, 0, before=0)
    incident.send(0, DeviceTamper, device=device.id, active=True)
    incident.expect(0, "device-tamper", device.id)


def clock_ahead(incident: Incident) -> None:
    """A device's clock is two days ahead, which must have no other effect."""
    device = incident.pick("device", incident.venue.model.devices, 0, before=0)
    incident.send(0, DeviceHeartbeat, device_time=TWO_DAYS, device=device.id)
    site = incident.venue.site_of(DeviceHeartbeat(at=incident.at, device=device.id))
    incident.expect(0, "clock-skew", f"venue/{site}/device/{device.id}")


def lost_message(incident: Incident) -> None:
    """A device numbers its messages, and one of them never arrives."""
    device = incident.pick("device", incident.venue.model.devices, COUNTED_LOST, before=0)
    for after, number in ((0, 7), (1, 9), (COUNTED_LOST, 10)):
        incident.send(after, DeviceHeartbeat, device=device.id, source_seq=number)
    incident.expect(COUNTED_LOST, "events-lost", device.id)


def lasting(incident: Incident) -> list[Device]:
    """Return the devices that may be silent for half a minute."""
    return [row for row in incident.venue.model.devices if limit(row) >= 40]  # noqa: PLR2004


def limit(device: Device) -> float:
    """Return after how many seconds a device counts as silent."""
    return device.silence_limit.total_seconds()
