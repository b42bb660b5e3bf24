"""Finds what is wrong in the tables of `outward` beyond the types of their values."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from monitor.config.outward import BASE64, Alertmanager, Heartbeat, Webhook
from monitor.config.secret import Secret
from monitor.toml import quoted
from monitor.toml.words import LONGEST_PATH

Found = Iterator[tuple[str, str]]
"""Keys, with what is wrong there and what to write instead."""

SHORTEST_KEY = 24
"""Bytes; what standardwebhooks.com asks for."""
RESENDS = 4
"""An alert that is sent again every 30 s may end by itself after 2 min: three requests in a row may fail. Prometheus
takes the same figure."""
_SECOND = timedelta(seconds=1)


def why_no_url(url: str) -> str:
    """Return why an address is none that can be called; empty where it is good. It isn't repeated."""
    no_address = "this is no web address; write e.g. https://alerts.example.org:9093"
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return no_address
    if not good or set(url) & set(" \t\r\n"):
        return no_address
    return "a password never stands in an address" if "@" in parts.netloc else ""


def check_alertmanager(table: Alertmanager) -> Found:
    """Yield the mistakes of ``[alertmanager]``."""
    for url in table.urls:
        if why := why_no_url(url):
            yield "urls", why
    if len(set(table.urls)) < len(table.urls):
        yield "urls", "the same peer stands there twice"
    if table.resend < _SECOND:
        yield "resend", 'write at least "1s"'
    if table.hold < RESENDS * table.resend:
        seconds = f"{RESENDS * table.resend.total_seconds():g}s"
        yield "hold", f'shorter than four times resend; write at least "{seconds}"'
    if bool(table.username) != (table.password is not None):
        missing = "username" if table.password else "password_file"
        yield missing, "missing; username and password_file go together"
    yield from _common(table)


def check_webhook(table: Webhook) -> Found:
    """Yield the mistakes of a ``[[webhook]]``."""
    yield from _address(table.url, table.hidden_url, required=True)
    if table.format == "goalert":
        if table.kinds != ("alert",):
            yield (
                "kinds",
                'GoAlert knows nothing but alerts; write kinds = ["alert"], or leave it out',
            )
        if table.secret is not None:
            yield (
                "secret_file",
                "GoAlert checks no signature, its address holds a token; leave this out",
            )
    elif not table.kinds:
        yield "kinds", 'empty; write e.g. ["alert"]'
    if table.secret is not None and (why := _why_no_key(table)):
        yield "secret_file", f"what stands in the file: {why}"
    yield from _common(table)


def _why_no_key(table: Webhook) -> str:
    try:
        short = len(table.key) < SHORTEST_KEY
    except ValueError:
        return f"after {BASE64} there has to be Base64"
    return "at least 24 bytes are needed; take e.g. `openssl rand -hex 32`" if short else ""


def check_heartbeat(table: Heartbeat) -> Found:
    """Yield the mistakes of ``[heartbeat]``."""
    yield from _address(table.url, table.hidden_url, required=False)
    for key in ("every", "url_every"):
        if getattr(table, key) < _SECOND:
            yield key, 'write at least "1s"'
    yield from _common(table)


def _common(table: Alertmanager | Webhook | Heartbeat) -> Found:
    if not table.timeout:
        yield "timeout", 'it is 0; write e.g. "10s"'
    if table.ca_file is not None and not table.ca_file.is_file():
        yield "ca_file", f"there is no file {quoted(str(table.ca_file), LONGEST_PATH)}"


def _address(url: str, hidden: Secret | None, *, required: bool) -> Found:
    if url and hidden:
        yield "url_file", "url stands there too; one of the two is enough"
    elif required and not url and not hidden:
        yield (
            "url",
            'missing; write e.g. url = "https://example.org/hook", or url_file for one with a token',
        )
    elif hidden and (why := why_no_url(hidden.reveal())):
        yield "url_file", f"what stands in the file: {why}"
    elif url and (why := why_no_url(url)):
        yield "url", why
