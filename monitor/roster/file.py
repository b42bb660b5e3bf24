"""The content of ``roster.toml`` as types, and what the monitor takes from it."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from monitor.config import Secret
from monitor.core.roster import EscalationPolicy, Fallback, Flood, Person, Recipient, Team
from monitor.core.rules.model import Severity
from monitor.core.venue.words import Slug


class KeptSecret(Secret):
    """A secret kept in a file of its own."""


class ChannelTable(Struct, frozen=True, kw_only=True):
    """``[[person.channel]]``: one way to reach a person."""

    name: Slug
    """Unique for the person; it appears in the delivery record."""
    url: Secret | None = None
    """Address in Apprise's form, such as ``ntfys://ntfy.example.org/anna``."""
    url_file: KeptSecret | None = None
    """A file that holds only the address; relative to the folder of ``roster.toml``."""
    short: bool = False
    """Send short texts, as for SMS: the first 70 characters suffice."""
    timeout: timedelta = timedelta(seconds=10)
    """The longest that one attempt may take."""
    per_minute: Annotated[int, Meta(ge=1, le=600)] = 30
    """The most pages a minute that the service accepts."""


class DailyHours(Struct, frozen=True, kw_only=True, rename={"starts": "from", "ends": "to"}):
    """A part of every day; it runs past midnight if ``to`` is not after ``from``."""

    starts: time
    ends: time


class PersonTable(Struct, frozen=True, kw_only=True):
    """``[[person]]``: a person who can be paged."""

    id: Slug
    name: str
    languages: tuple[str, ...] = ()
    agency: str = ""
    quiet: DailyHours | None = None
    """The person's own quiet hours, instead of the general ones."""
    channels: tuple[ChannelTable, ...] = ()
    """The ways to reach this person, tried in this order."""


class Rotation(Struct, frozen=True, kw_only=True):
    """``[[rotation]]``: people of a team take turns, by local time."""

    team: Slug
    people: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    """In the order in which they take turns."""
    starts: datetime
    """When the first person's first shift begins, in local time."""
    shift: timedelta
    """The length of a shift; with 12h, handovers are at the same two times every day."""
    hours: DailyHours | None = None
    """The part of the day that is covered; by default around the clock."""
    timezone: str = ""
    """IANA name; by default the congress's time zone."""


class CalendarTable(Struct, frozen=True, kw_only=True):
    """``[[calendar]]``: an iCalendar file or feed whose events say who is on call in a team."""

    id: Slug
    team: Slug
    file: Path | None = None
    url: Secret | None = None
    url_file: KeptSecret | None = None
    """Exactly one of the three is given; the address of a feed is often its only password."""
    every: timedelta = timedelta(minutes=15)
    """The interval at which it is read."""
    stale_after: timedelta = timedelta(hours=24)
    """The age of the last good copy beyond which an alert is raised."""


CAN_WAIT: tuple[Severity, ...] = ("medium", "low")
"""The severities that wake no one in quiet hours, unless ``[quiet]`` says otherwise; judgement."""


class QuietHours(DailyHours, frozen=True, kw_only=True):
    """``[quiet]``: when people are not woken for alerts that can wait."""

    severities: tuple[Severity, ...] = CAN_WAIT


class DailyTable(Struct, frozen=True, kw_only=True):
    """``[daily]``: the daily digest, which is sent unless it is switched off."""

    enabled: bool = True
    at: time = time(8)
    """The time of day, in the congress's time zone."""
    notify: tuple[Recipient, ...] = ()
    """Who gets it; by default those whom the fallback notifies."""


class Document(Struct, frozen=True, kw_only=True):
    """All of ``roster.toml``."""

    people: tuple[PersonTable, ...] = ()
    teams: tuple[Team, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    calendars: tuple[CalendarTable, ...] = ()
    policies: tuple[EscalationPolicy, ...] = ()
    quiet: QuietHours | None = None
    flood: Flood = Flood()
    fallback: Fallback = Fallback()
    daily: DailyTable = DailyTable()


class ChannelAddress(Struct, frozen=True, kw_only=True):
    """One way to reach a person, with its address, which never enters the core or the journal."""

    name: str
    url: Secret
    short: bool = False
    timeout: timedelta = timedelta(seconds=10)
    per_minute: int = 30


class RosterFile(Struct, frozen=True, kw_only=True):
    """What was read from ``roster.toml``."""

    people: tuple[Person, ...]
    channels: Mapping[str, tuple[ChannelAddress, ...]]
    """By person, in the order in which they are tried."""
    document: Document
