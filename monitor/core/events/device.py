"""Device: readers, controllers, sensors, gateways."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import OfDevice


class DeviceOnline(OfDevice, frozen=True, kw_only=True, tag="device.online"):
    """It can be reached."""


class DeviceOffline(OfDevice, frozen=True, kw_only=True, tag="device.offline"):
    """It can't be reached: its last will, or its gateway says so."""


class DeviceHeartbeat(OfDevice, frozen=True, kw_only=True, tag="device.heartbeat"):
    """It lives."""


class DeviceBoot(OfDevice, frozen=True, kw_only=True, tag="device.boot"):
    """It started anew."""


class DeviceTamper(OfDevice, frozen=True, kw_only=True, tag="device.tamper"):
    """Its enclosure is open."""

    active: bool


class DeviceBattery(OfDevice, frozen=True, kw_only=True, tag="device.battery"):
    """Its battery."""

    percent: Annotated[float, Meta(ge=0, le=100)]
    low: bool = False


class ConfigChanged(OfDevice, frozen=True, kw_only=True, tag="config.changed"):
    """Somebody changed its configuration."""

    what: Annotated[str, Meta(max_length=256)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


Device = (
    DeviceOnline
    | DeviceOffline
    | DeviceHeartbeat
    | DeviceBoot
    | DeviceTamper
    | DeviceBattery
    | ConfigChanged
)
