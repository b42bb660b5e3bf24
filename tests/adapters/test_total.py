"""Any bytes on any topic give an arrival or a rejection, and any result can be recorded."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.adapters import Translator, build
from monitor.core.events import ReceivedEvent
from monitor.core.inputs import Arrival, Rejected
from monitor.texts import plain

KEY = b"a key for tests, of 32 bytes ..."
NOW = datetime(2026, 7, 14, 8, 30, 7, tzinfo=UTC)
GOLDEN = [
    json.loads(file.read_text())
    for file in sorted((Path(__file__).parent / "golden").glob("*.json"))
]
ROOTS = {
    "uhppoted": "uhppoted/#",
    "esp-rfid": "rfid/#",
    "zigbee2mqtt": "zigbee2mqtt/#",
    "onvif-ej": "+/onvif-ej/#",
}
EVERYTHING: dict[str, dict[str, str]] = {name: {} for name in ROOTS}
for golden in GOLDEN:
    EVERYTHING[golden["format"]] |= golden["map"]

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from(["true", "0", "2026-07-14 01:30:00 PST", "9999-12-31T23:59:59-14:00", "\x00"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TOPICS = st.sampled_from(
    [golden["topic"] for golden in GOLDEN]
    + ["zigbee2mqtt", "zigbee2mqtt/bridge", "rfid/", "rfid/x/io/lock", "a/onvif-ej/", "uhppoted/"]
)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
STARTS = st.sampled_from(
    ["", "uhppoted/", "rfid/", "rfid/front/io/", "zigbee2mqtt/", "acme-7/onvif-ej/"]
)
ANY_TOPIC = TOPICS | st.builds(str.__add__, STARTS, ANY_TEXT)


def translator() -> Translator:
    """All adapters with every entry that the golden files use."""
    zone = ZoneInfo("America/Los_Angeles")
    return Translator(
        [(root, build(name, EVERYTHING[name], zone, key=KEY)) for name, root in ROOTS.items()]
    )


def check(topic: str, payload: bytes, *, retained: bool) -> None:
    """Translate the message, then read the result again as the journal would keep it."""
    found = translator().decode(topic, payload, NOW, retained=retained)

    if isinstance(found, Rejected):
        assert found.reason
        assert msgspec.json.encode(found.reason)
        assert len(plain(found.reason)) < 1000
    else:
        assert isinstance(found, Arrival)
        for event in found.events:
            assert msgspec.json.decode(msgspec.json.encode(event), type=ReceivedEvent) == event
            assert event.replay or not retained


@given(topic=ANY_TOPIC, payload=st.binary(), retained=st.booleans())
@example(topic="acme-7/onvif-ej/\ud800", payload=b"", retained=False)
@example(topic="acme-7/onvif-ej/" + "x" * 900, payload=b"", retained=False)
@example(topic="acme-7/onvif-ej/Configuration/\ud800/Changed", payload=b"{}", retained=False)
@example(topic="zigbee2mqtt/\ud800", payload=b'{"smoke": true}', retained=False)
@example(topic="zigbee2mqtt/" + "x" * 900, payload=b'{"smoke": true}', retained=False)
@example(topic="zigbee2mqtt/bridge/\ud800", payload=b"{}", retained=False)
@example(topic="rfid/front/io/\ud800" + "x" * 900, payload=b"\xff" * 900, retained=False)
@example(topic="rfid/\ud800", payload=b"{}", retained=False)
@example(topic="elsewhere", payload=b"\xff" * 1_000_000, retained=False)
@example(topic="zigbee2mqtt/EAST_DOOR", payload=b"[" * 250_000, retained=False)
@example(topic="zigbee2mqtt/EAST_DOOR", payload=b'{"last_seen": 1e400}', retained=False)
@example(topic="zigbee2mqtt/EAST_DOOR", payload=b'{"battery": NaN}', retained=False)
@example(topic="zigbee2mqtt/EAST_DOOR", payload=b'{"last_seen": "\\udc00"}', retained=False)
def test_any_bytes(topic: str, payload: bytes, retained: bool) -> None:
    """Noise is rejected or understood; nothing is raised."""
    check(topic, payload, retained=retained)


@given(topic=ANY_TOPIC, value=VALUES, retained=st.booleans())
def test_any_json(topic: str, value: object, retained: bool) -> None:
    """JSON of any shape, with surrogates, NaN and numbers of 400 digits."""
    check(topic, json.dumps(value).encode(), retained=retained)


@given(golden=st.sampled_from(GOLDEN), changes=st.data(), retained=st.booleans())
def test_any_value_in_any_field(golden: Any, changes: st.DataObject, retained: bool) -> None:  # noqa: ANN401
    """A real message with some values replaced by anything at all."""
    payload = json.loads(json.dumps(golden["payload"]))
    spots = list(fields(payload))
    for holder, name in changes.draw(st.lists(st.sampled_from(spots), max_size=3)) if spots else ():
        holder[name] = changes.draw(VALUES)

    raw = json.dumps(payload) if isinstance(payload, dict) else payload
    check(golden["topic"], raw.encode(), retained=retained)


def fields(value: object) -> list[tuple[dict[str, object], str]]:
    """Every field of a JSON object and of those inside it."""
    if not isinstance(value, dict):
        return []
    own = [(value, name) for name in value]
    return own + [spot for inner in value.values() for spot in fields(inner)]
