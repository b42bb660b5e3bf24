"""One test for each trap seen in real payloads; the numbers are those of docs/adapters.md."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from monitor.adapters import Translator, build
from monitor.adapters.adapter import Adapter
from monitor.core.decode import identity
from monitor.core.events import Event
from monitor.core.events.access import AccessDenied, AccessDuress, AccessGranted, CredentialState
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline, DeviceOnline
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.events.zone import EmergencyFire

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


def told(
    adapter: Adapter, topic: str, payload: object, at: datetime = NOW, *, retained: bool = False
) -> tuple[Event, ...]:
    """What a message tells; a string is sent bare."""
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    found = adapter.translate(topic, raw, at, retained=retained)
    assert isinstance(found, tuple), found
    return found


def record(**fields: object) -> dict[str, object]:
    """A message of uhppoted-mqtt with one record."""
    said = {"device-id": 405419896, "event-id": 7, "event-type": 2, "door-id": 4} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    return {"message": {"event": {"event": said}}}


@pytest.mark.parametrize(("contact", "kind"), [(True, DoorClosed), (False, DoorOpened)])
def test_t1_a_contact_that_is_true_is_a_closed_door(contact: bool, kind: type[Event]) -> None:
    """Zigbee2MQTT tells of the magnet, we tell of the door."""
    assert isinstance(told(made("zigbee2mqtt"), "z/EAST", {"contact": contact})[0], kind)


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
    """Each form gives the same moment; an abbreviation such as PDT doesn't move it."""
    found = told(made(name, "Asia/Ho_Chi_Minh"), topic, payload)

    assert found[0].at == datetime.fromisoformat(at)


@pytest.mark.parametrize(
    ("name", "topic", "payload", "note"),
    [
        ("zigbee2mqtt", "z/EAST", {}, "no time"),
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
    """A missing, unreadable or never set clock loses no event and makes it decades old no more."""
    found = told(made(name), topic, payload)[0]

    assert found.at is NOW
    assert note in found.raw


def test_t2_the_hour_that_summer_time_repeats_is_told_apart_by_its_abbreviation() -> None:
    """On the night when clocks go back, 01:30 comes twice; without a word it is the first."""
    adapter = made("uhppoted", "America/Los_Angeles")

    def at(text: str) -> datetime:
        return told(adapter, "u", record(timestamp=text))[0].at

    assert at("2026-11-01 01:30:00 PDT") == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert at("2026-11-01 01:30:00 PST") == datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    assert at("2026-11-01 01:30:00 CET") == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def test_t3_last_seen_is_a_text_or_a_number_by_a_setting_of_zigbee2mqtt() -> None:
    """Both types of the one field give the same moment."""
    adapter = made("zigbee2mqtt")

    text = told(adapter, "z/EAST", {"last_seen": "2026-07-14T08:00:00.250Z"})
    number = told(adapter, "z/EAST", {"last_seen": 1784016000250})

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
def test_t4_a_boolean_in_quotes_is_read_from_a_list_not_by_its_length(
    state: object, expected: str
) -> None:
    """The text «false» is false, and what is no boolean is unknown."""
    payload = {"Source": {"CredentialToken": "C"}, "Data": {"State": state}}
    (found,) = told(made("onvif-ej"), "acme/onvif-ej/Credential/State/Enabled/&C", payload)

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
    """A card that isn't known is told from a known one that was refused."""
    payload = {"type": "access", "access": "Denied", "isKnown": known, "uid": "4b"}
    (found,) = told(made("esp-rfid"), "rfid/front", payload)

    assert isinstance(found, AccessDenied)
    assert found.reason == reason


def test_t6_a_payload_without_a_door_is_placed_by_its_topic() -> None:
    """esp-rfid and Zigbee2MQTT say where only in the topic, whatever the base topic is."""
    (access,) = told(made("esp-rfid"), "rfid/front", {"type": "access", "access": "Always"})
    (opened,) = told(made("zigbee2mqtt"), "home/zigbee/EAST", {"contact": False})

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
def test_t8_what_the_broker_kept_is_no_news(name: str, topic: str, payload: object) -> None:
    """After a reconnect the retained state is told again, as a state."""
    assert all(event.replay for event in told(made(name), topic, payload, retained=True))
    assert not any(event.replay for event in told(made(name), topic, payload))


def test_t8_a_state_repeated_with_another_reading_is_no_news() -> None:
    """Zigbee2MQTT sends its whole memory of a device each time: a door opens once."""
    adapter = made("zigbee2mqtt")
    reports = [
        {"contact": False},
        {"contact": False, "battery": 80},
        {"contact": True},
        {"contact": True, "battery": 79},
        {"contact": False},
    ]

    news = [
        not told(adapter, "z/EAST", report, NOW + turn * SECOND)[0].replay
        for turn, report in enumerate(reports)
    ]

    assert news == [True, False, True, False, True]


def test_t8_the_same_report_read_twice_means_the_same() -> None:
    """A redelivered message isn't taken for a repetition by the device."""
    adapter = made("zigbee2mqtt")
    report = {"contact": False, "last_seen": "2026-07-14T08:00:00Z"}

    first = told(adapter, "z/EAST", report, NOW)
    again = told(adapter, "z/EAST", report, NOW + SECOND)

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
    """A slide contact tells three states within a second: all are kept, in their order."""
    adapter = made("zigbee2mqtt")
    reports = [
        told(adapter, "z/EAST", {"contact": shut}, NOW + turn * SECOND / 5)[0]
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
    name: str, topic: str, payload: str, kind: type[Event]
) -> None:
    """Not every payload is a JSON object."""
    assert isinstance(told(made(name), topic, payload)[0], kind)


def test_access_granted_of_a_door_event_lets_nobody_in() -> None:
    """With uhppoted, events of the type door carry access-granted too; the type decides."""
    (found,) = told(made("uhppoted"), "u", record(access_granted=True, card_number=8165538))

    assert isinstance(found, DeviceHeartbeat)


def test_a_fire_is_told_even_where_the_map_or_the_message_has_a_mistake() -> None:
    """Neither a missing entry nor an unreadable field beside it takes a fire away."""
    adapter = made("zigbee2mqtt")

    unmapped = told(adapter, "z/ATTIC", {"smoke": True})
    broken = told(adapter, "z/SMOKE", {"smoke": "true", "contact": "?"})

    assert [type(event) for event in (*unmapped, *broken)] == [EmergencyFire, EmergencyFire]


def test_a_detector_that_is_quiet_ends_no_fire() -> None:
    """Each detector says «no smoke» again and again; the fire of another one goes on."""
    (found,) = told(made("zigbee2mqtt"), "z/SMOKE", {"smoke": False})

    assert isinstance(found, DeviceHeartbeat)


def test_duress_is_told_even_where_the_map_has_no_such_point() -> None:
    """A refusal would lose it, and name it on a screen that everybody sees."""
    payload = {"Source": {"AccessPointToken": "AP-9"}}
    (found,) = told(made("onvif-ej"), "acme/onvif-ej/AccessControl/Duress/&AP-9", payload)

    assert isinstance(found, AccessDuress)
    assert (found.point, found.device) == ("AP-9", "panel-7")


def test_an_alarm_that_nobody_knows_is_a_fault_not_a_sign_of_life() -> None:
    """A code or word that stands in no table makes somebody look."""
    payload = {"Data": {"State": "acme:Ajar"}}
    (onvif,) = told(made("onvif-ej"), "acme/onvif-ej/Door/State/DoorAlarm/&DOOR", payload)
    (uhppoted,) = told(made("uhppoted"), "u", record(event_type=3, event_reason=99))

    assert onvif.__struct_config__.tag == uhppoted.__struct_config__.tag == "door.fault"


def test_the_alarm_enum_is_read_though_the_draft_names_another() -> None:
    """ONVIF's draft types DoorAlarm as a tamper state by a slip; devices send the alarm states."""
    payload = {"Data": {"State": "Normal"}}
    (found,) = told(made("onvif-ej"), "acme/onvif-ej/Door/State/DoorAlarm/&DOOR", payload)

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
    """Whatever comes of a message, its holder's name and the card's number are not in it."""
    said = msgspec.json.encode(told(made(name), topic, payload)).decode().lower()

    assert not any(secret in said for secret in ("person", "4bd29a6c", "1272093292"))


def test_the_same_card_is_the_same_pseudonym_only_under_the_same_key() -> None:
    """Rules can follow a card; who has another key can't."""
    payload = {"type": "access", "access": "Always", "uid": "4BD29A6C"}

    def credential(uid: str, key: bytes) -> str:
        adapter = build("esp-rfid", PLACES["esp-rfid"], UTC, key=key)
        (found,) = told(adapter, "rfid/front", payload | {"uid": uid})
        assert isinstance(found, AccessGranted)
        return found.credential

    assert credential("4BD29A6C", KEY) == credential(" 4bd29a6c", KEY)
    assert credential("4BD29A6C", KEY) != credential("4BD29A6D", KEY)
    assert credential("4BD29A6C", KEY) != credential("4BD29A6C", KEY[::-1])
