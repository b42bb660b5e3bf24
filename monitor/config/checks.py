"""Checks of ``config.toml`` beyond the types of its values."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from monitor.config.cluster import ClusterTable, check_cluster
from monitor.config.http import Http, HttpTls, check_http, check_http_tls
from monitor.config.influx import Influx, check_influx
from monitor.config.openid_connect import OpenIdConnect, check_openid_connect
from monitor.config.outward import Alertmanager, Heartbeat, Webhook
from monitor.config.outward_checks import check_alertmanager, check_heartbeat, check_webhook
from monitor.config.settings import (
    AdapterTable,
    Broker,
    Config,
    JournalTable,
    TlsTable,
    host_and_port,
)
from monitor.config.standby import Standby, check_standby
from monitor.toml import KeyMistakes, ParseResult, no_file, no_such, quoted

_SECOND = timedelta(seconds=1)
_LONGEST_KEEPALIVE = timedelta(hours=18)
"""MQTT holds it as 16 bits of seconds, at most 18 h 12 min 15 s (MQTT 3.1.1, 3.1.2.10)."""
_zones = cache(available_timezones)


def check(parsed: ParseResult[Config]) -> None:
    """Add the mistakes found to the result."""
    embedded = "broker" not in parsed.tables
    seen: set[str] = set()
    named: set[str] = set()
    for keys, part in parsed.parts.items():
        for key, what in _CHECKS.get(type(part), _nothing)(part):
            parsed.wrong((*keys, key), what)
        if isinstance(part, AdapterTable):
            twice = "already has an adapter above; remove one" if part.topic in seen else ""
            if why := twice or _why_not_a_filter(part.topic, embedded=embedded):
                parsed.wrong((*keys, "topic"), f"{quoted(part.topic)} {why}")
            seen.add(part.topic)
        if isinstance(part, Standby) and embedded:
            why = "needs a broker that outlives this machine; describe it in [broker], on both machines"
            parsed.wrong(keys, why)
        if isinstance(part, Webhook):
            if part.name in named:
                why = f"{quoted(part.name)} is already used above; choose another"
                parsed.wrong((*keys, "name"), why)
            named.add(part.name)


def _broker(broker: Broker) -> KeyMistakes:
    if set(broker.host) & set("/@ "):
        yield "host", 'is not a plain host name or address; write e.g. "broker.example.org"'
    for each in broker.alternatives:
        try:
            host_and_port(each, broker.port)
        except ValueError:
            why = f'has {quoted(each)}; write host names with or without port, e.g. "broker-2.example.org:1883"'
            yield "alternatives", why
    if broker.password is not None and not broker.username:
        yield "username", "missing; MQTT accepts a password only with a username"
    if broker.keepalive % _SECOND or not _SECOND <= broker.keepalive <= _LONGEST_KEEPALIVE:
        yield "keepalive", 'is out of range; write whole seconds from "1s" to "18h"'


def _tls(tls: TlsTable) -> KeyMistakes:
    for key in ("ca_file", "cert_file", "key_file"):
        file = getattr(tls, key)
        if file is not None and not file.is_file():
            yield key, no_file(file)
    if (tls.cert_file is None) != (tls.key_file is None):
        missing = "cert_file" if tls.cert_file is None else "key_file"
        yield missing, "missing; cert_file and key_file go together"


def _journal(journal: JournalTable) -> KeyMistakes:
    for key in ("retention", "snapshot_every"):
        if not getattr(journal, key):
            yield key, 'must be more than 0; write e.g. "30s"'


def _adapter(adapter: AdapterTable) -> KeyMistakes:
    if adapter.timezone not in _zones():
        yield "timezone", no_such("time zone", adapter.timezone, sorted(_zones()))


def _nothing(_: object) -> KeyMistakes:
    yield from ()


_CHECKS: Mapping[type, Callable[[Any], KeyMistakes]] = {
    Broker: _broker,
    TlsTable: _tls,
    Http: check_http,
    HttpTls: check_http_tls,
    OpenIdConnect: check_openid_connect,
    JournalTable: _journal,
    AdapterTable: _adapter,
    Alertmanager: check_alertmanager,
    Influx: check_influx,
    Webhook: check_webhook,
    Heartbeat: check_heartbeat,
    Standby: check_standby,
    ClusterTable: check_cluster,
}


def _why_not_a_filter(topic: str, *, embedded: bool) -> str:
    """Return why this is not a topic filter, or not one that the monitor can use; empty if it is."""
    *levels, last = topic.split("/")
    if topic.startswith("$share/"):
        return (
            "is a shared subscription, which misses messages; leave out $share and the group name"
        )
    if topic.startswith("venue/"):
        return "carries the monitor's own events, which need no adapter; remove this adapter"
    if any({"+", "#"} & set(level) for level in (*levels, last) if level not in ("+", "#")):
        return "is not a topic filter; use + and # only as whole levels"
    if "#" in levels:
        return "is not a topic filter; use # only as the last level"
    if "\0" in topic:
        return "is not a topic filter; remove the zero byte"
    if embedded and " " in topic:
        return "contains a space, which the embedded broker refuses; use another topic, or a [broker] of your own"
    return ""
