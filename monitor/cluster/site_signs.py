"""The signs of life of each site's inbox and reader, and what its board shows: the rows of topic `inboxes`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.core.utc import utc

ALIVE = 5.0
"""Seconds between two signs of life."""
SILENT = timedelta(seconds=30)
"""A program that has given no sign for longer is gone, or as good as gone; judgement: five in a row may be lost."""
_READER = "reader "


class OpenAlerts(Struct, frozen=True):
    """How many alerts of one severity are open at a site."""

    severity: Severity
    count: int
    unowned: int
    """Of these, how many no one has."""


class ReaderSign(Struct, frozen=True, kw_only=True):
    """A sign of life of a site's reader."""

    at: datetime
    group: str = ""
    """The deployment whose rules see its badges; empty: none."""
    console: str = ""
    """The address of its console."""
    alerts: tuple[OpenAlerts, ...] = ()
    """The gravest first; silent alerts are not among them."""
    troubles: tuple[str, ...] = ()
    """What is wrong at the reader, in English."""


class SiteSigns(Struct, frozen=True, kw_only=True):
    """What is known of one site."""

    site: str
    inbox_at: datetime | None = None
    """When its inbox last gave a sign of life; ``None``: never."""
    reader: ReaderSign | None = None
    """The latest sign of its reader; ``None``: there was none."""

    def troubles(self, now: datetime) -> Iterator[str]:
        """Yield which of its programs are gone, one line each."""
        reader_at = None if self.reader is None else self.reader.at
        for name, at in (("inbox", self.inbox_at), ("reader", reader_at)):
            if at is None or now - at > SILENT:
                since = "" if at is None else f" for {(now - at).total_seconds():.0f} s"
                yield f"site {self.site}: no sign of its {name}{since}; start `venue-monitor cluster {name}`"


def reader_key(site: str) -> str:
    """Return the key of the rows of a site's reader; that of its inbox's is its id, which has no space."""
    return f"{_READER}{site}"


def keys_of(site: str) -> tuple[str, str]:
    """Return the keys of all rows of a site."""
    return site, reader_key(site)


def open_alerts(alerts: Iterable[Alert]) -> tuple[OpenAlerts, ...]:
    """Count open alerts by severity, without the silent ones: who reads this may not be allowed to know of them."""
    shown = [alert for alert in alerts if not alert.silent]
    found = []
    for severity in SEVERITIES:
        rows = [alert for alert in shown if alert.severity == severity]
        if rows:
            unowned = sum(alert.needs_owner for alert in rows)
            found.append(OpenAlerts(severity, len(rows), unowned))
    return tuple(found)


def read_signs(rows: Mapping[str, bytes]) -> tuple[SiteSigns, ...]:
    """Return what is known of each site, by its id.

    Raises:
        msgspec.MsgspecError, ValueError: a row is damaged.

    """
    sites = sorted({key.removeprefix(_READER) for key in rows})
    return tuple(
        SiteSigns(
            site=site,
            inbox_at=None if site not in rows else utc(datetime.fromisoformat(rows[site].decode())),
            reader=None
            if reader_key(site) not in rows
            else msgspec.json.decode(rows[reader_key(site)], type=ReaderSign),
        )
        for site in sites
    )
