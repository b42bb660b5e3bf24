"""Translates uhppoted-mqtt: UHPPOTE and Wiegand door controllers, every event on two topics."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

from monitor.adapters.adapter import Fields, Meaning
from monitor.adapters.clock import from_local, stamp
from monitor.adapters.payload import read
from monitor.adapters.registry import Registry
from monitor.adapters.words import raw, text
from monitor.core.events import Event
from monitor.core.events.access import AccessDenied, AccessGranted, AccessRex
from monitor.core.events.device import DeviceBoot, DeviceHeartbeat
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorFault, DoorOpened
from monitor.core.events.vocabulary import DeniedReason, Direction
from monitor.core.events.zone import EmergencyFire, EmergencyManual
from monitor.runtime.pseudonym import pseudonym

SWIPE, ALARM, OVERWRITTEN = 1, 3, 255
"""Event types; 0 is none, 2 is door (uhppoted-lib, locales/en/dictionary.go, as all codes here)."""

REASONS: Mapping[int, DeniedReason] = {
    6: "no_access_here",
    7: "invalid_pin",
    8: "passback",
    9: "no_accompaniment",
    12: "interlock",
    13: "outside_schedule",
    34: "threat_level",
}
"""Why a swipe was refused; every other code is ``other`` and stands in ``raw``."""

AT_DOOR: Mapping[int, Meaning] = {
    20: (AccessRex, {}),
    31: (AccessRex, {"refused": True}),
    32: (AccessRex, {"refused": True}),
    33: (AccessRex, {"refused": True, "reason": "interlock"}),
    34: (AccessRex, {"refused": True, "reason": "threat_level"}),
    23: (DoorOpened, {}),
    24: (DoorClosed, {}),
    25: (AccessGranted, {"method": "pin"}),
    37: (DoorAlarmChanged, {"alarm": "held_open"}),
    38: (DoorAlarmChanged, {"alarm": "forced_open"}),
    44: (AccessGranted, {}),
    45: (AccessGranted, {}),
}
"""Reasons that concern one door, in events of the types door and alarm."""
EMERGENCIES: Mapping[int, type[EmergencyFire | EmergencyManual]] = {
    39: EmergencyFire,
    43: EmergencyManual,
}
BOOTS = frozenset({28, 29})
"""Controller power on, controller reset."""

_DIRECTIONS: Mapping[int, Direction] = {1: "in", 2: "out"}
_U32 = Annotated[int, Meta(ge=0, le=0xFFFFFFFF)]


class _Record(Struct, rename="kebab"):
    device_id: _U32
    event_id: _U32
    event_type: _U32
    event_reason: _U32 = 0
    event_reason_text: Any = ""
    door_id: _U32 = 0
    direction: _U32 = 0
    card_number: _U32 = 0
    access_granted: bool = False
    timestamp: Any = None


class _Told(Struct):
    event: _Record


class _Message(Struct):
    event: _Told | str | None = None
    system: dict[str, Any] | str | None = None
    reply: Any = None
    error: Any = None


class _Envelope(Struct):
    message: _Message


_READ = msgspec.json.Decoder(_Envelope)


class Uhppoted:
    """Knows the topics ``events``, ``events/live`` and ``system`` of uhppoted-mqtt."""

    __slots__ = ("_key", "_registry", "_zone")

    format: ClassVar[str] = "uhppoted"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        self._registry = registry
        self._zone = timezone
        self._key = key

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[Event, ...] | str:
        """Return the one event of a record, with the controller's own number for it."""
        del topic  # both feeds carry the same, and the payload names controller and door
        found = read(payload, _READ)
        if isinstance(found, str):
            return found
        message = found.message
        if isinstance(message.event, str) or isinstance(message.system, str):
            return "the message is encrypted; turn mqtt.encryption.outgoing off in uhppoted.conf"
        if message.event is not None:
            event = self._event(message.event.event, received_at, replay=retained)
            return event if isinstance(event, str) else (event,)
        if message.system is not None:
            return self._gateway(message.system, received_at, replay=retained)
        if message.reply is not None or message.error is not None:
            return ()
        return 'a message with neither "event" nor "system"; uhppoted-mqtt sends one of them'

    def _event(self, said: _Record, received_at: datetime, *, replay: bool) -> Event | str:
        told = said.timestamp
        moment = from_local(told, self._zone) if isinstance(told, str) else None
        at, note = stamp(told, moment, received_at)
        word = f"{said.event_reason} {text(said.event_reason_text)}".strip()
        common: Fields = {
            "at": at,
            "id": f"{said.device_id}/{said.event_id}",
            "replay": replay,
            "raw": raw(word, note),
        }
        if said.event_type != OVERWRITTEN:
            # What was overwritten in the controller's memory is lost, and its number stays missing.
            common |= {"source_seq": said.event_id, "counter": self._counter(said)}
        # The type first: access-granted is true in events of the door as well.
        if said.event_type == SWIPE:
            return self._swipe(said, common)
        if said.event_reason in EMERGENCIES:
            return self._emergency(said, common)
        if said.event_reason in AT_DOOR or (
            said.event_type == ALARM and said.event_reason not in BOOTS
        ):
            return self._door(said, common)
        return self._controller(said, common)

    def _swipe(self, said: _Record, common: Fields) -> Event | str:
        place = self._place(said)
        if isinstance(place, str):
            return place
        common |= place | {
            "direction": _DIRECTIONS.get(said.direction, "unknown"),
            "credential": pseudonym(str(said.card_number or ""), self._key),
            "method": "card",
        }
        if said.access_granted:
            return AccessGranted(**common)
        return AccessDenied(**common, reason=REASONS.get(said.event_reason, "other"))

    def _door(self, said: _Record, common: Fields) -> Event | str:
        place = self._place(said)
        if isinstance(place, str):
            return place
        if said.event_reason not in AT_DOOR:
            return DoorFault(**common, **place, active=True, reason=f"alarm {common['raw']}"[:256])
        make, fields = AT_DOOR[said.event_reason]
        return make(**common, **place, **fields)

    def _emergency(self, said: _Record, common: Fields) -> Event:
        """Make the one event that no missing entry of the map may refuse."""
        controller = str(said.device_id)
        found = (
            self._registry.find(f"{controller}/{said.door_id}"),
            self._registry.find(controller),
        )
        targets = [target for target in found if target]
        zones = [target.zone for target in targets if target.zone]
        names = [target.speaker for target in targets]
        return EMERGENCIES[said.event_reason](
            **common, zone=(*zones, *names, controller)[0], device=self._device(said)
        )

    def _controller(self, said: _Record, common: Fields) -> Event | str:
        device = self._device(said)
        if not device:
            name = str(said.device_id)
            return self._registry.missing("device", f"controller {name}", name)
        if said.event_reason in BOOTS:
            return DeviceBoot(**common, device=device)
        what = f"event of type {said.event_type}"
        if said.event_type == OVERWRITTEN:
            what = f"event {said.event_id} was overwritten before it was read"
        common["raw"] = raw(what, common["raw"])
        return DeviceHeartbeat(**common, device=device)

    def _gateway(
        self, system: dict[str, Any], received_at: datetime, *, replay: bool
    ) -> tuple[Event, ...] | str:
        gateway = self._registry.find("gateway")
        if gateway is None:
            return self._registry.missing("device", "uhppoted-mqtt itself", "gateway")
        word = ""
        for kind, told in system.items():
            subject = told if isinstance(told, dict) else {}
            said = text(subject.get("subsystem")), text(subject.get("message"))
            word = raw(word, f"{kind} {': '.join(part for part in said if part)}")
        beat = DeviceHeartbeat(at=received_at, device=gateway.speaker, replay=replay, raw=word)
        return (beat,)

    def _place(self, said: _Record) -> Fields | str:
        key = f"{said.device_id}/{said.door_id}"
        target = self._registry.find(key)
        if target is None or not target.point:
            told_by = f"door {said.door_id} of device {said.device_id}"
            return self._registry.missing("access point", told_by, key)
        return {"point": target.point, "device": target.device or self._device(said)}

    def _counter(self, said: _Record) -> str:
        return self._device(said) or str(said.device_id)

    def _device(self, said: _Record) -> str:
        target = self._registry.find(str(said.device_id))
        return target.speaker if target else ""
