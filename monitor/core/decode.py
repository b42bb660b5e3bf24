"""Decoding a message on one of the monitor's own topics: any bytes on any topic give an arrival or a reason."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args

import msgspec

from monitor.core.bounded_text import cut
from monitor.core.decode_errors import explain
from monitor.core.events import EVENT_TYPES, ReceivedEvent, kind_of
from monitor.core.events.access import Access, Credential
from monitor.core.events.commands import Logging, Masking, Relief, Staff
from monitor.core.events.device import Device
from monitor.core.events.door import Door
from monitor.core.events.inspection import Inspection
from monitor.core.events.muster import AboutHolders
from monitor.core.events.people import NotifyTested, Order, Post, Report, Request, Round, Watcher
from monitor.core.events.work import Action, Asset, Certificate, Readiness, Reading
from monitor.core.events.zone import Emergency, Zone
from monitor.core.inputs import Arrival, Rejected
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.fields import fields
from monitor.core.unknown_keys import is_about_unknown_key, separate_keys
from monitor.core.validate_ids import LONGEST_ID, may_hold_control_characters, objection_to_ids

LARGEST = 256 * 1024
"""Bytes of a payload; a checklist of 500 answers with notes takes a tenth of it."""


class Kind(NamedTuple):
    """What one kind of topic carries."""

    events: object
    """A union of event types."""
    subject: str
    """The field whose value ends the topic."""


STAFF = "staff"
"""The kind of topic whose last level is the sender, and not always the person: what is done in a person's name."""
_OF_STAFF = f"/{STAFF}/"

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
    "asset": Kind(Asset, "asset"),
    "certificate": Kind(Certificate, "asset"),
    "report": Kind(Report, "report"),
    "request": Kind(Request, "request"),
    "order": Kind(Order, "order"),
    "post": Kind(Post, "post"),
    "round": Kind(Round, "round"),
    "watcher": Kind(Watcher, "watcher"),
    "notify": Kind(NotifyTested, "person"),
    STAFF: Kind(Staff | Masking | Relief | Logging | AboutHolders | Readiness, "who"),
}
"""``venue/<site>/<kind>/<subject>``: what may be sent there."""

_Read = tuple[ReceivedEvent, tuple[str, ...]]
"""An event, and the keys of its payload that it does not have."""
TOPIC_OF: Mapping[type, tuple[str, str]] = {
    struct: (kind, row.subject)
    for kind, row in KINDS.items()
    for struct in get_args(row.events) or (row.events,)
}
"""By event type: its kind of topic, and the field that ends the topic."""
EARLIER_TOPIC_OF: Mapping[type, tuple[str, str]] = dict.fromkeys(
    get_args(Readiness), ("readiness", "zone")
)
"""The same where events once came on another topic: sign-offs named the zone, so that nobody knew who sent them."""
_EARLIER_KINDS = frozenset(kind for kind, _ in EARLIER_TOPIC_OF.values())

OUTPUTS = frozenset({"alert", "answer", "silent-alert", "standing", "readiness-state", "monitor"})
"""Kinds of topic that the monitor itself writes and therefore does not read."""


def topic_of(event: ReceivedEvent, site: str) -> str:
    """Return the topic on which an event is sent."""
    kind, subject = TOPIC_OF[type(event)]
    return f"venue/{site}/{kind}/{getattr(event, subject)}"


def is_output(topic: str) -> bool:
    """Return whether the monitor itself writes this topic."""
    match topic.split("/", 3):
        case ["venue", _, kind, *_]:
            return kind in OUTPUTS
        case _:
            return False


def has_moved(topic: str) -> bool:
    """Return whether what this topic was for belongs on another topic now."""
    match topic.split("/", 3):
        case ["venue", _, kind, *_]:
            return kind in _EARLIER_KINDS
        case _:
            return False


def sender_of(topic: str) -> tuple[str, str] | None:
    """Return site and sender of a command of staff, from its topic; ``None`` for other topics."""
    if _OF_STAFF not in topic:  # asked about every message
        return None
    match topic.split("/"):
        case ["venue", site, kind, who] if kind == STAFF and site and who:
            return site, who
        case _:
            return None


def decode(
    topic: str,
    payload: bytes,
    received_at: datetime,
    *,
    retained: bool = False,
    recorded: bool = False,
) -> Arrival | Rejected:
    """Decode one message on ``venue/<site>/<kind>/<subject>``; never raises.

    Args:
        topic: the topic it came on.
        payload: what it says.
        received_at: when it came.
        retained: the broker had kept it.
        recorded: it was taken in before, perhaps by an older version that expected it on another topic.

    """
    found = _event_of(topic, payload, recorded=recorded)
    if isinstance(found, Phrase):
        own = _id_in(payload) if sender_of(topic) else ""
        return Rejected(received_at=received_at, source=topic, reason=found, id=own)
    event, ignored = found
    return Arrival(
        received_at=received_at,
        source=topic,
        events=(event,),
        retained=retained,
        ignored=ignored,
    )


def checked(event: ReceivedEvent) -> ReceivedEvent | Phrase:
    """Return an event that this process made as it will be read again, or the reason why it may not be sent."""
    payload = _WRITE.encode(event)
    if why := too_large(payload):
        return why
    try:
        read: ReceivedEvent = _READ.decode(payload)
    except msgspec.ValidationError as error:
        return explain(str(error), _choices(kind_of(event)))
    return objection_to_ids(read) or read


def too_large(payload: bytes) -> Phrase | None:
    """Return the reason for refusing a payload that is too large; ``None`` if it is not."""
    size = len(payload)
    return None if size <= LARGEST else phrase("message-too-large", size=size, most=LARGEST)


def _event_of(topic: str, payload: bytes, *, recorded: bool) -> _Read | Phrase:
    """Return the event of a message, or the reason for refusing it."""
    match topic.split("/"):
        case ["venue", _, kind, subject]:
            pass
        case _:
            return phrase("topic-form")
    if kind not in KINDS and kind not in _EARLIER_KINDS:
        return phrase("topic-kind-unknown", topic_kind=kind[:64], hint=_meant(kind[:64], KINDS))
    if why := too_large(payload):
        return why
    found = _read(payload)
    if isinstance(found, Phrase):
        return found
    event, _ = found
    expected_kind, field = TOPIC_OF[type(event)]
    if expected_kind != kind and recorded:
        return found
    if expected_kind != kind:
        return phrase(
            "event-on-other-topic",
            event_type=kind_of(event),
            topic_kind=expected_kind,
            key="sender" if expected_kind == STAFF else field,
        )
    # The sender of a command may act for another person; the pipeline knows which senders may.
    if kind != STAFF and (named := getattr(event, field)) != subject:
        return phrase(
            "event-subject-differs", key=field, in_topic=cut(subject), in_payload=cut(named)
        )
    # The decoder has limited the length of each id.
    return (may_hold_control_characters(payload) and objection_to_ids(event)) or found


def _read(payload: bytes) -> _Read | Phrase:
    """Return the event of a payload, or the reason for refusing it."""
    try:
        try:
            return _READ.decode(payload), ()
        except msgspec.ValidationError as error:
            if not is_about_unknown_key(error):
                raise
        # Rare enough to read it twice: the decoder stops at the first key that the event does not have.
        known, unknown = separate_keys(payload)
        return _READ.decode(known), unknown
    except msgspec.ValidationError as error:
        return _explain(payload, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return phrase("message-not-json", error=str(error))
    except RecursionError:
        return phrase("message-nested")


_WRITE = msgspec.json.Encoder()
_READ = msgspec.json.Decoder(ReceivedEvent)
_SENT = sorted(str(struct.__struct_config__.tag) for struct in get_args(ReceivedEvent))


class _Typed(msgspec.Struct):
    type: Any = None


class _Identified(msgspec.Struct):
    id: Any = None


def _id_in(payload: bytes) -> str:
    """Return the id in a payload that is refused; empty if there is none that could be an id."""
    try:
        own = msgspec.json.decode(payload[:LARGEST], type=_Identified).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return own if isinstance(own, str) and len(own) <= LONGEST_ID else ""


def _meant(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), n=1)
    return close[0] if close else ""


def _explain(payload: bytes, error: str) -> Phrase:
    """Return what is wrong with a payload that is valid JSON, and what to send instead."""
    try:
        name = msgspec.json.decode(payload, type=_Typed).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return phrase("message-not-read", what=explain(error, {}))
    if not isinstance(name, str):
        return phrase("message-no-event")
    if name not in EVENT_TYPES:
        return phrase("event-type-unknown", event_type=name[:64], hint=_meant(name[:64], _SENT))
    if name not in _SENT:
        return phrase("event-type-reserved", event_type=name)
    return phrase("event-field-wrong", event_type=name, what=explain(error, _choices(name)))


def _choices(name: str) -> Mapping[str, Sequence[str]]:
    """Return the words that the fields of a type of event permit, by field."""
    return {field: row.choices for field, row in fields(name).items()}
