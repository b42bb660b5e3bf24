"""Mistakes in ``[[adapter]]`` are found when it is read, all at once."""

from datetime import UTC

import pytest

from monitor.adapters import FORMATS, Translator, build
from monitor.adapters.registry import Target, read_map
from monitor.errors import ConfigError

KEY = b"a key for tests, of 32 bytes ..."


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        ("north", Target(point="north")),
        ("point:north", Target(point="north")),
        ("device:reader-7", Target(device="reader-7")),
        ("zone:hall", Target(zone="hall")),
        (" north  device:reader-7 zone:hall ", Target("north", "reader-7", "hall")),
    ],
)
def test_an_entry_names_point_device_and_zone(entry: str, target: Target) -> None:
    """One vendor name may stand for several things of the venue."""
    assert read_map("onvif-ej", {"X": entry}) == {"X": target}


def test_every_mistake_of_a_map_is_told() -> None:
    """Each line names the entry, what is wrong, and what may stand there."""
    mapping = {"A": "", "B": "North Door", "C": "door:north", "D": "north south", "E": "north"}

    with pytest.raises(ConfigError) as caught:
        build("onvif-ej", mapping, UTC, key=KEY)

    start = 'map of [[adapter]] "onvif-ej", '
    assert [mistake.removeprefix(start) for mistake in caught.value.mistakes] == [
        """"A" = "": it names nothing; write an access point's id, "device:<id>" or "zone:<id>\"""",
        '"B" = "North Door": "North" is no id of venue.toml: small letters, digits and hyphens',
        '"C" = "door:north": "door" is none of point, device and zone',
        '"D" = "north south": it names two of the kind point; write one',
    ]


@pytest.mark.parametrize(
    ("name", "key", "mistake"),
    [
        ("onvif", KEY, 'no format is called "onvif"; write onvif-ej'),
        ("?", KEY, "write esp-rfid or onvif-ej or uhppoted or zigbee2mqtt"),
        ("onvif-ej", b"short", "the key for pseudonyms has 5 bytes; write one of 16 to 64"),
        ("onvif-ej", b"x" * 65, "the key for pseudonyms has 65 bytes; write one of 16 to 64"),
    ],
)
def test_an_unknown_format_or_a_bad_key_is_told(name: str, key: bytes, mistake: str) -> None:
    """No adapter starts without a name that is known and a key that protects."""
    with pytest.raises(ConfigError, match="adapter") as caught:
        build(name, {}, UTC, key=key)

    assert mistake in str(caught.value)


def test_every_format_is_built_under_its_own_name() -> None:
    """What ``config.toml`` calls an adapter is what it calls itself."""
    assert [build(name, {}, UTC, key=KEY).format for name in FORMATS] == list(FORMATS)


@pytest.mark.parametrize("wrong", ["", "a/#/b", "a+/b", "a/b#", "+a"])
def test_a_topic_filter_that_is_none_is_told(wrong: str) -> None:
    """MQTT allows + for a whole level and # at the end."""
    with pytest.raises(ConfigError, match="is no MQTT topic filter"):
        Translator([(wrong, build("onvif-ej", {}, UTC, key=KEY))])
