"""Devices that fall silent, vanish, are opened, or have lost the time."""

from monitor.core.events.device import DeviceHeartbeat, DeviceOffline, DeviceOnline, DeviceTamper
from monitor.core.venue.model import Device
from monitor.simulate.incident import Story

SHORT = 120
"""Seconds: of the devices, one with a shorter limit shows within a short day that it is silent."""
RECONNECTION = 5
"""Seconds for which a device may be offline without alert."""
TWO_DAYS = 48 * 3600.0
TOLD_LOST = 65
"""Seconds after which a number that is missing counts as lost when its sender goes on, and a few."""


def silent(story: Story) -> None:
    """A device says no more, and comes back half a minute after its limit."""
    shortest = min((limit(row) for row in story.ground.venue.devices), default=0)
    devices = [row for row in story.ground.venue.devices if limit(row) == shortest <= SHORT]
    device = story.pick("device", devices, shortest + 30, before=0)
    story.say(0, DeviceHeartbeat, device=device.id)
    story.say(shortest + 30, DeviceHeartbeat, device=device.id)
    story.expect(shortest + RECONNECTION, "device-silent", device.id)


def last_will(story: Story) -> None:
    """The broker says that a device has gone; it is back before it counts as silent too."""
    device = story.pick("device", lasting(story), 20, before=0)
    story.say(0, DeviceHeartbeat, device=device.id)
    story.say(2, DeviceOffline, device=device.id, retain=True)
    story.say(20, DeviceOnline, device=device.id, retain=True)
    rule = "device-behind-gateway-offline" if device.gateway else "device-offline"
    story.expect(2 + RECONNECTION, rule, device.id)


def case_opened(story: Story) -> None:
    """Somebody opens the case of a device."""
    device = story.pick("device", story.ground.venue.devices, 0, before=0)
    story.say(0, DeviceTamper, device=device.id, active=True)
    story.expect(0, "device-tamper", device.id)


def clock_ahead(story: Story) -> None:
    """A device's clock is two days ahead: nothing else may change for it."""
    device = story.pick("device", story.ground.venue.devices, 0, before=0)
    story.say(0, DeviceHeartbeat, told=TWO_DAYS, device=device.id)
    site = story.ground.site_of(DeviceHeartbeat(at=story.at, device=device.id))
    story.expect(0, "clock-skew", f"venue/{site}/device/{device.id}")


def lost_message(story: Story) -> None:
    """A device counts its messages, and one of them never comes."""
    device = story.pick("device", story.ground.venue.devices, TOLD_LOST, before=0)
    for after, number in ((0, 7), (1, 9), (TOLD_LOST, 10)):
        story.say(after, DeviceHeartbeat, device=device.id, source_seq=number)
    story.expect(TOLD_LOST, "events-lost", device.id)


def lasting(story: Story) -> list[Device]:
    """Return the devices that may be unheard for half a minute."""
    return [row for row in story.ground.venue.devices if limit(row) >= 40]  # noqa: PLR2004


def limit(device: Device) -> float:
    """Return after how many seconds a device counts as silent."""
    return device.silence_limit.total_seconds()
