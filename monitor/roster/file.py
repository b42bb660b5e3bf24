"""What ``roster.toml`` may say, as types, and what the monitor reads out of it."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from monitor.config import Secret
from monitor.core.roster import Fallback, Flood, Ladder, Person, Team
from monitor.core.rules.model import Severity
from monitor.core.venue.model import Slug


class KeptSecret(Secret):
    """A secret that stands in a file of its own."""


class ChannelTable(Struct, frozen=True, kw_only=True):
    """``[[person.channel]]``: one way to reach somebody."""

    name: Slug
    """Unique for the person; it stands in the delivery record."""
    url: Secret | None = None
    """Address in Apprise's form, such as ``ntfys://ntfy.example.org/anna``."""
    url_file: KeptSecret | None = None
    """A file that holds nothing but the address; begins at the folder of ``roster.toml``."""
    short: bool = False
    """Short texts, as SMS: the first 70 characters say it."""
    timeout: timedelta = timedelta(seconds=10)
    """So long one attempt may take."""
    per_minute: Annotated[int, Meta(ge=1, le=600)] = 30
    """Pages a minute, at most: what the service allows."""


class Hours(Struct, frozen=True, kw_only=True, rename={"starts": "from", "ends": "to"}):
    """A part of every day; past midnight if ``to`` is not after ``from``."""

    starts: time
    ends: time


class PersonTable(Struct, frozen=True, kw_only=True):
    """``[[person]]``: somebody who can be paged."""

    id: Slug
    name: str
    languages: tuple[str, ...] = ()
    agency: str = ""
    quiet: Hours | None = None
    """Quiet hours of one's own, instead of those of all."""
    channels: tuple[ChannelTable, ...] = ()
    """Tried in this order."""


class Rotation(Struct, frozen=True, kw_only=True):
    """``[[rotation]]``: people take turns in a team, by the clock on the wall."""

    team: Slug
    people: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    """In the order in which they take turns."""
    starts: datetime
    """When the first one's first shift begins: a local time."""
    shift: timedelta
    """Each one's turn; 12h hands over at the same two times every day."""
    hours: Hours | None = None
    """Only in this part of the day; left out, around the clock."""
    timezone: str = ""
    """IANA name; left out, the congress's."""


class Calendar(Struct, frozen=True, kw_only=True):
    """``[[calendar]]``: an iCalendar file or feed whose events say who is on call in a team."""

    id: Slug
    team: Slug
    file: Path | None = None
    url: Secret | None = None
    url_file: KeptSecret | None = None
    """Exactly one of the three; a feed's address is often its only password."""
    every: timedelta = timedelta(minutes=15)
    """So often it is read."""
    stale_after: timedelta = timedelta(hours=24)
    """The last good copy may be so old; then it is an alert."""


CAN_WAIT: tuple[Severity, ...] = ("medium", "low")
"""What nobody is woken for in quiet hours, unless ``[quiet]`` says otherwise; judgement."""


class QuietHours(Hours, frozen=True, kw_only=True):
    """``[quiet]``: when people are not woken for what can wait."""

    severities: tuple[Severity, ...] = CAN_WAIT


class Document(Struct, frozen=True, kw_only=True):
    """All of ``roster.toml``."""

    people: tuple[PersonTable, ...] = ()
    teams: tuple[Team, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    quiet: QuietHours | None = None
    flood: Flood = Flood()
    fallback: Fallback = Fallback()


class Channel(Struct, frozen=True, kw_only=True):
    """One way to reach somebody, with its address. It never gets into the core or the journal."""

    name: str
    url: Secret
    short: bool = False
    timeout: timedelta = timedelta(seconds=10)
    per_minute: int = 30


class RosterFile(Struct, frozen=True, kw_only=True):
    """What was read out of ``roster.toml``."""

    people: tuple[Person, ...]
    channels: Mapping[str, tuple[Channel, ...]]
    """By person, in the order in which they are tried."""
    document: Document
