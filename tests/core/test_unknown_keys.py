"""Keys that an event does not have: its sender is informed once, and the rest of the message counts."""

import json

import msgspec
import pytest

from monitor.core.alert import Alert
from monitor.core.decode import decode
from monitor.core.inputs import Arrival, Rejected
from monitor.core.state import snapshot
from tests.support.engine import RULE_SET, EngineHarness, at

FORM = {
    "type": "inspection.submitted",
    "checklist": "check",
    "inspection": "i1",
    "items": [{"item": "exits-free", "result": "pass"}],
}
TOPIC = "venue/centre/inspection/check"


def message(seconds: float, topic: str = TOPIC, /, **fields: object) -> Arrival | Rejected:
    """A form as it is received, or another message with the keys of a form in it."""
    return sent(seconds, topic, {**FORM, **fields})


def sent(seconds: float, topic: str, fields: dict[str, object]) -> Arrival | Rejected:
    """A message as it is received."""
    when = at(seconds)
    return decode(topic, json.dumps({"at": when.isoformat(), **fields}).encode(), when)


def play(*messages: Arrival | Rejected) -> list[Alert]:
    """Receive these messages; return the alerts about ignored keys."""
    harness = EngineHarness(RULE_SET)
    for row in messages:
        harness.step(row)
    harness.tick(3600)
    return harness.alerts("keys-ignored")


def test_a_mistyped_key_is_named_with_the_closest_one() -> None:
    """The form counts, without the value of the mistyped key."""
    (alert,) = play(message(5, finishedAt="2026-01-01T08:00:00Z"))

    assert alert.key == "venue/centre/inspection"
    assert "finishedAt" in alert.title
    assert alert.values["hint"] == "finished_at"


@pytest.mark.parametrize(
    ("topic", "fields", "key", "hint"),
    [
        (
            "access/d1",
            {"type": "access.granted", "point": "d1", "holderId": "ann"},
            "holderId",
            "holder",
        ),
        (
            "door/d1",
            {"type": "door.opened", "point": "d1", "sourceSeq": 7},
            "sourceSeq",
            "source_seq",
        ),
        ("device/r1", {"type": "device.online", "device": "r1", "reply": True}, "reply", "replay"),
        (
            "zone/hall",
            {"type": "zone.count", "zone": "hall", "count": 3, "counts": 4},
            "counts",
            "count",
        ),
        (
            "reading/fridge",
            {
                "type": "reading.recorded",
                "asset": "fridge",
                "quantity": "temperature",
                "value": 4,
                "unit": "celsius",
                "zon": "hall",
            },
            "zon",
            "zone",
        ),
        ("watcher/w", {"type": "watcher.heartbeat", "watcher": "w", "sequence": 1}, "sequence", ""),
    ],
)
def test_devices_are_reported_like_people(
    topic: str, fields: dict[str, object], key: str, hint: str
) -> None:
    """A device that misspells a field is reported once, however often it sends; its event counts."""
    rows = [sent(n, f"venue/centre/{topic}", fields) for n in range(1, 4)]
    assert all(isinstance(row, Arrival) for row in rows), rows
    (alert,) = play(*rows)

    assert alert.key == f"venue/centre/{topic.partition('/')[0]}"
    assert key in alert.title
    assert alert.values.get("hint", "") == hint
    assert alert.occurrences == 1


def test_the_keys_of_answers_are_read_too() -> None:
    """A value that is not read would make a measured item unknown."""
    row = {"item": "cold-store", "result": "pass", "values": 4, "unit": "celsius"}
    (alert,) = play(message(5, items=[row]))

    assert "items.values" in alert.title
    assert alert.values["hint"] == "value"


def test_a_form_without_answers_is_read_too() -> None:
    """Answers may be missing; what is unknown beside them is reported."""
    fields = {key: value for key, value in FORM.items() if key != "items"}
    (alert,) = play(sent(5, TOPIC, {**fields, "extra": 1}))

    assert "extra" in alert.title


def test_a_sender_is_told_once_for_each_key() -> None:
    """A sender is informed once for each key, however often it sends; another key is reported again."""
    repeated = [message(5 * n, inspection=f"i{n}", extra=n) for n in range(1, 5)]
    (alert,) = play(*repeated)
    assert alert.occurrences == 1

    (alert,) = play(*repeated, message(60, inspection="i9", extra=1, other=2))
    assert alert.occurrences == 2


def test_a_form_without_other_keys_is_not_reported() -> None:
    """Every key of the documentation is read."""
    assert play(message(5, inspector="ann", revision=1, version="3", note="")) != []
    assert play(message(5, inspector="ann", revision=1, version="3")) == []


def test_a_sender_is_not_told_again_after_a_restart() -> None:
    """What has been reported is in the snapshot."""
    harness = EngineHarness(RULE_SET)
    harness.step(message(5, extra=1))
    harness.engine.state.devices = snapshot.decode(snapshot.encode(harness.engine.state)).devices
    harness.step(message(10, inspection="i2", extra=1))

    (alert,) = harness.alerts("keys-ignored")
    assert alert.occurrences == 1


def test_senders_that_invent_keys_have_a_limit() -> None:
    """The keys of one message, the keys of a sender and the number of senders do not grow without bound."""
    harness = EngineHarness(RULE_SET)
    for n in range(30):
        keys = {f"key-{n}-{k}": 1 for k in range(30)}
        harness.step(message(5 + n, inspection=f"i{n}", **keys))
    for n in range(1_010):
        topic = f"venue/site-{n}/request/q"
        fields = {"type": "request.opened", "request": "q", "zone": "x", "extra": 1}
        harness.step(message(60, topic, **fields))
    known = harness.engine.state.devices.unknown_keys

    assert len(known["venue/centre/inspection"]) <= 120
    assert len(known) == 1_000
    assert harness.alerts("monitor-keys-capped") != []


@pytest.mark.parametrize("depth", [10, 100_000])
def test_deeply_nested_extras_are_no_exception(depth: int) -> None:
    """The message is accepted or rejected, whatever a key contains."""
    extra = b"[" * depth + b"]" * depth
    payload = msgspec.json.encode({"at": at(5), **FORM})[:-1] + b',"extra":' + extra + b"}"

    assert isinstance(decode(TOPIC, payload, at(5)), Arrival | Rejected)


@pytest.mark.parametrize("second", [b'"door.closed"', b'"nothing"', b"[]", b"7", b"null"])
def test_a_type_that_is_named_twice_is_refused_or_read(second: bytes) -> None:
    """Beside an unknown key the payload is read again; whatever it says, nothing is raised."""
    head, end = (
        b'{"type":"door.opened","extra":1,"type":',
        b',"at":"2026-01-01T08:00:00Z","point":"d1"}',
    )
    decoded = decode("venue/centre/door/d1", head + second + end, at(5))

    match decoded:
        case Rejected():
            assert second != b'"door.closed"'
        case _:
            assert decoded.ignored == ("extra",)


def test_what_follows_an_unknown_key_is_checked() -> None:
    """The decoder has stopped at the key: the rest of the payload may be anything."""
    for rest in (b'"at":"yesterday","point":"d1"}', b'"at":"2026-01-01T08:00:00Z"', b"]" * 9):
        payload = b'{"type":"door.opened","extra":1,' + rest
        assert isinstance(decode("venue/centre/door/d1", payload, at(5)), Rejected)
