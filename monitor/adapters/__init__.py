"""Translation of vendors' messages into canonical events: one adapter for each vendor, and the choice among them.

Nothing here decides what an event means for the venue; that is the core's part.
"""

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
"""The adapters, by the ``format`` of an ``[[adapter]]``."""


def build(name: str, mapping: Mapping[str, str], timezone: tzinfo, *, key: bytes) -> Adapter:
    """Make the adapter of one ``[[adapter]]``.

    Args:
        name: its format, one of ``FORMATS``.
        mapping: the vendor's names, each with what it is in ``venue.toml``.
        timezone: the time zone of the devices, for vendors that send local times.
        key: 16 to 64 secret bytes, which turn card numbers into pseudonyms.

    Raises:
        ConfigError: the format is unknown, the key too short or too long, or an entry of the mapping invalid.

    """
    mistakes: list[str] = []
    make = FORMATS.get(name)
    if make is None:
        close = get_close_matches(name, FORMATS, n=1) or sorted(FORMATS)
        mistakes.append(f'[[adapter]]: unknown format "{name}"; write {" or ".join(close)}')
    if not pseudonym.SHORTEST <= len(key) <= pseudonym.LONGEST:
        mistakes.append(
            f'[[adapter]] "{name}": the key for pseudonyms has {len(key)} bytes; '
            f"use one of {pseudonym.SHORTEST} to {pseudonym.LONGEST} bytes"
        )
    if make is None or mistakes:
        raise ConfigError(mistakes)
    return make(Registry(name, mapping), timezone, key)
