"""The adapter for Zigbee2MQTT: contacts, smoke and other small sensors, one topic per device."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, ClassVar, TypeGuard

import msgspec
from msgspec import Struct

from monitor.adapters.adapter import Fields
from monitor.adapters.clock import MILLISECOND, event_time, from_epoch, from_iso
from monitor.adapters.payload import read
from monitor.adapters.registry import Registry, Target
from monitor.adapters.words import brief, clean, raw, shown, text, yes_no
from monitor.core.events import ReceivedEvent
from monitor.core.events.device import (
    DeviceBattery,
    DeviceHeartbeat,
    DeviceOffline,
    DeviceOnline,
    DeviceTamper,
)
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.zone import EmergencyFire
from monitor.core.phrase import Phrase, phrase

FULL = 100.0
"""Percent."""
FIRES = ("smoke", "gas", "carbon_monoxide")
"""Fields that mean an evacuation. In meters ``gas`` counts cubic metres, so a number there is not a fire."""
SIGNS = ("water_leak", "vibration", "occupancy", "sos", "action")
"""Fields kept in ``raw`` of a heartbeat until the vocabulary has events for them."""
AVAILABLE: Mapping[str, type[DeviceOnline | DeviceOffline]] = {
    "online": DeviceOnline,
    "offline": DeviceOffline,
}
COMMANDS = frozenset({"set", "get"})
"""Requests to a device, which are not events."""


class _Report(Struct):
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


_READINGS = """
brightness co2 color current device_temperature energy humidity illuminance illuminance_lux linkquality
occupancy_level pm25 position power presence pressure soil_moisture state temperature update update_available voc
voltage
"""
REPORTED = frozenset(_Report.__struct_fields__).union(_READINGS.split())
"""Fields of which each report of a Zigbee device has one (zigbee2mqtt.io, "Exposes")."""


class _State(Struct):
    state: str


_READ = msgspec.json.Decoder(_Report)
_READ_STATE = msgspec.json.Decoder(_State)


class Zigbee2Mqtt:
    """Reads ``<base>/<friendly name>``, its ``availability``, and ``<base>/bridge/...``."""

    __slots__ = ("_contacts", "_registry", "_zone")

    format: ClassVar[str] = "zigbee2mqtt"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        del key  # no cards here
        self._registry = registry
        self._zone = timezone
        self._contacts: dict[Target, tuple[bool, datetime]] = {}

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        """Return all events of one report: a door may open while the battery runs out."""
        levels = topic.split("/")
        if not payload or COMMANDS.intersection(levels[-2:]):
            return ()
        if "bridge" in levels[1:-1]:
            return self._bridge(levels, payload, received_at, replay=retained)
        if levels[-1] == "availability":
            target = self._registry.ending(levels[:-1])
            name = "/".join(levels[1:-1])
            return self._available(name, target, payload, received_at, replay=retained)
        report = read(payload, _READ)
        if isinstance(report, Phrase):
            return report
        common = self._common(report, received_at, replay=retained)
        target = self._registry.ending(levels)
        name = clean("/".join(levels[1:]) or topic, 128)
        fires = _fires(report, target, name, common)
        rest = self._rest(report, target, name, common, payload)
        # A fire is reported even if something else is wrong with the message or the map.
        return (*fires, *rest) if isinstance(rest, list) else fires or rest

    def _common(self, report: _Report, received_at: datetime, *, replay: bool) -> Fields:
        seen = report.last_seen
        text_form = from_iso(seen, self._zone) if isinstance(seen, str) else None
        at, note = event_time(seen, text_form or from_epoch(seen, MILLISECOND), received_at)
        return {"at": at, "replay": replay, "raw": note}

    def _rest(
        self,
        report: _Report,
        target: Target | None,
        name: str,
        common: Fields,
        payload: bytes,
    ) -> list[ReceivedEvent] | Phrase:
        for field in ("contact", "tamper", "smoke"):
            value = getattr(report, field)
            if value is not None and yes_no(value) is None:
                return phrase("zigbee-field", key=field, given=shown(value))
        if target is None:
            return self._registry.missing("place", _device(name), name)
        events: list[ReceivedEvent] = []
        if report.contact is not None:
            if not target.point:
                return self._registry.missing(
                    "point", phrase("sender-contact", name=shown(name)), name
                )
            events.append(self._door(report, target, common))
        device = target.speaker
        if report.tamper is not None:
            events.append(DeviceTamper(**common, device=device, active=bool(yes_no(report.tamper))))
        events += _battery(report, device, common)
        signs = _signs(report)
        if not events and not signs and (why := _foreign(payload)):
            return why
        if signs or not events:
            word = raw(", ".join(signs), common["raw"])
            events.append(DeviceHeartbeat(**common | {"raw": word}, device=device))
        return events

    def _door(self, report: _Report, target: Target, common: Fields) -> ReceivedEvent:
        """Return the door's state; an unchanged state, as sent with a battery reading, counts as replayed."""
        shut = bool(yes_no(report.contact))
        known, since = self._contacts.get(target, (None, common["at"]))
        unchanged = known is shut and since != common["at"]
        if not unchanged:
            self._contacts[target] = shut, common["at"]
        make = DoorClosed if shut else DoorOpened
        fields = common | {"replay": common["replay"] or unchanged}
        return make(**fields, point=target.point, device=target.device)

    def _bridge(
        self, levels: Sequence[str], payload: bytes, received_at: datetime, *, replay: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        target = self._registry.find("bridge")
        where = "/".join(levels[levels.index("bridge", 1) :])
        if where == "bridge/state":
            return self._available("bridge", target, payload, received_at, replay=replay)
        if target is None:
            return self._registry.missing(
                "device", phrase("sender-bridge", system="Zigbee2MQTT"), "bridge"
            )
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
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        word = payload[:64].decode(errors="replace").strip(' "')
        if payload.lstrip().startswith(b"{"):
            body = read(payload, _READ_STATE)
            if isinstance(body, Phrase):
                return body
            word = body.state
        if word not in AVAILABLE:
            return phrase("zigbee-availability", given=shown(word))
        if target is None:
            return self._registry.missing("device", _device(name), name)
        return (
            AVAILABLE[word](at=received_at, device=target.speaker, replay=replay, raw="no time"),
        )


def _fires(
    report: _Report, target: Target | None, name: str, common: Fields
) -> tuple[ReceivedEvent, ...]:
    """Return the fires of a report, in the known zone or else under the point's, device's or vendor's name.

    A detector's ``false`` clears nothing, since every report of any other detector in the zone repeats it.
    """
    place = target or Target()
    return tuple(
        EmergencyFire(
            **common | {"raw": raw(f"{field} {name}", common["raw"])},
            zone=place.zone or place.speaker or name,
            device=place.device,
        )
        for field in FIRES
        if yes_no(getattr(report, field)) and not (field == "gas" and _is_number(report.gas))
    )


def _device(name: str) -> Phrase:
    return phrase("sender-device", system="Zigbee", name=shown(name))


def _foreign(payload: bytes) -> Phrase | None:
    """Return the reason for refusing a report that has no field of Zigbee2MQTT; ``None`` if it has one."""
    names = msgspec.json.decode(payload, type=dict[str, msgspec.Raw]).keys()
    if not REPORTED.isdisjoint(names):
        return None
    found = shown(", ".join(sorted(names)) or "no field")
    return phrase("zigbee-foreign", given=found)


def _battery(report: _Report, device: str, common: Fields) -> list[ReceivedEvent]:
    low = yes_no(report.battery_low)
    if _is_percent(report.battery):
        percent = float(report.battery)
        return [DeviceBattery(**common, device=device, percent=percent, low=bool(low))]
    if low is None:
        return []
    word = raw("battery_low without a percentage", common["raw"])
    percent = 0.0 if low else FULL
    return [DeviceBattery(**common | {"raw": word}, device=device, percent=percent, low=low)]


def _signs(report: _Report) -> list[str]:
    signs = [
        f"{name}={text(value)}"
        for name in SIGNS
        if (value := getattr(report, name)) is True or (value and isinstance(value, str))
    ]
    if report.battery is not None and not _is_percent(report.battery):
        signs.append(f"battery={brief(report.battery)}")
    return signs


def _is_percent(value: object) -> bool:
    return _is_number(value) and 0 <= value <= FULL


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
