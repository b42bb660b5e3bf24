"""The identity of a message: when two messages are the same."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.decode import decode
from monitor.core.events.door import DoorOpened
from monitor.core.identity import identity
from monitor.core.inputs import Arrival

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DOOR = "venue/centre/door/d1"
OPENED = {"type": "door.opened", "at": "2026-06-01T12:00:00Z", "point": "d1"}


def payload(**fields: object) -> bytes:
    """An opened door with further fields."""
    return json.dumps({**OPENED, **fields}).encode()


def identities(*messages: tuple[str, bytes, datetime]) -> int:
    """The number of different identities of these messages."""
    return len(
        {identity(decode(topic, event, when), topic, event) for topic, event, when in messages}
    )


def test_a_senders_number_identifies_an_event() -> None:
    """The same sender, type, subject, time and number make the same event, whatever its bytes and arrival."""
    again = payload(id="7", raw="x")

    assert identities((DOOR, payload(id="7"), NOW), (DOOR, again, NOW)) == 1
    assert identities((DOOR, payload(id="7"), NOW), (DOOR, payload(id="8"), NOW)) == 2


def test_a_number_belongs_to_its_sender() -> None:
    """Another site, another reader at the door and another controller count separately."""
    sent = (DOOR, payload(id="7", device="r1"), NOW)

    assert identities(sent, ("venue/x/door/d1", payload(id="7", device="r1"), NOW)) == 2
    assert identities(sent, (DOOR, payload(id="7", device="r2"), NOW)) == 2
    assert identities(sent, (DOOR, payload(id="7", device="r1", counter="c"), NOW)) == 2


def test_a_vendors_number_is_known_on_each_of_its_topics() -> None:
    """A gateway sends one record on two topics; another vendor's topic is another sender."""
    events = (DoorOpened(at=NOW, point="d1", id="7"),)
    message = Arrival(received_at=NOW, source="", events=events)
    topics = ("u/events", "u/events/live", "z/events", DOOR)

    assert len({identity(message, topic, b"") for topic in topics}) == 3


@pytest.mark.parametrize(
    "other",
    [{"at": "2026-06-01T12:00:01Z"}, {"type": "door.closed"}, {"point": "d2"}],
)
def test_a_number_may_be_used_again(other: dict[str, object]) -> None:
    """Counters restart with their device, so another time, type or subject makes another event."""
    fields = {**OPENED, "id": "7", **other}
    there = (f"venue/centre/door/{fields['point']}", json.dumps(fields).encode(), NOW)

    assert identities((DOOR, payload(id="7"), NOW), there) == 2


def test_without_a_number_topic_and_bytes_identify() -> None:
    """The broker's copy is the same event, an hour later too; another topic or another blank makes another one."""
    later = NOW + timedelta(hours=1)

    assert identities((DOOR, payload(), NOW), (DOOR, payload(), later)) == 1
    assert identities((DOOR, payload(), NOW), ("venue/x/door/d1", payload(), NOW)) == 2
    assert identities((DOOR, payload(), NOW), (DOOR, payload() + b" ", NOW)) == 2


def test_without_time_and_number_nothing_is_a_repetition() -> None:
    """An adapter adds our own time, so two such events are two; otherwise one would be lost."""
    first, second = (
        Arrival(received_at=now, source="t", events=(DoorOpened(at=now, point="d1"),))
        for now in (NOW, NOW + timedelta(seconds=1))
    )

    assert identity(first, "t", b"x") != identity(second, "t", b"x")
    assert identity(first, "t", b"x") == identity(first, "t", b"x")


def test_a_message_without_events_is_unique() -> None:
    """A vendor's message without events for us counts twice if it arrives twice."""
    first, second = (
        Arrival(received_at=NOW + timedelta(seconds=n), source="t", events=()) for n in (0, 1)
    )

    assert identity(first, "t", b"x") != identity(second, "t", b"x")


def test_a_rejected_message_is_known_for_a_minute() -> None:
    """A device that keeps sending garbage does not fill the journal, and is not forgotten."""
    within, beyond = NOW + timedelta(seconds=59), NOW + timedelta(seconds=60)

    assert identities((DOOR, b"x", NOW), (DOOR, b"x", within)) == 1
    assert identities((DOOR, b"x", NOW), (DOOR, b"x", beyond)) == 2
    assert identities((DOOR, b"x", NOW), (DOOR, b"y", NOW)) == 2
