"""Vendors' messages in, canonical events out: one adapter for each vendor, and the choice among them."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from difflib import get_close_matches

from monitor.adapters.adapter import Adapter
from monitor.adapters.esp_rfid import EspRfid
from monitor.adapters.onvif import Onvif
from monitor.adapters.registry import Registry
from monitor.adapters.translator import Translator
from monitor.adapters.uhppoted import Uhppoted
from monitor.adapters.zigbee2mqtt import Zigbee2Mqtt
from monitor.errors import ConfigError
from monitor.runtime import pseudonym

__all__ = ["FORMATS", "Adapter", "Translator", "build"]

FORMATS: Mapping[str, Callable[[Registry, tzinfo, bytes], Adapter]] = {
    EspRfid.format: EspRfid,
    Onvif.format: Onvif,
    Uhppoted.format: Uhppoted,
    Zigbee2Mqtt.format: Zigbee2Mqtt,
}
"""What ``format`` of an ``[[adapter]]`` may be."""


def build(name: str, mapping: Mapping[str, str], timezone: tzinfo, *, key: bytes) -> Adapter:
    """Make the adapter of one ``[[adapter]]``.

    Args:
        name: its format, one of ``FORMATS``.
        mapping: a vendor's name for something, and what that is in ``venue.toml``.
        timezone: where the devices stand; read where a vendor sends local times.
        key: 16 to 64 secret bytes; makes pseudonyms of card numbers.

    Raises:
        ConfigError: the format is unknown, the key too short or long, an entry unreadable.

    """
    mistakes: list[str] = []
    make = FORMATS.get(name)
    if make is None:
        close = get_close_matches(name, FORMATS, n=1) or sorted(FORMATS)
        mistakes.append(f'[[adapter]]: no format is called "{name}"; write {" or ".join(close)}')
    if not pseudonym.SHORTEST <= len(key) <= pseudonym.LONGEST:
        mistakes.append(
            f'[[adapter]] "{name}": the key for pseudonyms has {len(key)} bytes; '
            f"write one of {pseudonym.SHORTEST} to {pseudonym.LONGEST}"
        )
    if make is None or mistakes:
        raise ConfigError(mistakes)
    return make(Registry(name, mapping), timezone, key)
