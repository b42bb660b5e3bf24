"""Devices: when each last sent a message, and what it reported."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from monitor.core.events import ReceivedEvent
from monitor.core.events.device import DeviceBattery, DeviceOffline, DeviceOnline, DeviceTamper
from monitor.core.venue.places import Place
from monitor.sinks.influx.read_model import DeviceRecord, ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.state_measurements import DeviceMeasurement
from monitor.sinks.influx.tags import TagSource

PROJECTED = frozenset(
    kind for kind in get_args(ReceivedEvent) if "device" in kind.__struct_fields__
)
"""The event types that `project` takes: those that may name a device."""
_WRITTEN = (DeviceOnline, DeviceOffline, DeviceTamper, DeviceBattery)
"""The event types that write a point; a mere message of a device does not."""


def project(
    event: ReceivedEvent, t: datetime, tags: TagSource, model: ReadModel
) -> Iterator[DeviceMeasurement]:
    """Apply an event of a device; yield the device's state if it has changed."""
    name = getattr(event, "device", "")
    if not name or name not in tags.places.devices:
        return
    device = model.devices.get(name)
    if device is None:
        device = model.devices[name] = DeviceRecord(t)
    elif t < device.last_seen:
        return
    device.last_seen = t
    was_offline, device.offline = device.offline, isinstance(event, DeviceOffline)
    if isinstance(event, DeviceBattery):
        device.battery = event.percent
    elif isinstance(event, DeviceTamper):
        device.tamper = event.active
    if isinstance(event, _WRITTEN) or was_offline:
        yield _device(name, tags.places.devices[name], t, model)


def states(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[DeviceMeasurement]:
    """Yield the state of every device of the venue."""
    for name, place in tags.places.devices.items():
        yield _device(name, place, t, model)


def _device(name: str, place: Place, t: datetime, model: ReadModel) -> DeviceMeasurement:
    device = model.devices.get(name)
    silence = None if device is None else max(0, int((t - device.last_seen).total_seconds()))
    return DeviceMeasurement(
        site=place.site or NONE,
        zone=place.zone or NONE,
        point=place.point or NONE,
        device=name,
        up=int(_is_up(device, place, t)),
        last_seen_s=silence,
        battery=None if device is None else device.battery,
        tamper=int(device is not None and device.tamper),
    )


def _is_up(device: DeviceRecord | None, place: Place, t: datetime) -> bool:
    if device is None or device.offline or place.of_device is None:
        return False
    return t - device.last_seen <= place.of_device.silence_limit
