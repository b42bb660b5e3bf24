"""The adapter for ONVIF's JSON events over MQTT (Core Specification, "JSON Event Payload", topics ``onvif-ej``)."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar, NamedTuple

import msgspec
from msgspec import Struct, field

from monitor.adapters.adapter import Fields
from monitor.adapters.clock import event_time, from_iso
from monitor.adapters.onvif_words import (
    ACCESS,
    DOOR,
    METHODS,
    REASONS,
    STATES,
    STATES_DISABLED,
    UNKNOWN_STATE,
)
from monitor.adapters.payload import read
from monitor.adapters.registry import Kind, Registry, Target
from monitor.adapters.words import brief, clean, raw, shown, text, yes_no
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied, ApbViolation, CredentialState
from monitor.core.events.device import ConfigChanged, DeviceHeartbeat
from monitor.core.events.door import DoorFault
from monitor.core.events.zone import ZoneCount
from monitor.core.phrase import Phrase, phrase
from monitor.runtime.pseudonym import pseudonym

DURESS = "AccessControl/Duress"
"""Is believed whatever the payload: refusing the message would lose the duress."""
MOST_PERSONS = 10_000_000
"""The limit of a count in the event vocabulary."""


class _Payload(Struct):
    UtcTime: Any = None
    Source: dict[str, Any] = field(default_factory=dict)
    Data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_event(self) -> bool:
        """Whether any field of an ONVIF event is there."""
        return bool(self.UtcTime is not None or self.Source or self.Data)


_READ = msgspec.json.Decoder(_Payload)


class _Message(NamedTuple):
    prefix: str
    """Configured in the device, and its key in the map."""
    topic: Sequence[str]
    """The levels of the ONVIF topic, without ``tns1:``."""
    sources: Sequence[str]
    """The levels after ``/&``."""
    body: _Payload
    common: Fields

    def source(self, name: str) -> str:
        """Return one item of ``Source``, or the last source value of the topic."""
        return text(self.body.Source.get(name)) or (self.sources[-1] if self.sources else "")

    def data(self, *names: str) -> str:
        """Return the first of these items of ``Data`` that is present."""
        return next((word for name in names if (word := text(self.body.Data.get(name)))), "")


class Onvif:
    """Reads topics of the form ``<prefix>/onvif-ej/<topic>[/&<source>/...]``."""

    __slots__ = ("_key", "_registry")

    format: ClassVar[str] = "onvif-ej"

    def __init__(self, registry: Registry, timezone: tzinfo, key: bytes) -> None:
        del timezone  # UtcTime is always in UTC
        self._registry = registry
        self._key = key

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        """Return the one event of a message; a retained message repeats a property's state."""
        prefix, found, rest = topic.partition("/onvif-ej/")
        if not found or not prefix:
            return phrase("onvif-topic", in_topic=shown(topic))
        local, _, sources = rest.partition("/&")
        levels = [level.removeprefix("tns1:") for level in local.split("/")]
        body = _Payload()
        if payload:
            decoded = read(payload, _READ)
            if isinstance(decoded, Phrase):
                return decoded
            body = decoded
        if payload and local.removeprefix("tns1:") != DURESS and not body.is_event:
            return phrase("onvif-nothing")
        time = body.UtcTime
        parsed = from_iso(time, UTC) if isinstance(time, str) else None
        at, note = event_time(time, parsed, received_at)
        message = _Message(
            prefix,
            levels,
            sources.split("/") if sources else (),
            body,
            {"at": at, "replay": retained, "raw": note},
        )
        # An empty payload deletes the property: its state is unknown, not closed.
        event = self._event(message) if payload else self._alive(message, "deleted")
        return event if isinstance(event, Phrase) else (event,)

    def _event(self, message: _Message) -> ReceivedEvent | Phrase:
        match message.topic:
            case ["AccessControl", what, *how] if what in ACCESS:
                return self._access(message, what, how)
            case ["Door", "State", what]:
                return self._door(message, what)
            case ["Credential", "State", "Enabled" | "ApbViolation"]:
                return self._credential(message)
            case ["RuleEngine", "CountAggregation", "OccupancyCounter"]:
                return self._count(message)
            case ["Configuration", _, "Changed" | "Removed"]:
                return self._config(message)
            case [_, "State", _]:
                return self._alive(message, message.data("State"))
            case _:
                return self._alive(message)

    def _access(self, message: _Message, what: str, how: Sequence[str]) -> ReceivedEvent | Phrase:
        target = self._target(message, "point", "AccessPointToken")
        if isinstance(target, Phrase) and what == "Duress":
            # Refusing the message would lose the duress, and would show it on every screen.
            target = Target(point=clean(message.source("AccessPointToken") or message.prefix, 128))
        if isinstance(target, Phrase):
            return target
        token = message.data("CredentialToken", "IdentifierValue", "Card")
        kind = message.data("IdentifierType").removeprefix("pt:")
        reason = message.data("Reason")
        fields = message.common | {
            "point": target.point,
            "device": self._device(message, target),
            "credential": pseudonym(token, self._key),
            "method": METHODS.get(kind, "unknown"),
            "raw": raw(reason, message.common["raw"]),
        }
        if (what, *how) == ("Request", "Timeout"):
            return AccessDenied(**fields, reason="verification_timeout")
        if what != "Denied":
            return ACCESS[what](**fields)
        if "CredentialNotFound" in how:
            return AccessDenied(**fields, reason="unknown_credential")
        word = reason or (how[-1] if how else "")
        return AccessDenied(**fields, reason=REASONS.get(word.removeprefix("pt:"), "other"))

    def _door(self, message: _Message, what: str) -> ReceivedEvent | Phrase:
        word = message.data("State")
        if what not in DOOR:
            return self._alive(message, word)
        if not word:
            return phrase("onvif-lacks", message=f"Door/State/{what}", key="State", section="Data")
        target = self._target(message, "point", "DoorToken")
        if isinstance(target, Phrase):
            return target
        found = DOOR[what].get(word, UNKNOWN_STATE)
        if found is None:
            return self._alive(message, word)
        make, fields = found
        if make is DoorFault:
            reason = message.data("Reason") if what == "DoorFault" else f"{what} {word}"
            fields = {**fields, "reason": reason}
        device = self._device(message, target)
        return make(**message.common, **fields, point=target.point, device=device)

    def _credential(self, message: _Message) -> ReceivedEvent | Phrase:
        token = message.source("CredentialToken")
        if not token:
            return phrase(
                "onvif-lacks",
                message=shown("/".join(message.topic)),
                key="CredentialToken",
                section="Source",
            )
        credential = pseudonym(token, self._key)
        if message.topic[-1] == "ApbViolation":
            active = yes_no(message.body.Data.get("ApbViolation")) is not False
            return ApbViolation(**message.common, credential=credential, active=active)
        enabled = yes_no(message.body.Data.get("State"))
        reason = message.data("Reason")
        why = reason.removeprefix("pt:").removeprefix("Credential")
        return CredentialState(
            **message.common | {"raw": raw(reason, message.common["raw"])},
            credential=credential,
            state=STATES_DISABLED.get(why, "disabled") if enabled is False else STATES[enabled],
            by_device=yes_no(message.body.Data.get("ClientUpdated")) is False,
        )

    def _count(self, message: _Message) -> ReceivedEvent | Phrase:
        count = message.data("Count")
        if not count.isdecimal() or int(count) > MOST_PERSONS:
            return phrase("onvif-count", given=shown(count), most=MOST_PERSONS)
        target = self._target(message, "zone", "Rule")
        if isinstance(target, Phrase):
            return target
        device = self._device(message, target)
        return ZoneCount(**message.common, zone=target.zone, count=int(count), device=device)

    def _config(self, message: _Message) -> ReceivedEvent | Phrase:
        device = self._speaker(message)
        if not device:
            return self._registry.missing(
                "device", phrase("sender-prefix", name=shown(message.prefix)), message.prefix
            )
        what = "/".join((*message.topic, *message.sources))
        if message.topic[1] == "Credential":
            what = "/".join(message.topic)
        return ConfigChanged(**message.common, device=device, what=raw(what))

    def _alive(self, message: _Message, word: str = "") -> ReceivedEvent | Phrase:
        """Return a heartbeat that names a message for which there is no event."""
        device = self._speaker(message)
        if not device:
            return self._registry.missing(
                "device", phrase("sender-prefix", name=shown(message.prefix)), message.prefix
            )
        note = raw(f"{'/'.join(message.topic)} {word}".strip(), message.common["raw"])
        return DeviceHeartbeat(**message.common | {"raw": note}, device=device)

    def _target(self, message: _Message, kind: Kind, source: str) -> Target | Phrase:
        """Look up a source's token, alone or after the prefix where two devices share a token."""
        token = message.source(source)
        target = self._registry.find(f"{message.prefix}/{token}", token)
        if target is None or not (target.zone if kind == "zone" else target.point):
            return self._registry.missing(kind, f"{source} {brief(token)}", token or message.prefix)
        return target

    def _device(self, message: _Message, target: Target) -> str:
        own = self._registry.find(message.prefix)
        return target.device or (own.speaker if own else "")

    def _speaker(self, message: _Message) -> str:
        """Return the id of the device itself, or of the reader or sensor in it that sends."""
        own = self._registry.find(message.prefix)
        if own:
            return own.speaker
        tokens = [text(value) for value in message.body.Source.values()] or message.sources
        names = (name for token in tokens for name in (f"{message.prefix}/{token}", token))
        found = self._registry.find(*names)
        return found.device if found else ""
