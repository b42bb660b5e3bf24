"""One test for each trap seen in real payloads; the numbers are those of docs/adapters.md."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from monitor.adapters import Translator, build
from monitor.adapters.adapter import Adapter
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied, AccessDuress, AccessGranted, CredentialState
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline, DeviceOnline
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.events.zone import EmergencyFire
from monitor.core.identity import identity

KEY = b"a key for tests, of 32 bytes ..."
NOW = datetime(2026, 7, 14, 8, 30, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACES = {
    "zigbee2mqtt": {"EAST": "east device:contact-3", "SMOKE": "zone:kitchen"},
    "esp-rfid": {"rfid/front": "north device:reader-7"},
    "uhppoted": {"405419896": "device:ctrl-1", "405419896/4": "north"},
    "onvif-ej": {"acme": "device:panel-7", "DOOR": "north"},
}


def made(name: str, zone: str = "UTC") -> Adapter:
    """An adapter with its map."""
    return build(name, PLACES[name], ZoneInfo(zone), key=KEY)


def translated(
    adapter: Adapter, topic: str, payload: object, at: datetime = NOW, *, retained: bool = False
) -> tuple[ReceivedEvent, ...]:
    """The events of a message; a string is sent bare."""
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    found = adapter.translate(topic, raw, at, retained=retained)
    assert isinstance(found, tuple), found
    return found


def record(**fields: object) -> dict[str, object]:
    """A message of uhppoted-mqtt with one record."""
    values = {"device-id": 405419896, "event-id": 7, "event-type": 2, "door-id": 4} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    return {"message": {"event": {"event": values}}}


@pytest.mark.parametrize(("contact", "kind"), [(True, DoorClosed), (False, DoorOpened)])
def test_t1_a_contact_that_is_true_is_a_closed_door(
    contact: bool, kind: type[ReceivedEvent]
) -> None:
    """Zigbee2MQTT reports the magnet, our events the door."""
    assert isinstance(translated(made("zigbee2mqtt"), "z/EAST", {"contact": contact})[0], kind)


@pytest.mark.parametrize(
    ("name", "topic", "payload", "at"),
    [
        (
            "onvif-ej",
            "acme/onvif-ej/Monitoring/LinkStatus",
            {"UtcTime": "2026-07-14T08:00:00.5Z"},
            "2026-07-14T08:00:00.5+00:00",
        ),
        (
            "onvif-ej",
            "acme/onvif-ej/Monitoring/LinkStatus",
            {"UtcTime": "2026-07-14T08:00:00"},
            "2026-07-14T08:00:00+00:00",
        ),
        (
            "zigbee2mqtt",
            "z/EAST",
            {"last_seen": "2026-07-14T10:00:00+02:00"},
            "2026-07-14T08:00:00+00:00",
        ),
        (
            "zigbee2mqtt",
            "z/EAST",
            {"last_seen": "2026-07-14T15:00:00"},
            "2026-07-14T08:00:00+00:00",
        ),
        ("zigbee2mqtt", "z/EAST", {"last_seen": 1784016000000}, "2026-07-14T08:00:00+00:00"),
        (
            "esp-rfid",
            "rfid/front",
            {"type": "heartbeat", "time": 1784016000},
            "2026-07-14T08:00:00+00:00",
        ),
        (
            "uhppoted",
            "u",
            record(timestamp="2026-07-14 15:00:00 PDT"),
            "2026-07-14T08:00:00+00:00",
        ),
        ("uhppoted", "u", record(timestamp="2026-07-14 15:00:00"), "2026-07-14T08:00:00+00:00"),
    ],
)
def test_t2_every_time_form_is_read_in_the_zone_of_the_settings(
    name: str, topic: str, payload: object, at: str
) -> None:
    """Each form gives the same time; an abbreviation such as PDT does not move it."""
    found = translated(made(name, "Asia/Ho_Chi_Minh"), topic, payload)

    assert found[0].at == datetime.fromisoformat(at)


@pytest.mark.parametrize(
    ("name", "topic", "payload", "note"),
    [
        ("zigbee2mqtt", "z/EAST", {"linkquality": 90}, "no time"),
        ("zigbee2mqtt", "z/EAST", {"last_seen": None}, "no time"),
        ("zigbee2mqtt", "z/EAST", {"last_seen": "N/A"}, 'unreadable time "N/A"'),
        ("zigbee2mqtt", "z/EAST", {"last_seen": 10**400}, "unreadable"),
        ("zigbee2mqtt", "z/EAST", {"last_seen": True}, 'unreadable time "True"'),
        ("esp-rfid", "rfid/front", {"type": "heartbeat", "time": 312}, "clock not set, 1970-01-01"),
        ("esp-rfid", "rfid/front", {"type": "heartbeat", "time": "now"}, 'unreadable time "now"'),
        ("uhppoted", "u", record(timestamp=""), "no time"),
        ("uhppoted", "u", record(timestamp="2000-01-01 00:00:07 UTC"), "clock not set, 2000-01-01"),
        ("uhppoted", "u", record(timestamp="2026-07-44 15:00:00"), "unreadable time"),
        ("onvif-ej", "acme/onvif-ej/Monitoring/X", {"UtcTime": ["?"]}, "unreadable time"),
        (
            "onvif-ej",
            "acme/onvif-ej/Monitoring/X",
            {"UtcTime": "0001-01-01T00:00:00+14:00"},
            "unread",
        ),
    ],
)
def test_t2_without_a_usable_time_the_arrival_counts_and_is_marked(
    name: str, topic: str, payload: object, note: str
) -> None:
    """A missing, unreadable or unset clock loses no event, and does not make it decades old."""
    found = translated(made(name), topic, payload)[0]

    assert found.at is NOW
    assert note in found.raw


def test_t2_the_repeated_hour_is_distinguished_by_its_abbreviation() -> None:
    """When clocks go back, 01:30 occurs twice; without an abbreviation it is the first."""
    adapter = made("uhppoted", "America/Los_Angeles")

    def at(text: str) -> datetime:
        return translated(adapter, "u", record(timestamp=text))[0].at

    assert at("2026-11-01 01:30:00 PDT") == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert at("2026-11-01 01:30:00 PST") == datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    assert at("2026-11-01 01:30:00 CET") == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def test_t3_last_seen_is_a_text_or_a_number() -> None:
    """A setting of Zigbee2MQTT makes ``last_seen`` a text or a number; both give the same time."""
    adapter = made("zigbee2mqtt")

    text = translated(adapter, "z/EAST", {"last_seen": "2026-07-14T08:00:00.250Z"})
    number = translated(adapter, "z/EAST", {"last_seen": 1784016000250})

    assert text == number


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("false", "disabled"),
        ("0", "disabled"),
        (0, "disabled"),
        (False, "disabled"),
        ("true", "active"),
        ("1", "active"),
        (True, "active"),
        ("", "unknown"),
        ("no", "unknown"),
        (2, "unknown"),
        ([], "unknown"),
    ],
)
def test_t4_a_boolean_in_quotes_is_read_by_its_value(state: object, expected: str) -> None:
    """The text “false” is false, and any other text is unknown."""
    payload = {"Source": {"CredentialToken": "C"}, "Data": {"State": state}}
    (found,) = translated(made("onvif-ej"), "acme/onvif-ej/Credential/State/Enabled/&C", payload)

    assert isinstance(found, CredentialState)
    assert found.state == expected


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ("false", "unknown_credential"),
        (False, "unknown_credential"),
        ("true", "other"),
        ("?", "other"),
    ],
)
def test_t4_is_known_in_quotes_decides_the_reason(known: object, reason: str) -> None:
    """An unknown card is distinguished from a known one that was refused."""
    payload = {"type": "access", "access": "Denied", "isKnown": known, "uid": "4b"}
    (found,) = translated(made("esp-rfid"), "rfid/front", payload)

    assert isinstance(found, AccessDenied)
    assert found.reason == reason


def test_t6_a_payload_without_a_door_is_placed_by_its_topic() -> None:
    """esp-rfid and Zigbee2MQTT name the place only in the topic, whatever the base topic is."""
    (access,) = translated(made("esp-rfid"), "rfid/front", {"type": "access", "access": "Always"})
    (opened,) = translated(made("zigbee2mqtt"), "home/zigbee/EAST", {"contact": False})

    assert isinstance(access, AccessGranted)
    assert access.point == "north"
    assert isinstance(opened, DoorOpened)
    assert opened.point == "east"


@pytest.mark.parametrize(
    ("name", "topic", "payload"),
    [
        ("zigbee2mqtt", "z/EAST", {"contact": False}),
        ("zigbee2mqtt", "z/SMOKE", {"smoke": True}),
        ("zigbee2mqtt", "z/EAST/availability", {"state": "offline"}),
        ("esp-rfid", "rfid/front/avty", "online"),
        ("uhppoted", "u", record(event_reason=38)),
        (
            "onvif-ej",
            "acme/onvif-ej/Door/State/DoorAlarm/&DOOR",
            {"Data": {"State": "DoorForcedOpen"}},
        ),
    ],
)
def test_t8_a_retained_message_is_not_live(name: str, topic: str, payload: object) -> None:
    """After a reconnect the retained state arrives again, as a state."""
    assert all(event.replay for event in translated(made(name), topic, payload, retained=True))
    assert not any(event.replay for event in translated(made(name), topic, payload))


def test_t8_a_repeated_state_is_not_live() -> None:
    """Zigbee2MQTT sends all values of a device each time: a door opens once."""
    adapter = made("zigbee2mqtt")
    reports = [
        {"contact": False},
        {"contact": False, "battery": 80},
        {"contact": True},
        {"contact": True, "battery": 79},
        {"contact": False},
    ]

    live = [
        not translated(adapter, "z/EAST", report, NOW + turn * SECOND)[0].replay
        for turn, report in enumerate(reports)
    ]

    assert live == [True, False, True, False, True]


def test_t8_a_redelivered_message_means_the_same() -> None:
    """A redelivered message is not mistaken for a repetition by the device."""
    adapter = made("zigbee2mqtt")
    report = {"contact": False, "last_seen": "2026-07-14T08:00:00Z"}

    first = translated(adapter, "z/EAST", report, NOW)
    again = translated(adapter, "z/EAST", report, NOW + SECOND)

    assert first == again
    assert not first[0].replay


def test_t11_the_two_feeds_of_uhppoted_are_one_event() -> None:
    """The copy on the other topic has the identity of the first, so the journal absorbs it."""
    translator = Translator([("uhppoted/#", made("uhppoted", "America/Los_Angeles"))])
    payload = record(event_reason=38, timestamp="2026-07-14 01:30:00 PDT")
    other = {"hmac": "00ff", **payload}

    def known_as(topic: str, sent: object, at: datetime) -> bytes:
        raw = json.dumps(sent).encode()
        return identity(translator.decode(topic, raw, at), topic, raw)

    feed = known_as("uhppoted/gateway/events", payload, NOW)
    live = known_as("uhppoted/gateway/events/live", other, NOW + SECOND)

    assert feed == live


def test_t14_a_bouncing_contact_loses_no_change() -> None:
    """A reed contact reports three states within a second: all are kept, in order."""
    adapter = made("zigbee2mqtt")
    reports = [
        translated(adapter, "z/EAST", {"contact": shut}, NOW + turn * SECOND / 5)[0]
        for turn, shut in enumerate([False, True, False])
    ]

    assert [type(event) for event in reports] == [DoorOpened, DoorClosed, DoorOpened]
    assert not any(event.replay for event in reports)


@pytest.mark.parametrize(
    ("name", "topic", "payload", "kind"),
    [
        ("zigbee2mqtt", "z/EAST/availability", "offline", DeviceOffline),
        ("zigbee2mqtt", "z/EAST/availability", '"online"', DeviceOnline),
        ("zigbee2mqtt", "z/EAST/availability", ' {"state": "online"}', DeviceOnline),
        ("esp-rfid", "rfid/front/avty", "online", DeviceOnline),
        ("esp-rfid", "rfid/front/io/door", "ON", DoorOpened),
    ],
)
def test_t15_a_bare_word_is_a_payload_too(
    name: str, topic: str, payload: str, kind: type[ReceivedEvent]
) -> None:
    """Not every payload is a JSON object."""
    assert isinstance(translated(made(name), topic, payload)[0], kind)


def test_access_granted_in_a_door_event_is_ignored() -> None:
    """With uhppoted, events of type door carry access-granted too; the type decides."""
    (found,) = translated(made("uhppoted"), "u", record(access_granted=True, card_number=8165538))

    assert isinstance(found, DeviceHeartbeat)


def test_a_fire_is_reported_despite_mistakes() -> None:
    """Neither a missing entry nor an unreadable field beside it hides a fire."""
    adapter = made("zigbee2mqtt")

    unmapped = translated(adapter, "z/ATTIC", {"smoke": True})
    broken = translated(adapter, "z/SMOKE", {"smoke": "true", "contact": "?"})

    assert [type(event) for event in (*unmapped, *broken)] == [EmergencyFire, EmergencyFire]


def test_a_quiet_detector_ends_no_fire() -> None:
    """Each detector reports “no smoke” at intervals; the fire of another one goes on."""
    (found,) = translated(made("zigbee2mqtt"), "z/SMOKE", {"smoke": False})

    assert isinstance(found, DeviceHeartbeat)


def test_duress_at_an_unknown_point_is_reported() -> None:
    """Duress at an unknown point is reported; a rejection would lose it, and show it on a public screen."""
    payload = {"Source": {"AccessPointToken": "AP-9"}}
    (found,) = translated(made("onvif-ej"), "acme/onvif-ej/AccessControl/Duress/&AP-9", payload)

    assert isinstance(found, AccessDuress)
    assert (found.point, found.device) == ("AP-9", "panel-7")


def test_an_unknown_alarm_is_a_fault() -> None:
    """A code or word that is in no table is not a heartbeat: it must be looked into."""
    payload = {"Data": {"State": "acme:Ajar"}}
    (onvif,) = translated(made("onvif-ej"), "acme/onvif-ej/Door/State/DoorAlarm/&DOOR", payload)
    (uhppoted,) = translated(made("uhppoted"), "u", record(event_type=3, event_reason=99))

    assert onvif.__struct_config__.tag == uhppoted.__struct_config__.tag == "door.fault"


def test_the_alarm_values_are_read_despite_the_draft() -> None:
    """ONVIF's draft gives DoorAlarm the tamper states by mistake; devices send alarm states."""
    payload = {"Data": {"State": "Normal"}}
    (found,) = translated(made("onvif-ej"), "acme/onvif-ej/Door/State/DoorAlarm/&DOOR", payload)

    assert isinstance(found, DoorAlarmChanged)
    assert found.alarm == "normal"


@pytest.mark.parametrize(
    ("name", "topic", "payload"),
    [
        (
            "esp-rfid",
            "rfid/front",
            {"type": "access", "access": "Always", "uid": "4BD29A6C", "username": "A. Person"},
        ),
        (
            "esp-rfid",
            "rfid/front/send",
            {"type": "WARN", "src": "rfid", "desc": "Unknown", "data": "4BD29A6C"},
        ),
        ("esp-rfid", "rfid/front/accesslist", {"uid": "4BD29A6C", "user": "A. Person"}),
        ("esp-rfid", "rfid/front/cmd", {"cmd": "adduser", "uid": "4BD29A6C", "user": "A. Person"}),
        (
            "onvif-ej",
            "acme/onvif-ej/AccessControl/Denied/Identifier/&DOOR",
            {"Data": {"IdentifierValue": "4BD29A6C", "CredentialHolderName": "A. Person"}},
        ),
        ("uhppoted", "u", record(event_type=1, card_number=1272093292)),
    ],
)
def test_neither_names_nor_card_numbers_leave_the_adapter(
    name: str, topic: str, payload: object
) -> None:
    """Whatever the result, the holder's name and the card's number are not in it."""
    found = msgspec.json.encode(translated(made(name), topic, payload)).decode().lower()

    assert not any(secret in found for secret in ("person", "4bd29a6c", "1272093292"))


def test_a_card_has_one_pseudonym_for_each_key() -> None:
    """Rules can follow a card; with another key it cannot be recognised."""
    payload = {"type": "access", "access": "Always", "uid": "4BD29A6C"}

    def credential(uid: str, key: bytes) -> str:
        adapter = build("esp-rfid", PLACES["esp-rfid"], UTC, key=key)
        (found,) = translated(adapter, "rfid/front", payload | {"uid": uid})
        assert isinstance(found, AccessGranted)
        return found.credential

    assert credential("4BD29A6C", KEY) == credential(" 4bd29a6c", KEY)
    assert credential("4BD29A6C", KEY) != credential("4BD29A6D", KEY)
    assert credential("4BD29A6C", KEY) != credential("4BD29A6C", KEY[::-1])
