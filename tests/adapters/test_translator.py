"""A message finds its adapter by its topic."""

from datetime import UTC, datetime

import pytest

from monitor.adapters import Translator, build
from monitor.adapters.translator import REMEMBERED, matches
from monitor.core.events.door import DoorOpened
from monitor.core.inputs import Arrival, Rejected
from monitor.texts import plain

KEY = b"a key for tests, of 32 bytes ..."
NOW = datetime(2026, 7, 14, 8, 30, 7, tzinfo=UTC)


def translator() -> Translator:
    """Two adapters whose filters overlap."""
    return Translator(
        [
            ("site/+/zigbee/#", build("zigbee2mqtt", {"EAST": "east"}, UTC, key=KEY)),
            ("site/#", build("esp-rfid", {"site/front": "north"}, UTC, key=KEY)),
        ]
    )


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/", True),
        ("+/b", "/b", True),
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a/#", "ab", False),
        ("#", "a/b", True),
        ("#", "$SYS/broker", False),
        ("+/broker", "$SYS/broker", False),
        ("$SYS/#", "$SYS/broker", True),
    ],
)
def test_filters_match_as_mqtt_defines(topic_filter: str, topic: str, expected: bool) -> None:
    """The examples of MQTT 3.1.1, section 4.7, and similar ones."""
    assert matches(topic_filter, topic) is expected


def test_the_first_adapter_that_matches_is_used() -> None:
    """The order of ``config.toml`` decides where filters overlap."""
    found = translator()

    contact = found.decode("site/7/zigbee/EAST", b'{"contact": false}', NOW)
    access = found.decode("site/front", b'{"type": "access", "access": "Always"}', NOW)

    assert isinstance(contact, Arrival)
    assert isinstance(contact.events[0], DoorOpened)
    assert isinstance(access, Arrival)
    assert (access.source, access.received_at, access.retained) == ("site/front", NOW, False)


def test_a_refusal_is_a_rejected_input() -> None:
    """A refused message is recorded with its topic, time of arrival and reason."""
    found = translator().decode("site/7/zigbee/WEST", b'{"contact": false}', NOW)

    assert isinstance(found, Rejected)
    assert (found.source, found.received_at) == ("site/7/zigbee/WEST", NOW)
    assert 'add "7/zigbee/WEST"' in plain(found.reason)


def test_a_topic_without_an_adapter_is_rejected_with_advice() -> None:
    """No message is dropped silently."""
    found = translator().decode("elsewhere/1", b"{}", NOW)

    assert isinstance(found, Rejected)
    assert "add an adapter whose topic filter matches it to config.toml" in plain(found.reason)


def test_our_own_topics_go_to_the_core() -> None:
    """No adapter can take over the monitor's own topics, whatever its filter."""
    everything = Translator([("#", build("esp-rfid", {}, UTC, key=KEY))])
    payload = b'{"type": "door.opened", "at": "2026-07-14T08:30:05Z", "point": "north"}'

    found = everything.decode("venue/a/door/north", payload, NOW, retained=True)

    assert isinstance(found, Arrival)
    assert found.retained
    assert isinstance(found.events[0], DoorOpened)


def test_invented_topics_fill_no_memory() -> None:
    """However many topics arrive, only a fixed number is remembered, and long ones never are."""
    found = translator()

    for number in range(REMEMBERED + 500):
        found.decode(f"elsewhere/{number}", b"", NOW)
        assert found.remembered <= REMEMBERED
    known = found.remembered
    long = found.decode("site/" + "x" * 2000, b"", NOW)

    assert found.remembered == known
    assert isinstance(long, Rejected)
    assert "2005 characters" in plain(long.reason)
