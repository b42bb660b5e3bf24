"""Reading messages: every reason for a rejection, which topic carries what, and when two messages are the same."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.decode import KINDS, LARGEST, OUTPUTS, decode, identity, is_output, topic_of
from monitor.core.events import Event, kind_of
from monitor.core.events.door import DoorOpened
from monitor.core.inputs import Arrival, Rejected

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DOOR = "venue/centre/door/d1"
OPENED = {"type": "door.opened", "at": "2026-06-01T12:00:00Z", "point": "d1"}
LEAST: dict[str, dict[str, Any]] = {
    "door.mode": {"mode": "locked"},
    "door.alarm": {"alarm": "normal"},
    "door.tamper": {"active": True},
    "door.fault": {"active": True},
    "device.tamper": {"active": True},
    "device.battery": {"percent": 50},
    "zone.count": {"count": 3},
    "zone.occupancy_state": {"state": "normal"},
    "credential.state": {"state": "active"},
    "apb.forgiven": {"who": "ann"},
    "inspection.scheduled": {"due_at": "2026-06-02T12:00:00Z"},
    "inspection.amended": {"revision": 2},
    "inspection.approved": {"approver": "ann"},
    "inspection.rejected": {"approver": "ann"},
    "inspection.item": {"item": "i", "result": "pass"},
    "action.opened": {"kind": "repair"},
    "reading.recorded": {"quantity": "light", "value": 3},
    "certificate.issued": {"kind": "lift", "expires_at": "2027-06-02T12:00:00Z"},
    "certificate.revoked": {"kind": "lift"},
    "readiness.signed": {"who": "ann"},
    "readiness.withdrawn": {"who": "ann"},
    "round.station": {"station": "s1"},
    "staff.acknowledge": {"alert": "a"},
    "staff.shelve": {"alert": "a", "until": "2026-06-01T13:00:00Z", "reason": "test"},
    "staff.unshelve": {"alert": "a"},
    "staff.close": {"alert": "a"},
}
"""What each event type needs besides its time and its subject."""
FAMILIES = {
    "config.changed": "device",
    "apb.violation": "credential",
    "apb.forgiven": "credential",
}
"""Event types that go on a topic of another name."""


def payload(**fields: object) -> bytes:
    """An opened door, with some of its fields otherwise."""
    return json.dumps({**OPENED, **fields}).encode()


def least(kind: str) -> dict[str, Any]:
    """What an event needs besides its time and its subject."""
    inspection = {"inspection": "i1"} if kind.startswith("inspection.") else {}
    return inspection | LEAST.get(kind, {})


def reason(topic: str, said: bytes) -> str:
    """Why a message was rejected."""
    found = decode(topic, said, NOW)
    assert isinstance(found, Rejected), found
    assert found.source == topic
    assert found.received_at == NOW
    return found.reason


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "not JSON: Input data was truncated"),
        (b"{", "not JSON: Input data was truncated"),
        (b"open", "not JSON: JSON is malformed: invalid character (byte 0)"),
        (b'{"x": ' + b"[" * 5000, "JSON nested too deeply"),
        (
            b"[]",
            "not an event: this is a list; write an object: {...}",
        ),
        (
            b"{}",
            'not an event: an object with "type" and "at" is needed; docs/topics.md has an example of each',
        ),
        (
            b'{"type": 3}',
            'not an event: an object with "type" and "at" is needed; docs/topics.md has an example of each',
        ),
        (
            payload(type="door.opeend"),
            'no event type is called "door.opeend"; did you mean "door.opened"?',
        ),
        (payload(type="zzz"), 'no event type is called "zzz"; docs/topics.md lists them'),
        (
            payload(type="monitor.started"),
            '"monitor.started" is made by the monitor alone; nobody may send it',
        ),
        (
            payload(at="2026-06-01T12:00:00"),
            'door.opened: at: the offset from UTC is missing; write e.g. "2026-01-01T08:00:00Z"',
        ),
        (
            payload(at="noon"),
            'door.opened: at: this is no time; write e.g. "2026-01-01T08:00:00Z"',
        ),
        (
            payload(at=12),
            'door.opened: at: this is a whole number; write a time, e.g. "2026-01-01T08:00:00Z"',
        ),
        (payload(source_seq=-1), "door.opened: source_seq: write a number of at least 0"),
        (
            payload(source_seq="x"),
            "door.opened: source_seq: this is a text; write a whole number",
        ),
        (
            payload(type="inspection.submitted", checklist="c", inspection="i", items=[{}]),
            "inspection.submitted: items[0].item is missing",
        ),
        (
            payload(type="door.mode", mode="lokked"),
            'door.mode: mode: "lokked" is not possible; did you mean "locked"?',
        ),
        (
            payload(point=""),
            "door.opened: point: this is empty; write what is meant, or leave it out",
        ),
        (
            payload(point="x" * 129),
            "door.opened: point: this is too long; write 128 characters at most",
        ),
        (
            payload(type="door.mode", mode="ajar"),
            (
                'door.mode: mode: "ajar" is not possible; write one of accessed, blocked, double_locked, '
                "locked, locked_down, locked_open, unknown, unlocked"
            ),
        ),
        (
            json.dumps({"type": "door.opened", "at": OPENED["at"]}).encode(),
            "door.opened: point is missing",
        ),
        (
            payload(point="d2"),
            'the topic says point "d1", the payload says "d2"; they must agree',
        ),
        (
            payload(type="device.online", device="r1"),
            '"device.online" belongs on venue/<site>/device/<device>',
        ),
        (
            b" " * (LARGEST + 1),
            f"{LARGEST + 1} bytes are more than the {LARGEST} that a message may have",
        ),
    ],
)
def test_every_rejection_says_why(said: bytes, why: str) -> None:
    """And what to send instead."""
    assert reason(DOOR, said) == why


@pytest.mark.parametrize(
    "topic", ["", "venue", "venue/centre/door", "venue/centre/door/d1/x", "hall/centre/door/d1"]
)
def test_another_form_of_topic_is_refused(topic: str) -> None:
    """There are four levels, and the first is ``venue``."""
    why = "the topic is not of the form venue/<site>/<kind>/<subject>"

    assert reason(topic, payload()) == why


def test_an_unknown_kind_of_topic_is_refused() -> None:
    """With the one that was meant, if one is near; a long one is cut short."""
    assert reason("venue/c/doors/d1", b"{}") == (
        'no kind of topic is called "doors"; did you mean "door"?'
    )
    assert reason("venue/c/xyz/d1", b"{}").endswith("docs/topics.md lists them")
    assert len(reason(f"venue/c/{'x' * 60_000}/d1", b"{}")) < 200


def test_bytes_that_are_no_text_are_refused() -> None:
    """Latin letters of an old controller, half a surrogate pair."""
    latin = reason(DOOR, payload().replace(b'"d1"', b'"d\xe9"'))
    half = reason(DOOR, payload().replace(b'"d1"', b'"d\\ud800"'))

    assert latin.startswith("not JSON: ")
    assert half.startswith("not JSON: ")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    """A reading is finite."""
    said = payload(type="reading.recorded", asset="a1", quantity="light", value="?")
    why = reason("venue/c/reading/a1", said.replace(b'"?"', number.encode()))

    assert "not JSON" in why or "reading.recorded" in why


@pytest.mark.parametrize("kind", sorted(row.__struct_config__.tag for row in get_args(Event)))
def test_every_event_goes_round(kind: str) -> None:
    """What `topic_of` says is where `decode` takes it, for every type that may be sent."""
    family = FAMILIES.get(kind, kind.partition(".")[0])
    said = {"type": kind, "at": OPENED["at"], KINDS[family].subject: "s1", **least(kind)}
    event = msgspec.convert(said, Event)
    topic = topic_of(event, "centre")
    found = decode(topic, msgspec.json.encode(event), NOW, retained=True)

    assert topic == f"venue/centre/{family}/s1"
    assert found == Arrival(received_at=NOW, source=topic, events=(event,), retained=True)
    assert kind_of(event) == kind


def test_the_table_of_topics_is_whole() -> None:
    """Every event type that may be sent stands in exactly one row, and each has the field that ends its topic."""
    rows = [
        (struct, row.subject)
        for row in KINDS.values()
        for struct in (get_args(row.events) or (row.events,))
    ]

    assert sorted(struct.__name__ for struct, _ in rows) == sorted(
        struct.__name__ for struct in get_args(Event)
    )
    assert all(subject in struct.__struct_fields__ for struct, subject in rows)


def test_what_the_monitor_writes_is_known() -> None:
    """Its own topics aren't read; nobody can send on them."""
    assert all(is_output(f"venue/centre/{kind}/x") for kind in OUTPUTS)
    assert is_output("venue/centre/monitor")
    assert not is_output("venue/centre")
    assert not is_output(DOOR)
    assert not is_output("other/centre/alert/x")
    assert not OUTPUTS & KINDS.keys()


@given(st.text(), st.binary(max_size=200))
@example("venue/c/door/\ud800", payload())
def test_any_bytes_on_any_topic_give_an_answer(topic: str, said: bytes) -> None:
    """An arrival or a reason, never an exception, and an identity."""
    for where in (topic, f"venue/{topic}", DOOR):
        found = decode(where, said, NOW)

        assert isinstance(found, Arrival | Rejected)
        assert len(identity(found, where, said)) == 16


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(row.__struct_config__.tag for row in get_args(Event))),
    st.dictionaries(
        st.sampled_from(["at", "point", "device", "items", "result", "value", "due_at", "id"]),
        VALUES | st.just("2026-06-01T12:00:00Z"),
    ),
)
def test_any_json_gives_an_answer(kind: str, fields: dict[str, object]) -> None:
    """Whatever stands in the fields."""
    family = FAMILIES.get(kind, kind.partition(".")[0])
    said = json.dumps({"type": kind, KINDS[family].subject: "s1", **least(kind), **fields})
    found = decode(f"venue/c/{family}/s1", said.encode(), NOW)

    assert isinstance(found, Arrival | Rejected)
    assert len(identity(found, "t", said.encode())) == 16


def identities(*messages: tuple[str, bytes, datetime]) -> int:
    """How many different things these messages tell."""
    return len({identity(decode(topic, said, when), topic, said) for topic, said, when in messages})


def test_a_senders_number_tells_who_is_who() -> None:
    """Same type, subject, time and number: the same, whatever the site, the bytes and when it arrives."""
    again = payload(id="7", raw="x")

    assert identities((DOOR, payload(id="7"), NOW), ("venue/x/door/d1", again, NOW)) == 1
    assert identities((DOOR, payload(id="7"), NOW), (DOOR, payload(id="8"), NOW)) == 2


@pytest.mark.parametrize(
    "other",
    [{"at": "2026-06-01T12:00:01Z"}, {"type": "door.closed"}, {"point": "d2"}],
)
def test_a_number_is_used_again(other: dict[str, object]) -> None:
    """Counters start anew when a device does: another time, type or subject is another event."""
    said = {**OPENED, "id": "7", **other}
    there = (f"venue/centre/door/{said['point']}", json.dumps(said).encode(), NOW)

    assert identities((DOOR, payload(id="7"), NOW), there) == 2


def test_without_a_number_topic_and_bytes_tell() -> None:
    """The broker's copy of a message is the same, an hour later too; another topic or another blank is not."""
    later = NOW + timedelta(hours=1)

    assert identities((DOOR, payload(), NOW), (DOOR, payload(), later)) == 1
    assert identities((DOOR, payload(), NOW), ("venue/x/door/d1", payload(), NOW)) == 2
    assert identities((DOOR, payload(), NOW), (DOOR, payload() + b" ", NOW)) == 2


def test_what_carries_neither_time_nor_number_is_never_a_repetition() -> None:
    """An adapter gives our time to what has none: two of them are two, or one would be lost."""
    first, second = (
        Arrival(received_at=now, source="t", events=(DoorOpened(at=now, point="d1"),))
        for now in (NOW, NOW + timedelta(seconds=1))
    )

    assert identity(first, "t", b"x") != identity(second, "t", b"x")
    assert identity(first, "t", b"x") == identity(first, "t", b"x")


def test_a_message_without_events_is_itself() -> None:
    """A vendor's message that means nothing to us, twice, is two."""
    first, second = (
        Arrival(received_at=NOW + timedelta(seconds=n), source="t", events=()) for n in (0, 1)
    )

    assert identity(first, "t", b"x") != identity(second, "t", b"x")


def test_what_cannot_be_read_is_known_for_a_minute() -> None:
    """A device that sends nonsense without end doesn't fill the journal; nor is it forgotten."""
    within, beyond = NOW + timedelta(seconds=59), NOW + timedelta(seconds=60)

    assert identities((DOOR, b"x", NOW), (DOOR, b"x", within)) == 1
    assert identities((DOOR, b"x", NOW), (DOOR, b"x", beyond)) == 2
    assert identities((DOOR, b"x", NOW), (DOOR, b"y", NOW)) == 2


def test_a_time_in_another_zone_is_taken() -> None:
    """RFC 3339 with any offset."""
    found = decode(DOOR, payload(at="2026-06-01T19:00:00+07:00"), NOW)

    assert isinstance(found, Arrival)
    assert found.events[0].at == NOW
    assert found.events[0].at.tzinfo == timezone(timedelta(hours=7))
