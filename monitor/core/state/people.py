"""Holders, their badges, and the people who staff posts and walk rounds."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from monitor.core.state.time import LONG_AGO


class HolderLocation(Struct, frozen=True):
    """The last known location of a holder."""

    at: datetime
    site: str
    zone: str | None = None
    """The zone that the holder is in; empty: outside; ``None``: unknown."""
    mustering: bool = False
    """Must report at an assembly point, and has not."""


class Reported(Struct, frozen=True):
    """How a holder has reported in a muster."""

    at: datetime
    how: Literal["badge", "hand", "left"]
    """With the badge at an assembly point, to a person who ticked it, or by leaving the site."""
    who: str = ""
    """Who ticked it."""


class RollEntry(Struct, frozen=True):
    """One holder on the roll of a muster."""

    zone: str
    """Where the holder was last seen before it began."""
    seen_at: datetime
    reported: Reported | None = None
    ticks: int = 0
    """How often a person has ticked it or taken that back."""
    name: str = ""
    """Of a person without a badge, who was added by hand; empty: a holder, known by the pseudonym."""
    added_by: str = ""


class MusterRoll(Struct):
    """Who has to report at one site, and who has."""

    since: datetime
    drill_by: str = ""
    """Who began it as a drill; empty: a fire alarm did."""
    over_at: datetime | None = None
    entries: dict[str, RollEntry] = {}
    """By holder."""


class BadgesInside(Struct):
    """The badges in a zone with `anti_passback`."""

    badges: dict[str, tuple[int, datetime]] = {}
    """By holder: entries minus exits, and when the badge was last used."""
    emptied_at: datetime = LONG_AGO
    """When the zone was last counted empty or closed."""


class BadgeIssue(Struct):
    """The newest issue of a holder's badge that has been used."""

    number: int
    since: datetime
    """When it was first used."""
    used_at: datetime
    """When any issue was last used."""


class PeopleState(Struct):
    """Who is where."""

    holders: dict[str, HolderLocation] = {}
    """By holder."""
    mustering: dict[str, datetime | None] = {}
    """By site with a fire alarm that is not over: since when its people must report."""
    rolls: dict[str, MusterRoll] = {}
    """By site: the roll of its latest muster."""
    badges_inside: dict[str, BadgesInside] = {}
    """By zone of the venue with `anti_passback`."""
    badge_issues: dict[str, BadgeIssue] = {}
    """By holder."""
    manned: dict[str, bool] = {}
    """By post of the venue: whether it is staffed."""
    staffed: dict[str, tuple[int, int]] = {}
    """By zone: the crowd managers it needs and those on duty, as last derived."""
    visited: dict[str, tuple[str, ...]] = {}
    """By round that is being walked: the stations visited."""
