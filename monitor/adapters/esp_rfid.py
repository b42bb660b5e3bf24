"""Translates esp-rfid: card readers on ESP8266 boards, one configured topic for each."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, ClassVar, NamedTuple

import msgspec
from msgspec import Struct

from monitor.adapters.adapter import AtPoint, Fields, Meaning
from monitor.adapters.clock import SECOND, from_epoch, stamp
from monitor.adapters.payload import read
from monitor.adapters.registry import Registry, Target
from monitor.adapters.words import brief, clean, raw, text, yes_no
from monitor.core.events import Event
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
from monitor.runtime.pseudonym import pseudonym

GRANTED = frozenset({"Always", "Admin"})
REASONS: Mapping[str, DeniedReason] = {
    "Expired": "credential_expired",
    "Disabled": "credential_disabled",
    "Wrong pin code": "invalid_pin",
}
"""Words of ``access`` (src/rfid.esp); ``Denied`` is said of cards that the reader doesn't know."""

LOGGED: Mapping[tuple[str, str], Meaning] = {
    ("door", "Door Open"): (DoorOpened, {}),
    ("door", "Door Closed"): (DoorClosed, {}),
    ("tamper", "Door was tampered!"): (DoorAlarmChanged, {"alarm": "forced_open"}),
    ("tamper", "Door wasn't closed within max open time!"): (
        DoorAlarmChanged,
        {"alarm": "held_open"},
    ),
}
"""Lines of the event log, by ``src`` and ``desc`` (src/door.esp)."""

IO: Mapping[tuple[str, str], Meaning] = {
    ("door", "ON"): (DoorOpened, {}),
    ("door", "OFF"): (DoorClosed, {}),
    ("lock", "LOCKED"): (DoorLocked, {}),
    ("lock", "UNLOCKED"): (DoorUnlocked, {}),
    ("tamper", "ON"): (DoorTamper, {"active": True}),
    ("tamper", "OFF"): (DoorTamper, {"active": False}),
}
"""Bare words on ``<topic>/io/<name>``."""

AVAILABLE: Mapping[str, type[DeviceOnline | DeviceOffline]] = {
    "online": DeviceOnline,
    "offline": DeviceOffline,
}
HEARTBEATS = frozenset({"heartbeat", "hearthbeat"})
"""The second is what the stable branch sends."""
NOT_OURS = frozenset({"cmd", "accesslist"})
"""Commands to the reader and its list of users: nothing happened, and names are in them."""
PARTS = frozenset({"send", "tag", "avty"}) | NOT_OURS


class _Told(Struct):
    type: str = "access"
    """The form for Home Assistant leaves it out and sends accesses only."""
    time: Any = None
    access: str = ""
    uid: Any = None
    isKnown: Any = None  # noqa: N815, the vendor's spelling
    door: Any = None
    hostname: Any = None
    src: Any = None
    desc: Any = None


_READ = msgspec.json.Decoder(_Told)


class _Where(NamedTuple):
    base: str
    """The topic that is set in the reader: the key in our map."""
    part: str = ""
    """What the later firmware puts behind it."""


class EspRfid:
    """Knows the one topic of the stable branch, and those that later firmware derives from it."""

    __slots__ = ("_key", "_registry")

    format: ClassVar[str] = "esp-rfid"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        del timezone  # its clock counts seconds in UTC
        self._registry = registry
        self._key = key

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[Event, ...] | str:
        """Return the one event that a message tells; commands and lists of users are none."""
        where = self._where(topic)
        if where.part in NOT_OURS or not payload:
            return ()
        if where.part == "avty" or where.part.startswith("io/"):
            event = self._bare(where, payload, received_at, replay=retained)
        else:
            said = read(payload, _READ)
            if isinstance(said, str):
                return said
            event = self._said(where.base, said, received_at, replay=retained)
        return event if isinstance(event, str) else (event,)

    def _where(self, topic: str) -> _Where:
        base, _, last = topic.rpartition("/")
        above, _, part = base.rpartition("/")
        if part == "io":
            return _Where(above, f"io/{last}")
        if last in PARTS and not self._registry.find(topic):
            return _Where(base, last)
        return _Where(topic)

    def _said(self, base: str, said: _Told, received_at: datetime, *, replay: bool) -> Event | str:
        at, note = stamp(said.time, from_epoch(said.time, SECOND), received_at)
        common: Fields = {"at": at, "replay": replay}
        target = self._registry.find(f"{base}/{text(said.door) or text(said.hostname)}", base)
        if said.type == "access":
            return self._access(base, said, target, common | {"raw": raw(said.access, note)})
        # Of a log line no more than source and description: the rest may hold a card number.
        line = text(said.src), text(said.desc)
        if line in LOGGED:
            make, fields = LOGGED[line]
            return self._at_door(
                base, target, make, {**common, **fields, "raw": raw(line[1], note)}
            )
        if target is None:
            return self._registry.missing("device", f"topic {brief(base)}", base)
        if said.type == "boot":
            return DeviceBoot(**common, device=target.speaker, raw=note)
        word = "" if said.type in HEARTBEATS else f"{said.type} {': '.join(filter(None, line))}"
        return DeviceHeartbeat(**common, device=target.speaker, raw=raw(word.strip(), note))

    def _access(self, base: str, said: _Told, target: Target | None, common: Fields) -> Event | str:
        if not said.access:
            return 'an access message without "access"; esp-rfid sends Always, Admin, Denied ...'
        common |= {"credential": pseudonym(text(said.uid), self._key), "method": "card"}
        if said.access in GRANTED:
            return self._at_door(base, target, AccessGranted, common)
        reason = REASONS.get(said.access, "other")
        if said.access == "Denied" and (said.isKnown is None or yes_no(said.isKnown) is False):
            reason = "unknown_credential"
        return self._at_door(base, target, AccessDenied, common | {"reason": reason})

    def _bare(
        self, where: _Where, payload: bytes, received_at: datetime, *, replay: bool
    ) -> Event | str:
        word = clean(payload[:64].decode(errors="replace"))
        common: Fields = {"at": received_at, "replay": replay}
        said = where.part.removeprefix("io/")
        name = said.rstrip("0123456789")
        # Relay 0 is the reader's own door; each further one is a door that the map has to name.
        key = where.base if said in (name, f"{name}0") else f"{where.base}/{where.part}"
        target = self._registry.find(f"{where.base}/{where.part}", key)
        if (name, word) in IO:
            make, fields = IO[name, word]
            return self._at_door(
                key, target, make, {**common, **fields, "raw": raw(f"{where.part} {word}")}
            )
        if target is None:
            return self._registry.missing("device", f"topic {brief(key)}", key)
        if name == "avty" and word in AVAILABLE:
            return AVAILABLE[word](**common, device=target.speaker)
        return DeviceHeartbeat(**common, device=target.speaker, raw=raw(f"{where.part} {word}"))

    def _at_door(
        self, key: str, target: Target | None, make: type[AtPoint], fields: Mapping[str, Any]
    ) -> Event | str:
        if target is None or not target.point:
            return self._registry.missing("access point", f"topic {brief(key)}", key)
        return make(point=target.point, device=target.device, **fields)
