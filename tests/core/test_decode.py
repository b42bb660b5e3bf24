"""Decoding messages: each reason for a rejection, and which topic carries what."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.decode import KINDS, LARGEST, OUTPUTS, decode, is_output, topic_of
from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.identity import identity
from monitor.core.inputs import Arrival, Rejected
from monitor.core.phrase import Phrase
from monitor.core.rules.title import render_phrase
from monitor.core.venue.display_names import NO_NAMES
from monitor.texts import best, plain

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
    "readiness.signed": {"zone": "hall"},
    "readiness.withdrawn": {"zone": "hall"},
    "round.station": {"station": "s1"},
    "staff.acknowledge": {"alert": "a"},
    "staff.shelve": {"alert": "a", "until": "2026-06-01T13:00:00Z", "reason": "test"},
    "staff.unshelve": {"alert": "a"},
    "staff.close": {"alert": "a"},
    "staff.hand_over": {"alert": "a", "to": "bob"},
    "staff.escalate": {"alert": "a"},
    "staff.tick": {"alert": "a", "step": 1},
    "staff.note": {"alert": "a"},
    "log.written": {},
    "log.struck": {},
    "log.handed_over": {},
    "log.confirmed": {},
}
"""What each event type needs besides its time and its subject."""
FAMILIES = {
    "config.changed": "device",
    "apb.violation": "credential",
    "apb.forgiven": "credential",
    "log.written": "staff",
    "log.struck": "staff",
    "log.handed_over": "staff",
    "log.confirmed": "staff",
    "readiness.signed": "staff",
    "readiness.withdrawn": "staff",
}
"""Event types that go on a topic of another name."""


def payload(**fields: object) -> bytes:
    """An opened door; keyword arguments change its fields."""
    return json.dumps({**OPENED, **fields}).encode()


def least(kind: str) -> dict[str, Any]:
    """The fields that an event requires besides its time and its subject."""
    inspection = {"inspection": "i1"} if kind.startswith("inspection.") else {}
    return inspection | LEAST.get(kind, {})


def reason(topic: str, body: bytes) -> str:
    """The reason for which a message is rejected."""
    found = decode(topic, body, NOW)
    assert isinstance(found, Rejected), found
    assert found.source == topic
    assert found.received_at == NOW
    return plain(found.reason)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON: Input data was truncated"),
        (b"{", "not JSON: Input data was truncated"),
        (b"open", "not JSON: JSON is malformed: invalid character (byte 0)"),
        (b'{"x": ' + b"[" * 50_000, "JSON nested too deeply"),
        (
            b"[]",
            "not an event: the payload is a list; write an object",
        ),
        (
            b"{}",
            "not an event; send an object with “type” and “at” (examples: docs/topics.md)",
        ),
        (
            b'{"type": 3}',
            "not an event; send an object with “type” and “at” (examples: docs/topics.md)",
        ),
        (
            payload(type="door.opeend"),
            "unknown event type “door.opeend” (did you mean “door.opened”?); all types are in docs/topics.md",
        ),
        (payload(type="zzz"), "unknown event type “zzz”; all types are in docs/topics.md"),
        (
            payload(type="monitor.started"),
            "“monitor.started” is reserved for the monitor; no one else may send it",
        ),
        (
            payload(at="2026-06-01T12:00:00"),
            'door.opened: at: has no UTC offset; write e.g. "2026-01-01T08:00:00Z"',
        ),
        (
            payload(at="noon"),
            'door.opened: at: is not a time; write e.g. "2026-01-01T08:00:00Z"',
        ),
        (
            payload(at=12),
            'door.opened: at: is a whole number; write a time, e.g. "2026-01-01T08:00:00Z"',
        ),
        (
            payload(source_seq=-1),
            "door.opened: source_seq: is out of range; write a number of at least 0",
        ),
        (
            payload(source_seq="x"),
            "door.opened: source_seq: is text; write a whole number",
        ),
        (
            payload(type="inspection.submitted", checklist="c", inspection="i", items=[{}]),
            "inspection.submitted: items[0].item is missing",
        ),
        (
            payload(type="door.mode", mode="lokked"),
            (
                "door.mode: mode: “lokked” is not allowed (did you mean “locked”?); "
                "the permitted words are in docs/topics.md"
            ),
        ),
        (
            payload(point=""),
            "door.opened: point: is empty; write a value, or leave it out",
        ),
        (
            payload(point="x" * 129),
            "door.opened: point: is too long; write at most 128 characters",
        ),
        (
            payload(type="door.mode", mode="ajar"),
            (
                "door.mode: mode: “ajar” is not allowed; write one of accessed, blocked, double_locked, "
                "locked, locked_down, locked_open, unknown, unlocked"
            ),
        ),
        (
            json.dumps({"type": "door.opened", "at": OPENED["at"]}).encode(),
            "door.opened: point is missing",
        ),
        (
            payload(point="d2"),
            "point is “d1” in the topic and “d2” in the payload; send the same in both",
        ),
        (
            payload(type="device.online", device="r1"),
            "“device.online” belongs on the topic venue/<site>/device/<device>",
        ),
        (
            b" " * (LARGEST + 1),
            f"{LARGEST + 1} bytes is too large; send at most {LARGEST} bytes",
        ),
    ],
)
def test_every_rejection_has_a_reason(body: bytes, why: str) -> None:
    """Every rejection has a reason, which also says what to send instead."""
    assert reason(DOOR, body) == why


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("en", "point is missing"),
        ("vi", "thiếu point (điểm ra vào)"),
        ("ar", "point (نقطة دخول) مفقود"),
    ],
)
def test_a_rejection_is_worded_where_it_is_read(tag: str, shown: str) -> None:
    """The reason leaves the core as an id with arguments, and its reader's language words it."""
    found = decode(DOOR, b'{"type": "door.opened", "at": "2026-06-01T12:00:00Z"}', NOW)
    assert isinstance(found, Rejected)
    assert isinstance(found.reason, Phrase)

    worded = render_phrase(found.reason, NO_NAMES, best((tag,)))

    assert re.sub("[\u2068\u2069]", "", worded) == f"door.opened: {shown}"


@pytest.mark.parametrize(
    "topic", ["", "venue", "venue/centre/door", "venue/centre/door/d1/x", "hall/centre/door/d1"]
)
def test_another_form_of_topic_is_refused(topic: str) -> None:
    """There are four levels, and the first is ``venue``."""
    why = "the topic does not have the form venue/<site>/<kind>/<subject>"

    assert reason(topic, payload()) == why


def test_an_unknown_kind_of_topic_is_refused() -> None:
    """An unknown kind is refused, with a suggestion if one is near; a long name is cut short."""
    assert reason("venue/c/doors/d1", b"{}") == (
        "unknown kind of topic “doors” (did you mean “door”?); all kinds are in docs/topics.md"
    )
    assert reason("venue/c/xyz/d1", b"{}").endswith("; all kinds are in docs/topics.md")
    assert len(reason(f"venue/c/{'x' * 60_000}/d1", b"{}")) < 200


def test_bytes_that_are_no_text_are_refused() -> None:
    """Bytes that are not text are refused: Latin-1 letters of an old controller, half a surrogate pair."""
    latin = reason(DOOR, payload().replace(b'"d1"', b'"d\xe9"'))
    half = reason(DOOR, payload().replace(b'"d1"', b'"d\\ud800"'))

    assert latin.startswith("not JSON: ")
    assert half.startswith("not JSON: ")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_invalid_numbers_are_refused(number: str) -> None:
    """A reading is finite."""
    found = payload(type="reading.recorded", asset="a1", quantity="light", value="?")
    why = reason("venue/c/reading/a1", found.replace(b'"?"', number.encode()))

    assert "not JSON" in why or "reading.recorded" in why


@pytest.mark.parametrize(
    "kind", sorted(row.__struct_config__.tag for row in get_args(ReceivedEvent))
)
def test_every_event_survives_a_round_trip(kind: str) -> None:
    """`decode` accepts the topic that `topic_of` gives, for every type that may be sent."""
    family = FAMILIES.get(kind, kind.partition(".")[0])
    fields = {"type": kind, "at": OPENED["at"], KINDS[family].subject: "s1", **least(kind)}
    event = msgspec.convert(fields, ReceivedEvent)
    topic = topic_of(event, "centre")
    found = decode(topic, msgspec.json.encode(event), NOW, retained=True)

    assert topic == f"venue/centre/{family}/s1"
    assert found == Arrival(received_at=NOW, source=topic, events=(event,), retained=True)
    assert kind_of(event) == kind


def test_the_table_of_topics_is_complete() -> None:
    """Every event type that may be sent is in exactly one row, and has the field that ends its topic."""
    rows = [
        (struct, row.subject)
        for row in KINDS.values()
        for struct in (get_args(row.events) or (row.events,))
    ]

    assert sorted(struct.__name__ for struct, _ in rows) == sorted(
        struct.__name__ for struct in get_args(ReceivedEvent)
    )
    assert all(subject in struct.__struct_fields__ for struct, subject in rows)


def test_the_monitors_own_topics_are_known() -> None:
    """The monitor does not read its own topics, and no one else can send on them."""
    assert all(is_output(f"venue/centre/{kind}/x") for kind in OUTPUTS)
    assert is_output("venue/centre/monitor")
    assert not is_output("venue/centre")
    assert not is_output(DOOR)
    assert not is_output("other/centre/alert/x")
    assert not OUTPUTS & KINDS.keys()


@given(st.text(), st.binary(max_size=200))
@example("venue/c/door/\ud800", payload())
def test_any_bytes_on_any_topic_give_a_result(topic: str, body: bytes) -> None:
    """Any bytes give an identity, and an arrival or a reason, but never an exception."""
    for where in (topic, f"venue/{topic}", DOOR):
        found = decode(where, body, NOW)

        assert isinstance(found, Arrival | Rejected)
        assert len(identity(found, where, body)) == 16


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(row.__struct_config__.tag for row in get_args(ReceivedEvent))),
    st.dictionaries(
        st.sampled_from(["at", "point", "device", "items", "result", "value", "due_at", "id"]),
        VALUES | st.just("2026-06-01T12:00:00Z"),
    ),
)
def test_any_json_gives_a_result(kind: str, fields: dict[str, object]) -> None:
    """Any JSON gives a result, whatever its fields contain."""
    family = FAMILIES.get(kind, kind.partition(".")[0])
    result = json.dumps({"type": kind, KINDS[family].subject: "s1", **least(kind), **fields})
    found = decode(f"venue/c/{family}/s1", result.encode(), NOW)

    assert isinstance(found, Arrival | Rejected)
    assert len(identity(found, "t", result.encode())) == 16


def test_a_time_in_another_zone_is_accepted() -> None:
    """A time is accepted as RFC 3339 with any offset."""
    found = decode(DOOR, payload(at="2026-06-01T19:00:00+07:00"), NOW)

    assert isinstance(found, Arrival)
    assert found.events[0].at == NOW
    assert found.events[0].at.tzinfo == timezone(timedelta(hours=7))
