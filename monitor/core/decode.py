"""Reads a message on one of our own topics: total, so any bytes on any topic give an arrival or a reason."""

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any, NamedTuple, get_args

import msgspec

from monitor.core import event
from monitor.core.event import EVENT_TYPES, Event, kind_of
from monitor.core.input import Arrival, Rejected

LARGEST = 256 * 1024
"""Bytes; a checklist of 500 answers with notes has a tenth of it."""


class Kind(NamedTuple):
    """What one kind of topic carries."""

    events: object
    """A union of event types."""
    subject: str
    """The field that stands at the end of the topic."""


KINDS: Mapping[str, Kind] = {
    "access": Kind(event.Access, "point"),
    "door": Kind(event.Door, "point"),
    "device": Kind(event.Device, "device"),
    "zone": Kind(event.Zone, "zone"),
    "emergency": Kind(event.Emergency, "zone"),
    "credential": Kind(event.Credential, "credential"),
    "inspection": Kind(event.Inspection, "checklist"),
    "action": Kind(event.Action, "action"),
    "reading": Kind(event.Reading, "asset"),
    "certificate": Kind(event.Certificate, "asset"),
    "readiness": Kind(event.Readiness, "zone"),
    "report": Kind(event.Report, "report"),
    "request": Kind(event.Request, "request"),
    "order": Kind(event.Order, "order"),
    "post": Kind(event.Post, "post"),
    "round": Kind(event.Round, "round"),
    "staff": Kind(event.Staff, "who"),
}
"""``venue/<site>/<kind>/<subject>``: what may be sent there."""

OUTPUTS = frozenset({"alert", "silent-alert", "standing", "monitor"})
"""Kinds of topic that the monitor itself writes; what comes back from there is no news."""


def topic_of(said: Event, site: str) -> str:
    """Return the topic on which an event is sent."""
    kind, subject = _TOPIC[type(said)]
    return f"venue/{site}/{kind}/{getattr(said, subject)}"


def is_output(topic: str) -> bool:
    """Tell whether the monitor itself writes this topic."""
    parts = topic.split("/", 3)
    return len(parts) > 2 and parts[0] == "venue" and parts[2] in OUTPUTS


def decode(
    topic: str, payload: bytes, received_at: datetime, *, retained: bool = False
) -> Arrival | Rejected:
    """Read one message on ``venue/<site>/<kind>/<subject>``; never raises."""

    def no(reason: str) -> Rejected:
        return Rejected(received_at=received_at, source=topic, reason=reason)

    try:
        root, _site, kind, subject = topic.split("/")
        if root != "venue":
            raise ValueError
    except ValueError:
        return no("the topic is not of the form venue/<site>/<kind>/<subject>")
    if kind not in KINDS:
        return no(f'no kind of topic is called "{kind}"{_meant(kind, KINDS)}')
    if len(payload) > LARGEST:
        return no(f"{len(payload)} bytes are more than the {LARGEST} that a message may have")
    try:
        said = _READ.decode(payload)
    except msgspec.ValidationError as error:
        return no(_explain(payload, str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return no(f"not JSON: {error}")
    except RecursionError:
        return no("JSON nested too deeply")
    expected_kind, field = _TOPIC[type(said)]
    if expected_kind != kind:
        return no(f'"{kind_of(said)}" belongs on venue/<site>/{expected_kind}/<{field}>')
    if (named := getattr(said, field)) != subject:
        return no(
            f'the topic says {field} "{subject}", the payload says "{named}"; they must agree'
        )
    return Arrival(received_at=received_at, source=topic, events=(said,), retained=retained)


def identity(message: Arrival | Rejected, topic: str, payload: bytes) -> bytes:
    """Return 16 bytes that are the same when the same thing is told again.

    An event that carries its sender's own id is known by type, subject, time and id, whatever the topic and the bytes.
    Others are known by topic and payload. A message that carries neither time nor id can't be told from its own
    repetition: its time of arrival counts too, so that none is lost. What can't be read is known for a minute.
    """
    digest = blake2b(digest_size=16)
    match message:
        case Arrival(events=(said,)) if said.id:
            kind, field = _TOPIC[type(said)]
            digest.update(
                f"{kind_of(said)}\0{getattr(said, field)}\0{said.at.isoformat()}\0{said.id}".encode()
            )
            return digest.digest()
        case Arrival():
            if not message.events or any(said.at is message.received_at for said in message.events):
                digest.update(message.received_at.isoformat().encode())
        case Rejected():
            digest.update(message.received_at.strftime("%Y%m%d%H%M").encode())
    digest.update(topic.encode(errors="surrogateescape"))
    digest.update(b"\0")
    digest.update(payload)
    return digest.digest()


_READ = msgspec.json.Decoder(Event)
_TOPIC: Mapping[type, tuple[str, str]] = {
    struct: (kind, row.subject)
    for kind, row in KINDS.items()
    for struct in get_args(row.events) or (row.events,)
}
_SENT = sorted(str(struct.__struct_config__.tag) for struct in get_args(Event))


class _Typed(msgspec.Struct):
    type: Any = None


def _meant(word: str, words: object) -> str:
    close = get_close_matches(word, list(words), n=1)  # type: ignore[call-overload]
    return f'; did you mean "{close[0]}"?' if close else "; docs/topics.md lists them"


def _explain(payload: bytes, error: str) -> str:
    """Say what is wrong with a readable payload, in a way that its sender can act on."""
    try:
        name = msgspec.json.decode(payload, type=_Typed).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return f"not an event: {error}"
    if not isinstance(name, str):
        return 'not an event: an object with "type" and "at" is needed; docs/topics.md has an example of each'
    if name not in EVENT_TYPES:
        return f'no event type is called "{name[:64]}"{_meant(name[:64], _SENT)}'
    if name not in _SENT:
        return f'"{name}" is made by the monitor alone; nobody may send it'
    return f"{name}: {error}"
