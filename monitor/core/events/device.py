"""Devices: readers, controllers, sensors, gateways."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import DeviceEvent


class DeviceOnline(DeviceEvent, frozen=True, kw_only=True, tag="device.online"):
    """The device is reachable."""


class DeviceOffline(DeviceEvent, frozen=True, kw_only=True, tag="device.offline"):
    """The device is unreachable, according to its last will or its gateway."""


class DeviceHeartbeat(DeviceEvent, frozen=True, kw_only=True, tag="device.heartbeat"):
    """A sign that the device is running."""


class DeviceBoot(DeviceEvent, frozen=True, kw_only=True, tag="device.boot"):
    """The device restarted."""


class DeviceTamper(DeviceEvent, frozen=True, kw_only=True, tag="device.tamper"):
    """The enclosure of the device was opened or closed."""

    active: bool


class DeviceBattery(DeviceEvent, frozen=True, kw_only=True, tag="device.battery"):
    """The state of the device's battery."""

    percent: Annotated[float, Meta(ge=0, le=100)]
    low: bool = False


class ConfigChanged(DeviceEvent, frozen=True, kw_only=True, tag="config.changed"):
    """The configuration of the device was changed."""

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
