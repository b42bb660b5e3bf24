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
    """One vendor name may refer to several things of the venue."""
    assert read_map("onvif-ej", {"X": entry}) == {"X": target}


def test_every_mistake_of_a_map_is_reported() -> None:
    """Each line names the entry, what is wrong, and what is allowed there."""
    mapping = {"A": "", "B": "North Door", "C": "door:north", "D": "north south", "E": "north"}

    with pytest.raises(ConfigError) as caught:
        build("onvif-ej", mapping, UTC, key=KEY)

    start = 'map of [[adapter]] "onvif-ej", '
    assert [mistake.removeprefix(start) for mistake in caught.value.mistakes] == [
        '"A" = "": it is empty; write the id of an access point, "device:<id>" or "zone:<id>"',
        '"B" = "North Door": "North" is not an id; write lower-case letters, digits and hyphens',
        '"C" = "door:north": unknown kind "door"; write point, device or zone',
        '"D" = "north south": it names more than one point; write only one',
    ]


@pytest.mark.parametrize(
    ("name", "key", "mistake"),
    [
        ("onvif", KEY, 'unknown format "onvif"; write onvif-ej'),
        ("?", KEY, "write esp-rfid or onvif-ej or uhppoted or zigbee2mqtt"),
        ("onvif-ej", b"short", "the key for pseudonyms has 5 bytes; use one of 16 to 64 bytes"),
        ("onvif-ej", b"x" * 65, "the key for pseudonyms has 65 bytes; use one of 16 to 64 bytes"),
    ],
)
def test_an_unknown_format_or_a_bad_key_is_reported(name: str, key: bytes, mistake: str) -> None:
    """No adapter starts without a known format and a key that protects."""
    with pytest.raises(ConfigError, match="adapter") as caught:
        build(name, {}, UTC, key=key)

    assert mistake in str(caught.value)


def test_every_format_is_built_under_its_own_name() -> None:
    """The name in ``config.toml`` is the name of the adapter."""
    assert [build(name, {}, UTC, key=KEY).format for name in FORMATS] == list(FORMATS)


@pytest.mark.parametrize("wrong", ["", "a/#/b", "a+/b", "a/b#", "+a"])
def test_an_invalid_topic_filter_is_reported(wrong: str) -> None:
    """MQTT allows + for a whole level and # at the end."""
    with pytest.raises(ConfigError, match="is not an MQTT topic filter"):
        Translator([(wrong, build("onvif-ej", {}, UTC, key=KEY))])
