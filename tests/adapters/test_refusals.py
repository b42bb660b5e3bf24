"""A message that can't be used is refused with a reason that a person can act on."""

import json
from datetime import UTC, datetime

import pytest

from monitor.adapters import build

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
            "no access point is mapped to door 4 of device 405419896; add "
            '"405419896/4" = "<point>" to map of [[adapter]] "uhppoted"'
        ),
    ),
    (
        "uhppoted",
        {"405419896/4": "zone:hall"},
        "u",
        record(event_type=1),
        "no access point is mapped to door 4 of device 405419896",
    ),
    (
        "uhppoted",
        {"405419896/4": "north"},
        "u",
        record(event_reason=28),
        'no device is mapped to controller 405419896; add "405419896" = "device:<device>"',
    ),
    (
        "uhppoted",
        {},
        "u",
        {"message": {"system": {"alive": {}}}},
        'no device is mapped to uhppoted-mqtt itself; add "gateway" = "device:<device>"',
    ),
    (
        "uhppoted",
        {},
        "u",
        {"message": {"event": "cXVpZXQ=", "key": "x"}},
        "the message is encrypted; turn mqtt.encryption.outgoing off in uhppoted.conf",
    ),
    ("uhppoted", {}, "u", {"message": {}}, 'neither "event" nor "system"'),
    ("uhppoted", {}, "u", record(device_id="405419896"), "got `str` - at `$.message.event.event.d"),
    ("uhppoted", {}, "u", record(door_id=-1), "Expected `int` >= 0"),
    ("uhppoted", {}, "u", {"event": 1}, "missing required field `message`"),
    ("uhppoted", {}, "u", "", "not JSON: Input data was truncated"),
    (
        "esp-rfid",
        {},
        "rfid/front/send",
        {"type": "access", "access": "Always"},
        'no access point is mapped to topic "rfid/front"; add "rfid/front" = "<point>"',
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
    ("esp-rfid", {}, "rfid/front", {"type": "boot"}, "no device is mapped to topic"),
    ("esp-rfid", {}, "rfid/front/avty", "online", "no device is mapped to topic"),
    ("esp-rfid", {}, "rfid/front", {"uid": "4b"}, 'an access message without "access"'),
    ("esp-rfid", {}, "rfid/front", {"access": ["Always"]}, "got `array` - at `$.access`"),
    (
        "zigbee2mqtt",
        {},
        "zigbee2mqtt/hall/EAST",
        {"contact": True},
        (
            'no place is mapped to Zigbee device "hall/EAST"; '
            'add "hall/EAST" = "<point> device:<device>"'
        ),
    ),
    (
        "zigbee2mqtt",
        {"EAST": "device:contact-3"},
        "zigbee2mqtt/EAST",
        {"contact": True},
        'no access point is mapped to contact "EAST"',
    ),
    (
        "zigbee2mqtt",
        {"EAST": "east"},
        "zigbee2mqtt/EAST",
        {"contact": "open"},
        '"contact" is "open"; Zigbee2MQTT sends true or false',
    ),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST/availability", "maybe", 'availability is "maybe"'),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST/availability", {"state": 1}, "at `$.state`"),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST/availability", "online", "no device is mapped"),
    ("zigbee2mqtt", {}, "zigbee2mqtt/bridge/info", {}, 'add "bridge" = "device:<device>"'),
    ("zigbee2mqtt", {}, "zigbee2mqtt/EAST", [1], "Expected `object`, got `array`"),
    (
        "onvif-ej",
        {},
        "acme/onvif-ej/AccessControl/Denied/Credential/&AP-1",
        {"Source": {"AccessPointToken": "AP-1"}},
        'no access point is mapped to AccessPointToken "AP-1"; add "AP-1" = "<point>"',
    ),
    (
        "onvif-ej",
        {},
        "acme/onvif-ej/RuleEngine/LineDetector/Crossed",
        {},
        'no device is mapped to an ONVIF prefix; add "acme" = "device:<device>"',
    ),
    ("onvif-ej", {}, "acme/onvif-ej/Configuration/Door/Changed", {}, "no device is mapped"),
    (
        "onvif-ej",
        {"Hall": "hall-door"},
        "acme/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Hall",
        {"Data": {"Count": 3}},
        'no zone is mapped to Rule "Hall"; add "Hall" = "zone:<zone>"',
    ),
    (
        "onvif-ej",
        {"Hall": "zone:hall"},
        "acme/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Hall",
        {"Data": {"Count": "-3"}},
        '"Count" is "-3"; a number of persons from 0 is expected',
    ),
    (
        "onvif-ej",
        {"D": "east"},
        "acme/onvif-ej/Door/State/DoorAlarm/&D",
        {"Data": {}},
        'Door/State/DoorAlarm without "State" in "Data"',
    ),
    (
        "onvif-ej",
        {"acme/D": "device:lock-1"},
        "acme/onvif-ej/Door/State/DoorAlarm/&D",
        {"Data": {"State": "Normal"}},
        'no access point is mapped to DoorToken "D"; add "D" = "<point>"',
    ),
    ("onvif-ej", {}, "acme/onvif-ej/Credential/State/Enabled", {}, 'without "CredentialToken"'),
    ("onvif-ej", {}, "acme/axis/Door", {}, "not of the form <prefix>/onvif-ej/<topic>"),
    ("onvif-ej", {}, "/onvif-ej/Door", {}, "not of the form <prefix>/onvif-ej/<topic>"),
    ("onvif-ej", {}, "acme/onvif-ej/Door", {"Data": []}, "got `array` - at `$.Data`"),
]


@pytest.mark.parametrize(("name", "mapping", "topic", "payload", "reason"), REFUSED)
def test_a_refusal_says_what_was_found_and_what_to_write(
    name: str, mapping: dict[str, str], topic: str, payload: object, reason: str
) -> None:
    """The reason alone is enough to repair the map or the device."""
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()

    found = build(name, mapping, UTC, key=KEY).translate(topic, raw, NOW, retained=False)

    assert isinstance(found, str)
    assert reason in found


@pytest.mark.parametrize(
    ("name", "topic", "payload"),
    [
        ("zigbee2mqtt", "zigbee2mqtt/EAST", b""),
        ("zigbee2mqtt", "zigbee2mqtt/EAST/set", b'{"state": "ON"}'),
        ("zigbee2mqtt", "zigbee2mqtt/EAST/get/state", b""),
        ("esp-rfid", "rfid/front", b""),
        ("esp-rfid", "rfid/front/cmd", b'{"cmd": "opendoor"}'),
        ("uhppoted", "u", b'{"message": {"reply": {}}}'),
    ],
)
def test_what_tells_nothing_of_a_device_gives_no_event(
    name: str, topic: str, payload: bytes
) -> None:
    """Commands to devices, answers to others and deleted retained messages are understood."""
    assert build(name, {}, UTC, key=KEY).translate(topic, payload, NOW, retained=False) == ()


@pytest.mark.parametrize(("name", "topic"), [("onvif-ej", "a/onvif-ej/Door"), ("uhppoted", "u")])
def test_deep_or_huge_json_is_refused(name: str, topic: str) -> None:
    """Neither depth nor size of a payload stops the monitor."""
    adapter = build(name, {}, UTC, key=KEY)

    deep = adapter.translate(topic, b'{"Data":' * 20_000, NOW, retained=False)
    huge = adapter.translate(topic, b" " * 1_000_000, NOW, retained=False)

    assert deep == "JSON nested too deeply"
    assert huge == "1000000 bytes are more than the 262144 that a message may have"
