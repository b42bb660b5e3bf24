"""Finds what is wrong in ``config.toml`` beyond the types of its values."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from monitor.config.influx import Influx, check_influx
from monitor.config.outward import Alertmanager, Heartbeat, Webhook
from monitor.config.outward_checks import check_alertmanager, check_heartbeat, check_webhook
from monitor.config.settings import Adapter, Broker, Config, Http, Journal, Tls
from monitor.toml import Reading, no_such, quoted
from monitor.toml.words import LONGEST_PATH

Found = Iterator[tuple[str, str]]
"""Keys, with what is wrong there and what to write instead."""

_SECOND = timedelta(seconds=1)
_LONGEST_KEEPALIVE = timedelta(hours=18)
"""MQTT counts it in seconds in 16 bits: 18 h 12 min 15 s (MQTT 3.1.1, 3.1.2.10)."""
_PUBLIC = re.compile(r"https?://[^\s?#]*[^\s?#/]")
_zones = cache(available_timezones)


def check(reading: Reading[Config]) -> None:
    """Add the mistakes to the reading."""
    embedded = "broker" not in reading.tables
    seen: set[str] = set()
    named: set[str] = set()
    for keys, part in reading.parts.items():
        for key, what in _CHECKS.get(type(part), _nothing)(part):
            reading.wrong((*keys, key), what)
        if isinstance(part, Adapter):
            twice = "stands above already; one topic has one adapter" if part.topic in seen else ""
            if why := twice or _why_no_filter(part.topic, embedded=embedded):
                reading.wrong((*keys, "topic"), f"{quoted(part.topic)} {why}")
            seen.add(part.topic)
        if isinstance(part, Webhook):
            if part.name in named:
                reading.wrong((*keys, "name"), f"{quoted(part.name)} stands above already")
            named.add(part.name)


def _broker(broker: Broker) -> Found:
    if set(broker.host) & set("/@ "):
        yield "host", 'write the name or the address alone, e.g. "broker.example.org"'
    if broker.password is not None and not broker.username:
        yield "username", "missing; MQTT takes no password without one"
    if broker.keepalive % _SECOND or not _SECOND <= broker.keepalive <= _LONGEST_KEEPALIVE:
        yield "keepalive", 'write whole seconds, from "1s" to "18h"'


def _tls(tls: Tls) -> Found:
    for key in ("ca_file", "cert_file", "key_file"):
        file = getattr(tls, key)
        if file is not None and not file.is_file():
            yield key, f"there is no file {quoted(str(file), LONGEST_PATH)}"
    if (tls.cert_file is None) != (tls.key_file is None):
        missing = "cert_file" if tls.cert_file is None else "key_file"
        yield missing, "missing; cert_file and key_file go together"


def _journal(journal: Journal) -> Found:
    for key in ("retention", "snapshot_every"):
        if not getattr(journal, key):
            yield key, 'it is 0; write e.g. "30s"'


def _http(http: Http) -> Found:
    if http.public_url and not _PUBLIC.fullmatch(http.public_url):
        yield (
            "public_url",
            'write scheme and name, without a / at the end: "https://monitor.example.org"',
        )


def _adapter(adapter: Adapter) -> Found:
    if adapter.timezone not in _zones():
        yield "timezone", no_such("time zone", adapter.timezone, sorted(_zones()))


def _nothing(_: object) -> Found:
    yield from ()


_CHECKS: Mapping[type, Callable[[Any], Found]] = {
    Broker: _broker,
    Tls: _tls,
    Http: _http,
    Journal: _journal,
    Adapter: _adapter,
    Alertmanager: check_alertmanager,
    Influx: check_influx,
    Webhook: check_webhook,
    Heartbeat: check_heartbeat,
}


def _why_no_filter(topic: str, *, embedded: bool) -> str:
    """Return why a topic filter is none, or none that the monitor can use; empty where it is good."""
    *levels, last = topic.split("/")
    if topic.startswith("$share/"):
        return "divides the messages among several readers, and rules need all; leave out $share and the name after it"
    if topic.startswith("venue/"):
        return "is where the monitor's own language is spoken, which needs no adapter; take this one out"
    if any({"+", "#"} & set(level) for level in (*levels, last) if level not in ("+", "#")):
        return "is no topic filter; + and # stand for whole levels"
    if "#" in levels:
        return "is no topic filter; # stands at the end"
    if "\0" in topic:
        return "is no topic filter; a zero byte can't be part of one"
    if embedded and " " in topic:
        return "has a blank, which the embedded broker refuses; take another topic, or a [broker] of your own"
    return ""
