"""Checks of the tables in `outward` beyond the types of their values."""

from datetime import timedelta
from urllib.parse import urlsplit

from monitor.config.outward import BASE64, Alertmanager, Heartbeat, Webhook
from monitor.config.secret import Secret
from monitor.toml import KeyMistakes, no_file

SHORTEST_KEY = 24
"""Bytes; the minimum of standardwebhooks.com."""
RESENDS = 4
"""How many resends an alert must outlive: sent every 30 s, it expires after 2 min, so three requests in a row may
fail. Prometheus uses the same figure."""
_SECOND = timedelta(seconds=1)


def why_not_a_url(url: str) -> str:
    """Return why an address can't be called, without repeating it; empty if it can."""
    no_address = "not a web address; write e.g. https://alerts.example.org:9093"
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return no_address
    if not good or set(url) & set(" \t\r\n"):
        return no_address
    if "@" in parts.netloc:
        return "a password does not belong in an address; remove everything before the @"
    return ""


def check_alertmanager(table: Alertmanager) -> KeyMistakes:
    """Yield the mistakes of ``[alertmanager]``."""
    for url in table.urls:
        if why := why_not_a_url(url):
            yield "urls", why
    if len(set(table.urls)) < len(table.urls):
        yield "urls", "the same peer is listed twice; remove one"
    if table.resend < _SECOND:
        yield "resend", 'is too short; write at least "1s"'
    if table.hold < RESENDS * table.resend:
        seconds = f"{RESENDS * table.resend.total_seconds():g}s"
        yield "hold", f'is less than four times resend; write at least "{seconds}"'
    if bool(table.username) != (table.password is not None):
        missing = "username" if table.password else "password_file"
        yield missing, "missing; username and password_file go together"
    yield from _common(table)


def check_webhook(table: Webhook) -> KeyMistakes:
    """Yield the mistakes of a ``[[webhook]]``."""
    yield from _address(table.url, table.hidden_url, required=True)
    if table.format == "goalert":
        if table.kinds != ("alert",):
            yield (
                "kinds",
                'GoAlert accepts only alerts; write kinds = ["alert"], or leave it out',
            )
        if table.secret is not None:
            yield (
                "secret_file",
                "GoAlert relies on the token in its address, not on signatures; leave this out",
            )
    elif not table.kinds:
        yield "kinds", 'is empty; write e.g. ["alert"]'
    if table.secret is not None and (why := _why_not_a_key(table)):
        yield "secret_file", f"in the file: {why}"
    yield from _common(table)


def _why_not_a_key(table: Webhook) -> str:
    try:
        short = len(table.key) < SHORTEST_KEY
    except ValueError:
        return f"not Base64 after {BASE64}; run e.g. `openssl rand -base64 32`"
    return "shorter than 24 bytes; run e.g. `openssl rand -hex 32`" if short else ""


def check_heartbeat(table: Heartbeat) -> KeyMistakes:
    """Yield the mistakes of ``[heartbeat]``."""
    yield from _address(table.url, table.hidden_url, required=False)
    for key in ("every", "url_every"):
        if getattr(table, key) < _SECOND:
            yield key, 'is too short; write at least "1s"'
    yield from _common(table)


def _common(table: Alertmanager | Webhook | Heartbeat) -> KeyMistakes:
    if not table.timeout:
        yield "timeout", 'must be more than 0; write e.g. "10s"'
    if table.ca_file is not None and not table.ca_file.is_file():
        yield "ca_file", no_file(table.ca_file)


def _address(url: str, hidden: Secret | None, *, required: bool) -> KeyMistakes:
    if url and hidden:
        yield "url_file", "url is given too; remove one of the two"
    elif required and not url and not hidden:
        yield (
            "url",
            'missing; write e.g. url = "https://example.org/hook", or url_file if it holds a token',
        )
    elif hidden and (why := why_not_a_url(hidden.reveal())):
        yield "url_file", f"in the file: {why}"
    elif url and (why := why_not_a_url(url)):
        yield "url", why
