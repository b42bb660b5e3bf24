"""No id with a control character gets in by any way, and none is longer than the limit."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from monitor.adapters import Translator
from monitor.core.decode import decode
from monitor.core.events import ReceivedEvent
from monitor.core.events.door import DoorOpened
from monitor.core.inputs import Arrival, Rejected
from monitor.core.phrase import Phrase
from monitor.core.validate_ids import may_hold_control_characters
from monitor.texts import plain

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def sent(topic: str, subject: str, **fields: object) -> Arrival | Rejected:
    """Decode an event of this subject."""
    body = {"at": "2026-06-01T12:00:00Z", **fields}
    return decode(f"venue/centre/{topic}/{subject}", msgspec.json.encode(body), NOW)


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\n", "\x7f", "\x9b"])
def test_a_control_character_in_an_id_is_refused(char: str) -> None:
    """A control character is refused in the subject, in an id beside it, and deep inside an inspection."""
    name = f"d1{char}[31m"
    rows = [
        sent("door", name, type="door.opened", point=name),
        sent("door", "d1", type="door.opened", point="d1", device=name),
        sent("door", "d1", type="door.opened", point="d1", id=name),
        sent(
            "inspection",
            "c",
            type="inspection.submitted",
            checklist="c",
            inspection="i",
            inspector="ann",
            finished_at="2026-06-01T12:00:00Z",
            items=[{"item": name, "result": "pass"}],
        ),
    ]
    for row in rows:
        assert isinstance(row, Rejected)
        assert f"has the control character U+{ord(char):04X}; send it without" in plain(row.reason)


@given(st.text(st.characters(categories=["Cc"]), min_size=1, max_size=3), st.text(max_size=5))
def test_a_payload_shows_that_it_may_hold_control_characters(control: str, text: str) -> None:
    """However it is encoded, a control character does not get past the look at the bytes."""
    for escaped in (True, False):
        row = json.dumps({"id": control + text}, ensure_ascii=escaped)
        assert may_hold_control_characters(row.encode(errors="surrogatepass"))
    assert not may_hold_control_characters(b'{"id": "d1"}')


def texts(kind: inspect.Type) -> Iterator[inspect.StrType]:
    """The types of all texts in a type."""
    match kind:
        case inspect.StrType():
            yield kind
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from texts(field.type)
        case inspect.UnionType(types=kinds):
            for one in kinds:
                yield from texts(one)
        case inspect.VarTupleType(item_type=item):
            yield from texts(item)
        case inspect.DictType(key_type=key, value_type=value):
            yield from (*texts(key), *texts(value))
        case _:
            pass


def test_the_decoder_limits_every_text() -> None:
    """The length of an id needs no look of its own where the decoder has read it."""
    found = list(texts(inspect.type_info(ReceivedEvent)))
    assert len(found) > 100
    assert all(row.max_length is not None or row.pattern is not None for row in found)


def test_free_text_may_have_several_lines() -> None:
    """A note isn't an id."""
    event = {"type": "action.opened", "action": "a", "kind": "repair", "note": "one\ntwo\x1b"}
    assert isinstance(sent("action", "a", **event), Arrival)


class Vendor:
    """An adapter that accepts every topic."""

    format = "vendor"

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        """Open the door that the topic ends with."""
        del payload, retained
        return (DoorOpened(at=received_at, point=topic.removeprefix("vendor/")),)


def test_an_adapter_lets_none_in_either() -> None:
    """Events that an adapter translates have to keep the same limits."""
    translator = Translator([("vendor/#", Vendor())])
    for point, reason in (
        ("d1\x1b[2J", "point has the control character U+001B"),
        ("d" * 200, "point has 200 characters; send at most 128"),
    ):
        found = translator.decode(f"vendor/{point}", b"", NOW)
        assert isinstance(found, Rejected)
        assert plain(found.reason).startswith(reason)
