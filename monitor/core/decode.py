"""Reads a message on one of our own topics: total, so any bytes on any topic give an arrival or a reason."""

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any, NamedTuple, get_args

import msgspec

from monitor.core.decode_errors import in_words
from monitor.core.events import EVENT_TYPES, Event, kind_of
from monitor.core.events.access import Access, Credential
from monitor.core.events.commands import Masking, Relief, Staff
from monitor.core.events.device import Device
from monitor.core.events.door import Door
from monitor.core.events.inspection import Inspection
from monitor.core.events.people import NotifyTested, Order, Post, Report, Request, Round, Watcher
from monitor.core.events.work import Action, Certificate, Readiness, Reading
from monitor.core.events.zone import Emergency, Zone
from monitor.core.inputs import Arrival, Rejected
from monitor.core.rules.fields import fields

LARGEST = 256 * 1024
"""Bytes; a checklist of 500 answers with notes has a tenth of it."""


class Kind(NamedTuple):
    """What one kind of topic carries."""

    events: object
    """A union of event types."""
    subject: str
    """The field that stands at the end of the topic."""


KINDS: Mapping[str, Kind] = {
    "access": Kind(Access, "point"),
    "door": Kind(Door, "point"),
    "device": Kind(Device, "device"),
    "zone": Kind(Zone, "zone"),
    "emergency": Kind(Emergency, "zone"),
    "credential": Kind(Credential, "credential"),
    "inspection": Kind(Inspection, "checklist"),
    "action": Kind(Action, "action"),
    "reading": Kind(Reading, "asset"),
    "certificate": Kind(Certificate, "asset"),
    "readiness": Kind(Readiness, "zone"),
    "report": Kind(Report, "report"),
    "request": Kind(Request, "request"),
    "order": Kind(Order, "order"),
    "post": Kind(Post, "post"),
    "round": Kind(Round, "round"),
    "watcher": Kind(Watcher, "watcher"),
    "notify": Kind(NotifyTested, "person"),
    "staff": Kind(Staff | Masking | Relief, "who"),
}
"""``venue/<site>/<kind>/<subject>``: what may be sent there."""

OUTPUTS = frozenset({"alert", "silent-alert", "standing", "readiness-state", "monitor"})
"""Kinds of topic that the monitor itself writes; what comes back from there is no news."""


def topic_of(said: Event, site: str) -> str:
    """Return the topic on which an event is sent."""
    kind, subject = _TOPIC[type(said)]
    return f"venue/{site}/{kind}/{getattr(said, subject)}"


def is_output(topic: str) -> bool:
    """Tell whether the monitor itself writes this topic."""
    match topic.split("/", 3):
        case ["venue", _, kind, *_]:
            return kind in OUTPUTS
        case _:
            return False


def decode(
    topic: str, payload: bytes, received_at: datetime, *, retained: bool = False
) -> Arrival | Rejected:
    """Read one message on ``venue/<site>/<kind>/<subject>``; never raises."""
    said = _event_of(topic, payload)
    if isinstance(said, str):
        return Rejected(received_at=received_at, source=topic, reason=said)
    return Arrival(received_at=received_at, source=topic, events=(said,), retained=retained)


def _event_of(topic: str, payload: bytes) -> Event | str:
    """Return the event of a message, or what is wrong with it."""
    match topic.split("/"):
        case ["venue", _, kind, subject]:
            pass
        case _:
            return "the topic is not of the form venue/<site>/<kind>/<subject>"
    if kind not in KINDS:
        return f'no kind of topic is called "{kind[:64]}"{_meant(kind[:64], KINDS)}'
    if len(payload) > LARGEST:
        return f"{len(payload)} bytes are more than the {LARGEST} that a message may have"
    try:
        said: Event = _READ.decode(payload)
    except msgspec.ValidationError as error:
        return _explain(payload, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "JSON nested too deeply"
    expected_kind, field = _TOPIC[type(said)]
    if expected_kind != kind:
        return f'"{kind_of(said)}" belongs on venue/<site>/{expected_kind}/<{field}>'
    if (named := getattr(said, field)) != subject:
        return f'the topic says {field} "{subject}", the payload says "{named}"; they must agree'
    return said


def identity(message: Arrival | Rejected, topic: str, payload: bytes) -> bytes:
    """Return 16 bytes that are the same when the same thing is told again.

    An event that carries its sender's own id is known by type, subject, time and id, whatever the topic and the bytes.
    Others are known by topic and payload. A message that carries neither time nor id can't be told from its own
    repetition: its time of arrival counts too, so that none is lost. What can't be read is known for a minute.

    The first four bytes are the second in which it happened: what happened together then stands together in the
    journal's index. Without them each message would change a page of its own there.
    """
    at, told = message.received_at, topic.encode(errors="surrogatepass") + b"\0" + payload
    match message:
        case Arrival(events=(said,)) if said.id:
            at = said.at
            told = _WRITE.encode((kind_of(said), getattr(said, _TOPIC[type(said)][1]), at, said.id))
        case Arrival(events=events):
            if events and all(said.at is not at for said in events):
                at = events[0].at
            else:
                told = at.isoformat().encode() + told
        case Rejected():
            at = at.replace(second=0, microsecond=0)
    second = int(at.timestamp()) & 0xFFFFFFFF
    return second.to_bytes(4) + blake2b(told, digest_size=12).digest()


_WRITE = msgspec.json.Encoder()
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
        return f"not an event: {in_words(error, {})}"
    if not isinstance(name, str):
        return 'not an event: an object with "type" and "at" is needed; docs/topics.md has an example of each'
    if name not in EVENT_TYPES:
        return f'no event type is called "{name[:64]}"{_meant(name[:64], _SENT)}'
    if name not in _SENT:
        return f'"{name}" is made by the monitor alone; nobody may send it'
    choices = {field: row.choices for field, row in fields(name).items()}
    return f"{name}: {in_words(error, choices)}"
