"""The adapter for uhppoted-mqtt: UHPPOTE and Wiegand door controllers, each event on two topics."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

from monitor.adapters.adapter import Fields, Meaning
from monitor.adapters.clock import event_time, from_local
from monitor.adapters.payload import read
from monitor.adapters.registry import Registry
from monitor.adapters.words import raw, shown, text
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied, AccessGranted, AccessRex
from monitor.core.events.device import DeviceBoot, DeviceHeartbeat
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorFault, DoorOpened
from monitor.core.events.vocabulary import DeniedReason, Direction
from monitor.core.events.zone import EmergencyFire, EmergencyManual
from monitor.core.phrase import Phrase, phrase
from monitor.runtime.pseudonym import pseudonym

SWIPE, ALARM, OVERWRITTEN = 1, 3, 255
"""Event types; 0 is none, 2 is door (uhppoted-lib, locales/en/dictionary.go, like all codes here)."""

REASONS: Mapping[int, DeniedReason] = {
    6: "no_access_here",
    7: "invalid_pin",
    8: "passback",
    9: "no_accompaniment",
    12: "interlock",
    13: "outside_schedule",
    34: "threat_level",
}
"""Why a swipe was refused; every other code is ``other`` and kept in ``raw``."""

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
"""Reasons that concern one door, in events of type door or alarm."""
EMERGENCIES: Mapping[int, type[EmergencyFire | EmergencyManual]] = {
    39: EmergencyFire,
    43: EmergencyManual,
}
BOOTS = frozenset({28, 29})
"""Controller power on and controller reset."""

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


class _Event(Struct):
    event: _Record


class _Body(Struct):
    event: _Event | str | None = None
    system: dict[str, Any] | str | None = None
    reply: Any = None
    error: Any = None


class _Envelope(Struct):
    message: _Body


_GATEWAY = phrase("sender-itself", system="uhppoted-mqtt")
_READ = msgspec.json.Decoder(_Envelope)


class Uhppoted:
    """Reads the topics ``events``, ``events/live`` and ``system`` of uhppoted-mqtt."""

    __slots__ = ("_key", "_registry", "_zone")

    format: ClassVar[str] = "uhppoted"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        self._registry = registry
        self._zone = timezone
        self._key = key

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        """Return the one event of a record, with the controller's own number as its id."""
        del topic  # both feeds carry the same payload, which names controller and door
        found = read(payload, _READ)
        if isinstance(found, Phrase):
            return found
        message = found.message
        if isinstance(message.event, str) or isinstance(message.system, str):
            return phrase("uhppoted-encrypted")
        if message.event is not None:
            event = self._event(message.event.event, received_at, replay=retained)
            return event if isinstance(event, Phrase) else (event,)
        if message.system is not None:
            return self._gateway(message.system, received_at, replay=retained)
        if message.error is not None:
            return phrase("uhppoted-error", error=_detail(message.error))
        if message.reply is not None:
            return phrase("uhppoted-reply", method=_detail(message.reply))
        return phrase("uhppoted-no-event")

    def _event(
        self, record: _Record, received_at: datetime, *, replay: bool
    ) -> ReceivedEvent | Phrase:
        time = record.timestamp
        parsed = from_local(time, self._zone) if isinstance(time, str) else None
        at, note = event_time(time, parsed, received_at)
        word = f"{record.event_reason} {text(record.event_reason_text)}".strip()
        common: Fields = {
            "at": at,
            "id": f"{record.device_id}/{record.event_id}",
            "replay": replay,
            "raw": raw(word, note),
        }
        if record.event_type != OVERWRITTEN:
            # An event overwritten in the controller's memory is lost, so its number must stay missing.
            common |= {"source_seq": record.event_id, "counter": self._counter(record)}
        # The type decides first, since access-granted is true in door events as well.
        if record.event_type == SWIPE:
            return self._swipe(record, common)
        if record.event_reason in EMERGENCIES:
            return self._emergency(record, common)
        if record.event_reason in AT_DOOR or (
            record.event_type == ALARM and record.event_reason not in BOOTS
        ):
            return self._door(record, common)
        return self._controller(record, common)

    def _swipe(self, record: _Record, common: Fields) -> ReceivedEvent | Phrase:
        place = self._place(record)
        if isinstance(place, Phrase):
            return place
        common |= place | {
            "direction": _DIRECTIONS.get(record.direction, "unknown"),
            "credential": pseudonym(str(record.card_number or ""), self._key),
            "method": "card",
        }
        if record.access_granted:
            return AccessGranted(**common)
        return AccessDenied(**common, reason=REASONS.get(record.event_reason, "other"))

    def _door(self, record: _Record, common: Fields) -> ReceivedEvent | Phrase:
        place = self._place(record)
        if isinstance(place, Phrase):
            return place
        if record.event_reason not in AT_DOOR:
            return DoorFault(**common, **place, active=True, reason=f"alarm {common['raw']}"[:256])
        make, fields = AT_DOOR[record.event_reason]
        return make(**common, **place, **fields)

    def _emergency(self, record: _Record, common: Fields) -> ReceivedEvent:
        """Return the emergency, which must not be refused even if the map lacks an entry."""
        controller = str(record.device_id)
        found = (
            self._registry.find(f"{controller}/{record.door_id}"),
            self._registry.find(controller),
        )
        targets = [target for target in found if target]
        zones = [target.zone for target in targets if target.zone]
        names = [target.speaker for target in targets]
        return EMERGENCIES[record.event_reason](
            **common, zone=(*zones, *names, controller)[0], device=self._device(record)
        )

    def _controller(self, record: _Record, common: Fields) -> ReceivedEvent | Phrase:
        device = self._device(record)
        if not device:
            name = str(record.device_id)
            sender = phrase("sender-controller", controller=name)
            return self._registry.missing("device", sender, name)
        if record.event_reason in BOOTS:
            return DeviceBoot(**common, device=device)
        what = f"event of type {record.event_type}"
        if record.event_type == OVERWRITTEN:
            what = f"event {record.event_id} was overwritten before it was read"
        common["raw"] = raw(what, common["raw"])
        return DeviceHeartbeat(**common, device=device)

    def _gateway(
        self, system: dict[str, Any], received_at: datetime, *, replay: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        gateway = self._registry.find("gateway")
        if gateway is None:
            return self._registry.missing("device", _GATEWAY, "gateway")
        word = ""
        for kind, report in system.items():
            subject = report if isinstance(report, dict) else {}
            parts = text(subject.get("subsystem")), text(subject.get("message"))
            word = raw(word, f"{kind} {': '.join(part for part in parts if part)}")
        heartbeat = DeviceHeartbeat(at=received_at, device=gateway.speaker, replay=replay, raw=word)
        return (heartbeat,)

    def _place(self, record: _Record) -> Fields | Phrase:
        key = f"{record.device_id}/{record.door_id}"
        target = self._registry.find(key)
        if target is None or not target.point:
            controller = str(record.device_id)
            sender = phrase("sender-door", number=str(record.door_id), controller=controller)
            return self._registry.missing("point", sender, key)
        return {"point": target.point, "device": target.device or self._device(record)}

    def _counter(self, record: _Record) -> str:
        return self._device(record) or str(record.device_id)

    def _device(self, record: _Record) -> str:
        target = self._registry.find(str(record.device_id))
        return target.speaker if target else ""


def _detail(answer: object) -> str:
    """Return what the gateway answered, without the cards that it may name."""
    fields = answer if isinstance(answer, dict) else {"message": answer}
    words = (text(fields.get(name)) for name in ("method", "code", "message"))
    return shown(": ".join(filter(None, words)) or "no method named", 200)
