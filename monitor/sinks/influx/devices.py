"""Devices: who was heard when."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from monitor.core.events import Event
from monitor.core.events.device import DeviceBattery, DeviceOffline, DeviceOnline, DeviceTamper
from monitor.core.venue.places import Place
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.read_model import DeviceState, Picture
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import Ground

FOLLOWED = frozenset(kind for kind in get_args(Event) if "device" in kind.__struct_fields__)
"""The event types of which `follow` has to hear: those that may name a device."""
_TOLD = (DeviceOnline, DeviceOffline, DeviceTamper, DeviceBattery)
"""What is worth a point of its own; that it was heard again is not."""


def follow(said: Event, t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Device]:
    """Take in that a device was heard; yield how it stands if that is another now."""
    name = getattr(said, "device", "")
    if not name or name not in ground.places.devices:
        return
    state = picture.devices.get(name)
    if state is None:
        state = picture.devices[name] = DeviceState(t)
    elif t < state.heard:
        return
    state.heard = t
    was_offline, state.offline = state.offline, isinstance(said, DeviceOffline)
    if isinstance(said, DeviceBattery):
        state.battery = said.percent
    elif isinstance(said, DeviceTamper):
        state.tamper = said.active
    if isinstance(said, _TOLD) or was_offline:
        yield _device(name, ground.places.devices[name], t, picture)


def standing(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Device]:
    """Yield how every device of the venue stands."""
    for name, place in ground.places.devices.items():
        yield _device(name, place, t, picture)


def _device(name: str, place: Place, t: datetime, picture: Picture) -> to.Device:
    state = picture.devices.get(name)
    silence = None if state is None else max(0, int((t - state.heard).total_seconds()))
    return to.Device(
        site=place.site or NONE,
        zone=place.zone or NONE,
        point=place.point or NONE,
        device=name,
        up=int(_is_up(state, place, t)),
        last_seen_s=silence,
        battery=None if state is None else state.battery,
        tamper=int(state is not None and state.tamper),
    )


def _is_up(state: DeviceState | None, place: Place, t: datetime) -> bool:
    if state is None or state.offline or place.of_device is None:
        return False
    return t - state.heard <= place.of_device.silence_limit
