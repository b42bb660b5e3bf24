"""Finds what is wrong in the tables of `outward` beyond the types of their values."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from monitor.config.outward import Alertmanager
from monitor.toml import quoted
from monitor.toml.words import LONGEST_PATH

Found = Iterator[tuple[str, str]]
"""Keys, with what is wrong there and what to write instead."""

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


def _common(table: Alertmanager) -> Found:
    if not table.timeout:
        yield "timeout", 'it is 0; write e.g. "10s"'
    if table.ca_file is not None and not table.ca_file.is_file():
        yield "ca_file", f"there is no file {quoted(str(table.ca_file), LONGEST_PATH)}"
