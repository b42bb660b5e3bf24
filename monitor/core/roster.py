"""Who is on call and who hears of what, as the core sees it: people, shifts that have been worked out, ladders."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated

from msgspec import Meta, Struct

from monitor.core.events.vocabulary import TroubleKind
from monitor.core.rules.model import Severity
from monitor.core.venue.model import Slug

Told = Annotated[
    str,
    Meta(
        pattern=r"^(?:@?[a-z0-9][a-z0-9-]{0,62}|@@lead|@@coordinating)$",
        description='a person\'s id, "@team" for who is on call there, "@@lead" or "@@coordinating" '
        "for who is on call at the agencies of the alert",
    ),
]
"""Who a step tells: ``anna``, ``@hall-security``, ``@@lead``, ``@@coordinating``."""
LEAD, COORDINATING = "@@lead", "@@coordinating"


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who can be paged. Addresses and secrets are not here: they never get into the journal."""

    id: Slug
    name: str
    languages: tuple[str, ...] = ()
    """BCP 47 tags, the best understood first; then the congress's."""
    agency: str = ""
    channels: tuple[str, ...] = ()
    """Names of the ways to reach this person, the one to try first in front."""


class Team(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People of whom one or some are on call."""

    id: Slug
    name: str = ""
    agency: str = ""
    """The agency whose alerts as lead or coordinator go to whoever is on call here."""


class Shift(Struct, frozen=True, kw_only=True):
    """One person is on call in one team for a while."""

    team: Slug
    person: Slug
    starts: datetime
    ends: datetime
    why: str = ""
    """Where it comes from: a rotation, a calendar, an override."""


class Quiet(Struct, frozen=True, kw_only=True):
    """For a while somebody is not woken for what can wait."""

    person: str = ""
    """Empty: all who have no quiet hours of their own."""
    starts: datetime
    ends: datetime


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rung of a ladder."""

    tell: Annotated[tuple[Told, ...], Meta(min_length=1)]
    wait: timedelta = timedelta(minutes=5)
    """So long somebody has to say «mine»; then these are told again, or the next step is."""
    repeat: Annotated[int, Meta(ge=1, le=10)] = 1
    """How often these are told before the ladder climbs."""


class Ladder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts it takes, and who hears of them one after the other until somebody says «mine».

    What is left empty fits every alert. The first ladder that fits takes the alert.
    """

    id: Slug
    sites: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Ids; ``*`` at the end stands for any ending: ``door-*``."""
    severities: tuple[Severity, ...] = ()
    leads: tuple[str, ...] = ()
    """Agencies that lead."""
    silent: bool = False
    """It takes silent alerts (duress) and nothing else; no other ladder takes them."""
    digest: timedelta = timedelta(0)
    """Not at once: all its pages for one person are put together and go out so often."""
    acknowledged_for: timedelta | None = None
    """So long an acknowledgement holds while it is still so; 0 = for good.

    Left out, 15 minutes for life safety and critical, for good otherwise.
    """
    steps: tuple[Step, ...] = ()
    """None: nobody is paged, and that is meant."""


class Flood(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when on single pages help nobody: what comes then is put together. Never for life safety."""

    pages: Annotated[int, Meta(ge=1, le=100)] = 10
    """So many to one person within ``within``; judgement."""
    within: timedelta = timedelta(minutes=5)
    every: timedelta = timedelta(minutes=1)
    """So often the rest goes out as one summary."""


class Fallback(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told when a ladder has ended or reaches nobody, of what is high or worse again and again."""

    tell: tuple[Told, ...] = ()
    every: timedelta = timedelta(minutes=15)


class Trouble(Struct, frozen=True, kw_only=True, order=True):
    """Something that is wrong with the roster."""

    kind: TroubleKind
    subject: str
    """The file, calendar, team or person."""
    reason: str


class Roster(Struct, frozen=True, kw_only=True, dict=True):
    """Everybody, who is on call when, and who hears of what."""

    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()
    shifts: tuple[Shift, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    quiet_severities: tuple[Severity, ...] = ()
    """What can wait for the morning."""
    ladders: tuple[Ladder, ...] = ()
    flood: Flood = Flood()
    fallback: Fallback = Fallback()
    troubles: tuple[Trouble, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Person]:
        """The people by their ids."""
        return {person.id: person for person in self.people}


NO_ROSTER = Roster()


def languages(person: Person, congress: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages in which to look for a text: the person's, then the congress's."""
    return tuple(dict.fromkeys((*person.languages, *congress)))
