"""The adapter for esp-rfid: card readers on ESP8266 boards, each with its configured topic."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, ClassVar, NamedTuple

import msgspec
from msgspec import Struct

from monitor.adapters.adapter import AtPoint, Fields, Meaning
from monitor.adapters.clock import SECOND, event_time, from_epoch
from monitor.adapters.payload import read
from monitor.adapters.registry import Registry, Target
from monitor.adapters.words import clean, raw, shown, text, yes_no
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied, AccessGranted
from monitor.core.events.device import DeviceBoot, DeviceHeartbeat, DeviceOffline, DeviceOnline
from monitor.core.events.door import (
    DoorAlarmChanged,
    DoorClosed,
    DoorLocked,
    DoorOpened,
    DoorTamper,
    DoorUnlocked,
)
from monitor.core.events.vocabulary import DeniedReason
from monitor.core.phrase import Phrase, phrase
from monitor.runtime.pseudonym import pseudonym

GRANTED = frozenset({"Always", "Admin"})
REASONS: Mapping[str, DeniedReason] = {
    "Expired": "credential_expired",
    "Disabled": "credential_disabled",
    "Wrong pin code": "invalid_pin",
}
"""Values of ``access`` (src/rfid.esp); ``Denied`` is sent for cards unknown to the reader."""

LOGGED: Mapping[tuple[str, str], Meaning] = {
    ("door", "Door Open"): (DoorOpened, {}),
    ("door", "Door Closed"): (DoorClosed, {}),
    ("tamper", "Door was tampered!"): (DoorAlarmChanged, {"alarm": "forced_open"}),
    ("tamper", "Door wasn't closed within max open time!"): (
        DoorAlarmChanged,
        {"alarm": "held_open"},
    ),
}
"""Entries of the event log, by ``src`` and ``desc`` (src/door.esp)."""

IO: Mapping[tuple[str, str], Meaning] = {
    ("door", "ON"): (DoorOpened, {}),
    ("door", "OFF"): (DoorClosed, {}),
    ("lock", "LOCKED"): (DoorLocked, {}),
    ("lock", "UNLOCKED"): (DoorUnlocked, {}),
    ("tamper", "ON"): (DoorTamper, {"active": True}),
    ("tamper", "OFF"): (DoorTamper, {"active": False}),
}
"""Plain words on ``<topic>/io/<name>``."""

AVAILABLE: Mapping[str, type[DeviceOnline | DeviceOffline]] = {
    "online": DeviceOnline,
    "offline": DeviceOffline,
}
HEARTBEATS = frozenset({"heartbeat", "hearthbeat"})
"""The stable branch sends the second spelling."""
IGNORED = frozenset({"cmd", "accesslist"})
"""Commands to the reader and its list of users, which are not events and contain names."""
PARTS = frozenset({"send", "tag", "avty"}) | IGNORED


class _Payload(Struct):
    type: str = "access"
    """Missing in the format for Home Assistant, which sends accesses only."""
    time: Any = None
    access: str = ""
    uid: Any = None
    isKnown: Any = None  # noqa: N815, the vendor's spelling
    door: Any = None
    hostname: Any = None
    src: Any = None
    desc: Any = None


_WORD = re.compile(r"[A-Za-z0-9_-]{1,32}")
_READ = msgspec.json.Decoder(_Payload)


class _Topic(NamedTuple):
    base: str
    """The topic configured in the reader, which is the key in the map."""
    part: str = ""
    """What later firmware appends to it."""


class EspRfid:
    """Reads the single topic of the stable branch, and the topics that later firmware derives from it."""

    __slots__ = ("_key", "_registry")

    format: ClassVar[str] = "esp-rfid"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        del timezone  # its clock counts seconds in UTC
        self._registry = registry
        self._key = key

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        """Return the one event of a message; commands and lists of users have none."""
        levels = self._split(topic)
        if levels.part in IGNORED or not payload:
            return ()
        if levels.part == "avty" or levels.part.startswith("io/"):
            event = self._plain_word(levels, payload, received_at, replay=retained)
        else:
            body = read(payload, _READ)
            if isinstance(body, Phrase):
                return body
            event = self._event(levels.base, body, received_at, replay=retained)
        return event if isinstance(event, Phrase) else (event,)

    def _split(self, topic: str) -> _Topic:
        base, _, last = topic.rpartition("/")
        above, _, part = base.rpartition("/")
        if part == "io":
            return _Topic(above, f"io/{last}")
        if last in PARTS and not self._registry.find(topic):
            return _Topic(base, last)
        return _Topic(topic)

    def _event(
        self, base: str, body: _Payload, received_at: datetime, *, replay: bool
    ) -> ReceivedEvent | Phrase:
        at, note = event_time(body.time, from_epoch(body.time, SECOND), received_at)
        common: Fields = {"at": at, "replay": replay}
        target = self._registry.find(f"{base}/{text(body.door) or text(body.hostname)}", base)
        if body.type == "access":
            return self._access(base, body, target, common | {"raw": raw(body.access, note)})
        # Keep only source and description of a log entry: the rest may hold a card number.
        line = text(body.src), text(body.desc)
        if line in LOGGED:
            make, fields = LOGGED[line]
            return self._at_door(
                base, target, make, {**common, **fields, "raw": raw(line[1], note)}
            )
        if target is None:
            return self._registry.missing("device", _topic(base), base)
        if body.type == "boot":
            return DeviceBoot(**common, device=target.speaker, raw=note)
        if body.type not in HEARTBEATS and not any(line):
            return phrase("esp-rfid-type", given=shown(body.type))
        word = "" if body.type in HEARTBEATS else f"{body.type} {': '.join(filter(None, line))}"
        return DeviceHeartbeat(**common, device=target.speaker, raw=raw(word.strip(), note))

    def _access(
        self, base: str, body: _Payload, target: Target | None, common: Fields
    ) -> ReceivedEvent | Phrase:
        if not body.access:
            return phrase("esp-rfid-no-access")
        common |= {"credential": pseudonym(text(body.uid), self._key), "method": "card"}
        if body.access in GRANTED:
            return self._at_door(base, target, AccessGranted, common)
        reason = REASONS.get(body.access, "other")
        if body.access == "Denied" and (body.isKnown is None or yes_no(body.isKnown) is False):
            reason = "unknown_credential"
        return self._at_door(base, target, AccessDenied, common | {"reason": reason})

    def _plain_word(
        self, topic: _Topic, payload: bytes, received_at: datetime, *, replay: bool
    ) -> ReceivedEvent | Phrase:
        word = clean(payload[:64].decode(errors="replace"))
        common: Fields = {"at": received_at, "replay": replay}
        relay = topic.part.removeprefix("io/")
        name = relay.rstrip("0123456789")
        # Relay 0 is the reader's own door; the map must name the door of each further relay.
        key = topic.base if relay in (name, f"{name}0") else f"{topic.base}/{topic.part}"
        target = self._registry.find(f"{topic.base}/{topic.part}", key)
        if (name, word) in IO:
            make, fields = IO[name, word]
            return self._at_door(
                key, target, make, {**common, **fields, "raw": raw(f"{topic.part} {word}")}
            )
        if not _WORD.fullmatch(word):
            return phrase("esp-rfid-word", given=shown(word), topic_part=shown(topic.part))
        if target is None:
            return self._registry.missing("device", _topic(key), key)
        if name == "avty" and word in AVAILABLE:
            return AVAILABLE[word](**common, device=target.speaker)
        return DeviceHeartbeat(**common, device=target.speaker, raw=raw(f"{topic.part} {word}"))

    def _at_door(
        self, key: str, target: Target | None, make: type[AtPoint], fields: Mapping[str, Any]
    ) -> ReceivedEvent | Phrase:
        if target is None or not target.point:
            return self._registry.missing("point", _topic(key), key)
        return make(point=target.point, device=target.device, **fields)


def _topic(name: str) -> Phrase:
    return phrase("sender-topic", name=shown(name))
