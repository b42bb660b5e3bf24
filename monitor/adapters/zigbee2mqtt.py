"""Translates Zigbee2MQTT: contacts, smoke and other small sensors, one topic a device."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, ClassVar, TypeGuard

import msgspec
from msgspec import Struct

from monitor.adapters.adapter import Fields
from monitor.adapters.clock import MILLISECOND, from_epoch, from_iso, stamp
from monitor.adapters.payload import read
from monitor.adapters.registry import Registry, Target
from monitor.adapters.words import brief, clean, raw, text, yes_no
from monitor.core.events import Event
from monitor.core.events.device import (
    DeviceBattery,
    DeviceHeartbeat,
    DeviceOffline,
    DeviceOnline,
    DeviceTamper,
)
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.zone import EmergencyFire

FULL = 100.0
"""Percent."""
FIRES = ("smoke", "gas", "carbon_monoxide")
"""People have to leave. With meters ``gas`` counts cubic metres, so a number is none."""
SIGNS = ("water_leak", "vibration", "occupancy", "sos", "action")
"""Told in ``raw`` of a heartbeat until the vocabulary has an event for them."""
AVAILABLE: Mapping[str, type[DeviceOnline | DeviceOffline]] = {
    "online": DeviceOnline,
    "offline": DeviceOffline,
}
COMMANDS = frozenset({"set", "get"})
"""What others ask of a device: nothing happened."""


class _Told(Struct):
    contact: Any = None
    tamper: Any = None
    smoke: Any = None
    gas: Any = None
    carbon_monoxide: Any = None
    battery: Any = None
    battery_low: Any = None
    water_leak: Any = None
    vibration: Any = None
    occupancy: Any = None
    sos: Any = None
    action: Any = None
    last_seen: Any = None


class _State(Struct):
    state: str


_READ = msgspec.json.Decoder(_Told)
_READ_STATE = msgspec.json.Decoder(_State)


class Zigbee2Mqtt:
    """Knows ``<base>/<friendly name>``, its ``availability``, and ``<base>/bridge/...``."""

    __slots__ = ("_contacts", "_registry", "_zone")

    format: ClassVar[str] = "zigbee2mqtt"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        del key  # no cards here
        self._registry = registry
        self._zone = timezone
        self._contacts: dict[Target, tuple[bool, datetime]] = {}

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[Event, ...] | str:
        """Return all that one report tells: a door may open while the battery runs out."""
        levels = topic.split("/")
        if not payload or COMMANDS.intersection(levels[-2:]):
            return ()
        if "bridge" in levels[1:-1]:
            return self._bridge(levels, payload, received_at, replay=retained)
        if levels[-1] == "availability":
            target = self._registry.ending(levels[:-1])
            name = "/".join(levels[1:-1])
            return self._available(name, target, payload, received_at, replay=retained)
        told = read(payload, _READ)
        if isinstance(told, str):
            return told
        common = self._common(told, received_at, replay=retained)
        target = self._registry.ending(levels)
        name = clean("/".join(levels[1:]) or topic, 128)
        fires = _fires(told, target, name, common)
        rest = self._rest(told, target, name, common)
        # A fire is told whatever else is wrong with the message or the map.
        return (*fires, *rest) if isinstance(rest, list) else fires or rest

    def _common(self, told: _Told, received_at: datetime, *, replay: bool) -> Fields:
        seen = told.last_seen
        text_form = from_iso(seen, self._zone) if isinstance(seen, str) else None
        at, note = stamp(seen, text_form or from_epoch(seen, MILLISECOND), received_at)
        return {"at": at, "replay": replay, "raw": note}

    def _rest(
        self, told: _Told, target: Target | None, name: str, common: Fields
    ) -> list[Event] | str:
        for field in ("contact", "tamper", "smoke"):
            value = getattr(told, field)
            if value is not None and yes_no(value) is None:
                return f'"{field}" is {brief(value)}; Zigbee2MQTT sends true or false'
        if target is None:
            return self._registry.missing("place", f"Zigbee device {brief(name)}", name)
        events: list[Event] = []
        if told.contact is not None:
            if not target.point:
                return self._registry.missing("access point", f"contact {brief(name)}", name)
            events.append(self._door(told, target, common))
        device = target.speaker
        if told.tamper is not None:
            events.append(DeviceTamper(**common, device=device, active=bool(yes_no(told.tamper))))
        events += _battery(told, device, common)
        signs = _signs(told)
        if signs or not events:
            word = raw(", ".join(signs), common["raw"])
            events.append(DeviceHeartbeat(**common | {"raw": word}, device=device))
        return events

    def _door(self, told: _Told, target: Target, common: Fields) -> Event:
        """Tell the door's state; the same state again, repeated with a battery reading, is no news."""
        shut = bool(yes_no(told.contact))
        known, since = self._contacts.get(target, (None, common["at"]))
        again = known is shut and since != common["at"]
        if not again:
            self._contacts[target] = shut, common["at"]
        make = DoorClosed if shut else DoorOpened
        fields = common | {"replay": common["replay"] or again}
        return make(**fields, point=target.point, device=target.device)

    def _bridge(
        self, levels: Sequence[str], payload: bytes, received_at: datetime, *, replay: bool
    ) -> tuple[Event, ...] | str:
        target = self._registry.find("bridge")
        where = "/".join(levels[levels.index("bridge", 1) :])
        if where == "bridge/state":
            return self._available("bridge", target, payload, received_at, replay=replay)
        if target is None:
            return self._registry.missing("device", "Zigbee2MQTT's bridge", "bridge")
        word = raw(where, "no time")
        return (DeviceHeartbeat(at=received_at, device=target.speaker, replay=replay, raw=word),)

    def _available(
        self,
        name: str,
        target: Target | None,
        payload: bytes,
        received_at: datetime,
        *,
        replay: bool,
    ) -> tuple[Event, ...] | str:
        word = payload[:64].decode(errors="replace").strip(' "')
        if payload.lstrip().startswith(b"{"):
            told = read(payload, _READ_STATE)
            if isinstance(told, str):
                return told
            word = told.state
        if word not in AVAILABLE:
            return f"availability is {brief(word)}; Zigbee2MQTT sends online or offline"
        if target is None:
            return self._registry.missing("device", f"Zigbee device {brief(name)}", name)
        return (
            AVAILABLE[word](at=received_at, device=target.speaker, replay=replay, raw="no time"),
        )


def _fires(told: _Told, target: Target | None, name: str, common: Fields) -> tuple[Event, ...]:
    """Tell a fire where it is known, else under the point's, the device's or the vendor's name.

    The detector's ``false`` ends nothing: every report of another detector in the zone repeats it.
    """
    place = target or Target()
    return tuple(
        EmergencyFire(
            **common | {"raw": raw(f"{field} {name}", common["raw"])},
            zone=place.zone or place.speaker or name,
            device=place.device,
        )
        for field in FIRES
        if yes_no(getattr(told, field)) and not (field == "gas" and _is_number(told.gas))
    )


def _battery(told: _Told, device: str, common: Fields) -> list[Event]:
    low = yes_no(told.battery_low)
    if _is_percent(told.battery):
        return [DeviceBattery(**common, device=device, percent=float(told.battery), low=bool(low))]
    if low is None:
        return []
    word = raw("battery_low without a percentage", common["raw"])
    percent = 0.0 if low else FULL
    return [DeviceBattery(**common | {"raw": word}, device=device, percent=percent, low=low)]


def _signs(told: _Told) -> list[str]:
    signs = [
        f"{name}={text(value)}"
        for name in SIGNS
        if (value := getattr(told, name)) is True or (value and isinstance(value, str))
    ]
    if told.battery is not None and not _is_percent(told.battery):
        signs.append(f"battery={brief(told.battery)}")
    return signs


def _is_percent(told: object) -> bool:
    return _is_number(told) and 0 <= told <= FULL


def _is_number(told: object) -> TypeGuard[int | float]:
    return isinstance(told, int | float) and not isinstance(told, bool)
