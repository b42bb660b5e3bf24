"""An unusable message is rejected with a reason that a person can act on."""

import json
from datetime import UTC, datetime

import pytest

from monitor.adapters import build
from monitor.core.events.access import AccessDuress
from monitor.core.phrase import Phrase, phrase
from monitor.texts import plain

KEY = b"a key for tests, of 32 bytes ..."
NOW = datetime(2026, 7, 14, 8, 30, 7, tzinfo=UTC)
RECORD = {"device-id": 405419896, "event-id": 7, "event-type": 2, "door-id": 4}


def record(**fields: object) -> dict[str, object]:
    """A message of uhppoted-mqtt with one record."""
    more = {name.replace("_", "-"): value for name, value in fields.items()}
    return {"message": {"event": {"event": RECORD | more}}}


REFUSED = [
    (
        "uhppoted",
        {},
        "u",
        record(event_reason=23),
        (
            "door 4 of controller 405419896: no access point is mapped to it; add "
            '"405419896/4" = "<point>" to the map of the adapter “uhppoted” in config.toml'
        ),
    ),
    (
        "uhppoted",
        {"405419896/4": "zone:hall"},
        "u",
        record(event_type=1),
        "door 4 of controller 405419896: no access point is mapped to it",
    ),
    (
        "uhppoted",
        {"405419896/4": "north"},
        "u",
        record(event_reason=28),
        'controller 405419896: no device is mapped to it; add "405419896" = "device:<device>"',
    ),
    (
        "uhppoted",
        {},
        "u",
        {"message": {"system": {"alive": {}}}},
        'uhppoted-mqtt itself: no device is mapped to it; add "gateway" = "device:<device>"',
    ),
    (
        "uhppoted",
        {},
        "u",
        {"message": {"event": "cXVpZXQ=", "key": "x"}},
        "the message is encrypted; turn mqtt.encryption.outgoing off in uhppoted.conf",
    ),
    (
        "uhppoted",
        {},
        "u",
        {"message": {"reply": {"method": "get-event", "response": {"card-number": 8165538}}}},
        "no event follows from the reply to a request, “get-event”; if it is expected, narrow the topic filter",
    ),
    (
        "uhppoted",
        {},
        "u",
        {"message": {"error": {"code": 500, "message": "no answer from 405419896"}}},
        "uhppoted-mqtt reports an error: “500: no answer from 405419896”",
    ),
    ("uhppoted", {}, "u", {"message": {}}, "neither “event” nor “system”"),
    ("uhppoted", {}, "u", record(device_id="405419896"), "got `str` - at `$.message.event.event.d"),
    ("uhppoted", {}, "u", record(door_id=-1), "Expected `int` >= 0"),
    ("uhppoted", {}, "u", {"event": 1}, "missing required field `message`"),
    ("uhppoted", {}, "u", "", "not JSON: Input data was truncated"),
    (
        "esp-rfid",
        {},
        "rfid/front/send",
        {"type": "access", "access": "Always"},
        'topic “rfid/front”: no access point is mapped to it; add "rfid/front" = "<point>"',
    ),
    (
        "esp-rfid",
        {"rfid/front": "device:reader-7"},
        "rfid/front",
        {"type": "access", "access": "Denied"},
        "no access point is mapped",
    ),
    (
        "esp-rfid",
        {"rfid/front": "north"},
        "rfid/front/io/lock2",
        "LOCKED",
        'add "rfid/front/io/lock2" = "<point>"',
    ),
    ("esp-rfid", {}, "rfid/front", {"type": "boot"}, "no device is mapped to it"),
    ("esp-rfid", {}, "rfid/front/avty", "online", "no device is mapped to it"),
    ("esp-rfid", {}, "rfid/front", {"uid": "4b"}, "an access message without “access”"),
    ("esp-rfid", {}, "rfid/front", {"access": ["Always"]}, "got `array` - at `$.access`"),
    (
        "zigbee2mqtt",
        {},
        "zigbee2mqtt/hall/EAST",
        {"contact": True},
        (
            "Zigbee device “hall/EAST”: no place is mapped to it; "
            'add "hall/EAST" = "<point> device:<device>"'
        ),
    ),
    (
        "zigbee2mqtt",
        {"EAST": "device:contact-3"},
        "zigbee2mqtt/EAST",
        {"contact": True},
        "contact “EAST”: no access point is mapped to it",
    ),
    (
        "zigbee2mqtt",
        {"EAST": "east"},
        "zigbee2mqtt/EAST",
        {"contact": "open"},
        "“contact” is “open”; Zigbee2MQTT sends true or false",
    ),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST/availability", "maybe", "availability is “maybe”"),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST/availability", {"state": 1}, "at `$.state`"),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST/availability", "online", "no device is mapped"),
    ("zigbee2mqtt", {}, "zigbee2mqtt/bridge/info", {}, 'add "bridge" = "device:<device>"'),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST", [1], "Expected `object`, got `array`"),
    (
        "onvif-ej",
        {},
        "acme/onvif-ej/AccessControl/Denied/Credential/&AP-1",
        {"Source": {"AccessPointToken": "AP-1"}},
        'AccessPointToken "AP-1": no access point is mapped to it; add "AP-1" = "<point>"',
    ),
    (
        "onvif-ej",
        {},
        "acme/onvif-ej/RuleEngine/LineDetector/Crossed",
        {"UtcTime": "2026-07-14T08:30:05Z"},
        'topic prefix “acme”: no device is mapped to it; add "acme" = "device:<device>"',
    ),
    (
        "onvif-ej",
        {},
        "acme/onvif-ej/Configuration/Door/Changed",
        {"Source": {"DoorToken": "D"}},
        "no device is mapped",
    ),
    (
        "onvif-ej",
        {"Hall": "hall-door"},
        "acme/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Hall",
        {"Data": {"Count": 3}},
        'Rule "Hall": no zone is mapped to it; add "Hall" = "zone:<zone>"',
    ),
    (
        "onvif-ej",
        {"Hall": "zone:hall"},
        "acme/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Hall",
        {"Data": {"Count": "-3"}},
        "“Count” is “-3”; send a number of persons from 0 to 10000000",
    ),
    (
        "onvif-ej",
        {"D": "east"},
        "acme/onvif-ej/Door/State/DoorAlarm/&D",
        {"UtcTime": "2026-07-14T08:30:05Z", "Data": {}},
        "Door/State/DoorAlarm without “State” in “Data”",
    ),
    (
        "onvif-ej",
        {"acme/D": "device:lock-1"},
        "acme/onvif-ej/Door/State/DoorAlarm/&D",
        {"Data": {"State": "Normal"}},
        'DoorToken "D": no access point is mapped to it; add "D" = "<point>"',
    ),
    (
        "onvif-ej",
        {},
        "acme/onvif-ej/Credential/State/Enabled",
        {"Data": {"State": True}},
        "without “CredentialToken”",
    ),
    ("onvif-ej", {}, "acme/axis/Door", {}, "does not have the form <prefix>/onvif-ej/<topic>"),
    ("onvif-ej", {}, "/onvif-ej/Door", {}, "does not have the form <prefix>/onvif-ej/<topic>"),
    ("onvif-ej", {}, "acme/onvif-ej/Door", {"Data": []}, "got `array` - at `$.Data`"),
]


@pytest.mark.parametrize(("name", "mapping", "topic", "payload", "reason"), REFUSED)
def test_a_refusal_says_what_was_found_and_what_to_write(
    name: str, mapping: dict[str, str], topic: str, payload: object, reason: str
) -> None:
    """The reason alone is enough to correct the map or the device."""
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()

    found = build(name, mapping, UTC, key=KEY).translate(topic, raw, NOW, retained=False)

    assert isinstance(found, Phrase)
    assert reason in plain(found)


@pytest.mark.parametrize(
    ("name", "topic", "payload"),
    [
        ("zigbee2mqtt", "zigbee2mqtt/EAST", b""),
        ("zigbee2mqtt", "zigbee2mqtt/EAST/set", b'{"state": "ON"}'),
        ("zigbee2mqtt", "zigbee2mqtt/EAST/get/state", b""),
        ("esp-rfid", "rfid/front", b""),
        ("esp-rfid", "rfid/front/cmd", b'{"cmd": "opendoor"}'),
    ],
)
def test_messages_without_device_data_give_no_event(name: str, topic: str, payload: bytes) -> None:
    """Commands to devices and deleted retained messages are recognised."""
    assert build(name, {}, UTC, key=KEY).translate(topic, payload, NOW, retained=False) == ()


FORMATS: dict[str, tuple[dict[str, str], str, object]] = {
    "uhppoted": (
        {"405419896": "device:c1", "405419896/4": "north", "gateway": "device:g"},
        "u",
        record(event_reason=23),
    ),
    "esp-rfid": (
        {"rfid/front": "north device:reader-7"},
        "rfid/front",
        {"type": "heartbeat", "time": 1784017805},
    ),
    "zigbee2mqtt": (
        {"EAST": "east device:contact-3"},
        "zigbee2mqtt/EAST",
        {"contact": True, "linkquality": 90},
    ),
    "onvif-ej": (
        {"acme": "device:panel-7", "D": "east"},
        "acme/onvif-ej/Door/State/LockPhysicalState/&D",
        {"UtcTime": "2026-07-14T08:30:05Z", "Data": {"State": "Locked"}},
    ),
    "ours": ({}, "", {"type": "door.opened", "at": "2026-07-14T08:30:05Z", "point": "east"}),
    "nobody's": ({}, "", {"hello": "world"}),
    "empty": ({}, "", {}),
}
"""Of each format: a map that names every sender, a topic, and a message."""


@pytest.mark.parametrize("name", ["uhppoted", "esp-rfid", "zigbee2mqtt", "onvif-ej"])
@pytest.mark.parametrize("other", FORMATS)
def test_another_vendors_format_is_refused(name: str, other: str) -> None:
    """A message on the wrong topic is no sign of life of the device that should send there."""
    mapping, topic, _ = FORMATS[name]
    payload = json.dumps(FORMATS[other][2]).encode()

    found = build(name, mapping, UTC, key=KEY).translate(topic, payload, NOW, retained=False)

    assert isinstance(found, Phrase) == (other != name)


@pytest.mark.parametrize("word", ['{"contact": true}', "a b", "x" * 65])
def test_only_a_word_is_a_relays_state(word: str) -> None:
    """JSON on a topic for words like ON comes from another sender."""
    adapter = build("esp-rfid", {"rfid/front": "north device:reader-7"}, UTC, key=KEY)

    found = adapter.translate("rfid/front/io/lamp", word.encode(), NOW, retained=False)

    assert isinstance(found, Phrase)
    assert found.id == "esp-rfid-word"


def test_duress_is_believed_without_any_field() -> None:
    """Duress is accepted by its topic alone, because a refusal would lose it."""
    adapter = build("onvif-ej", {"D": "east"}, UTC, key=KEY)

    found = adapter.translate("acme/onvif-ej/AccessControl/Duress/&D", b"{}", NOW, retained=False)

    assert not isinstance(found, Phrase)
    assert isinstance(found[0], AccessDuress)


@pytest.mark.parametrize(("name", "topic"), [("onvif-ej", "a/onvif-ej/Door"), ("uhppoted", "u")])
def test_deep_or_huge_json_is_refused(name: str, topic: str) -> None:
    """Neither depth nor size of a payload stops the monitor."""
    adapter = build(name, {}, UTC, key=KEY)

    deep = adapter.translate(topic, b'{"Data":' * 20_000, NOW, retained=False)
    huge = adapter.translate(topic, b" " * 1_000_000, NOW, retained=False)

    assert deep == phrase("message-nested")
    assert huge == phrase("message-too-large", size=1_000_000, most=262_144)
