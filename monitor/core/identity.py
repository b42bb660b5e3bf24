"""The identity of a message: by it, the repetition of a message is told from a new one."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from monitor.core.decode import EARLIER_TOPIC_OF, TOPIC_OF, has_moved
from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.ids import digest
from monitor.core.inputs import Arrival, Rejected
from monitor.core.utc import utc

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_WRITE = msgspec.json.Encoder()
_KIND: Mapping[type, str] = {
    struct: str(struct.__struct_config__.tag)  # type: ignore[attr-defined]
    for struct in TOPIC_OF
}


def identity(message: Arrival | Rejected, topic: str, payload: bytes) -> bytes:
    """Return 16 bytes that are equal for repetitions of the same message.

    An event with its sender's own id is identified by its sender, type, subject, time and id, regardless of its other
    fields. The sender is the topic, which contains the site, with the device that sends or counts. A vendor may send
    one event on several topics: there, the first level of the topic counts. Other messages are identified by topic and
    payload. A message with neither time nor id can't be told from its own repetition, so its time of arrival counts
    too and none is lost. A message that can't be read is recognised for a minute.

    The first four bytes are the second in which it happened, so that the journal's index keeps together what happened
    together. Without them, each message would change a different part of the index.
    """
    at = message.received_at
    match message:
        case Arrival(events=(event,)) if event.id:
            at = event.at
            place, subject, device, counter = _sender(event, topic)
            kind = _KIND[type(event)]
            content = _sent(place, _WRITE.encode((subject, device, counter, kind, at, event.id)))
        case Arrival(events=events):
            content = _sent(topic, payload)
            if events and all(event.at is not at for event in events):
                at = events[0].at
            else:
                content = at.isoformat().encode() + content
        case _:
            content = b"rejected\0" + _sent(topic, payload)
            at = at.replace(second=0, microsecond=0)
    return _in_second(at, content)


def identity_of_key(source: str, key: str) -> bytes:
    """Return 16 bytes that are equal for repetitions of one act in this process: same source, same key.

    The time of the event does not count: a form that is sent again has another one.
    """
    return digest(_sent(source, key.encode()), size=16)


def identity_in_version_4(message: Arrival | Rejected) -> bytes | None:
    """Return the identity by which journals up to version 4 know an event with its sender's own id.

    It leaves out the sender. ``None`` for other messages, whose identity is the same in every version.
    """
    match message:
        case Arrival(events=(event,)) if event.id:
            subject = _subject(event, message.source)
            content = _WRITE.encode((kind_of(event), subject, event.at, event.id))
            return _in_second(event.at, content)
        case _:
            return None


def is_same_sender(message: Arrival, other: Arrival) -> bool:
    """Return whether the same sender sent two messages of one event each."""
    (event,), (another,) = message.events, other.events
    return _sender(event, message.source) == _sender(another, other.source)


def content_of(message: Arrival) -> bytes:
    """Return what a message says, without what may differ when a device sends it again."""
    return _WRITE.encode(
        [replace(row, at=utc(row.at), replay=False, raw="") for row in message.events]
    )


def act_of(event: ReceivedEvent) -> bytes:
    """Return what a person does in this process, without the time, which differs when a form is sent again."""
    return _WRITE.encode([kind_of(event), replace(event, at=_ANY_TIME)])


def _sender(event: ReceivedEvent, topic: str) -> tuple[str, str, str, str]:
    place = topic if topic.startswith("venue/") else topic.partition("/")[0]
    return place, _subject(event, topic), getattr(event, "device", ""), event.counter


def _subject(event: ReceivedEvent, topic: str) -> str:
    """Return what ends the topic of an event, or ended it when it was taken in on an earlier topic."""
    kind = type(event)
    is_earlier = kind in EARLIER_TOPIC_OF and has_moved(topic)
    _, field = (EARLIER_TOPIC_OF if is_earlier else TOPIC_OF)[kind]
    subject: str = getattr(event, field)
    return subject


def _in_second(at: datetime, content: bytes) -> bytes:
    second = int(at.timestamp()) & 0xFFFFFFFF
    return second.to_bytes(4) + digest(content, size=12)


def _sent(topic: str, payload: bytes) -> bytes:
    return topic.encode(errors="surrogatepass") + b"\0" + payload
