"""The roster as the core sees it: people, computed shifts, and escalation policies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated

from msgspec import Meta, Struct, field

from monitor.core.events.vocabulary import TroubleKind
from monitor.core.phrase import Phrase, sort_key
from monitor.core.rules.model import Severity
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import Venue
from monitor.core.venue.words import Slug

Recipient = Annotated[
    str,
    Meta(
        pattern=r"^(?:@?[a-z0-9][a-z0-9-]{0,62}|@@lead|@@coordinating)$",
        description='a person\'s id, "@team" for who is on call in it, "@@lead" or "@@coordinating" '
        "for who is on call at the agencies of the alert",
    ),
]
"""The recipients of a step: ``anna``, ``@hall-security``, ``@@lead``, ``@@coordinating``."""
LEAD, COORDINATING = "@@lead", "@@coordinating"


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person who can be paged. Addresses and secrets are not here, so that they never enter the journal."""

    id: Slug
    name: str
    languages: tuple[str, ...] = ()
    """BCP 47 tags, the preferred one first; the congress's languages follow."""
    agency: str = ""
    channels: tuple[str, ...] = ()
    """Names of the channels that reach this person, in the order in which they are tried."""


class Team(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of people of whom some are on call at any time."""

    id: Slug
    name: str = ""
    agency: str = ""
    """The agency whose alerts, as lead or coordinator, go to the person on call in this team."""


class Shift(Struct, frozen=True, kw_only=True):
    """A period in which one person is on call in one team."""

    team: Slug
    person: Slug
    starts: datetime
    ends: datetime
    why: str = ""
    """Where it comes from: a rotation, a calendar, an override."""


class Quiet(Struct, frozen=True, kw_only=True):
    """A period in which alerts that can wait do not page a person."""

    person: str = ""
    """Empty: everyone without quiet hours of their own."""
    starts: datetime
    ends: datetime


class EscalationStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of an escalation policy."""

    notify: Annotated[tuple[Recipient, ...], Meta(min_length=1)] = field(name="tell")
    wait: timedelta = timedelta(minutes=5)
    """How long the step waits for an acknowledgement before it repeats, or the next step follows."""
    repeat: Annotated[int, Meta(ge=1, le=10)] = 1
    """How often the step notifies before the next one follows."""


class EscalationPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts it takes, and who is notified of them step by step until someone acknowledges.

    Conditions left empty fit every alert. The first policy that fits takes the alert.
    """

    id: Slug
    sites: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Rule ids; ``*`` at the end matches any ending: ``door-*``."""
    severities: tuple[Severity, ...] = ()
    leads: tuple[str, ...] = ()
    """The lead agencies of the alerts."""
    silent: bool = False
    """It takes silent alerts (duress) and nothing else; no other policy takes them."""
    digest: timedelta = timedelta(0)
    """If not 0, its pages for one person are collected and sent together at this interval."""
    acknowledged_for: timedelta | None = None
    """How long an acknowledgement holds while the condition lasts; 0: indefinitely.

    By default 15 minutes for life safety and critical, otherwise indefinitely.
    """
    steps: tuple[EscalationStep, ...] = ()
    """Empty: deliberately, no one is paged."""


class Flood(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number of pages of one severity beyond which the rest are a summary. Never applies to life safety."""

    pages: Annotated[int, Meta(ge=1, le=100)] = 10
    """Pages of one severity to one person within ``within``; judgement."""
    within: timedelta = timedelta(minutes=5)
    every: timedelta = timedelta(minutes=1)
    """The interval at which the rest is sent as one summary."""


class Fallback(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is notified when a policy has ended or reaches no one."""

    notify: tuple[Recipient, ...] = field(name="tell", default=())
    every: timedelta = timedelta(minutes=15)
    """The interval of repeats, for alerts that are high or worse."""


class Trouble(Struct, frozen=True, kw_only=True):
    """A problem with the roster."""

    kind: TroubleKind
    subject: str
    """The file, calendar, team or person."""
    reason: Phrase | str
    """What is wrong; a text for mistakes in a file, and in journals of older versions."""

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """What it differs in from other problems: the same for the same problem."""
        return self.kind, self.subject, sort_key(self.reason)


class Roster(Struct, frozen=True, kw_only=True, dict=True):
    """All people, who is on call when, and who is notified of what."""

    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()
    shifts: tuple[Shift, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    quiet_severities: tuple[Severity, ...] = ()
    """The severities that can wait for the end of quiet hours."""
    policies: tuple[EscalationPolicy, ...] = field(name="ladders", default=())
    flood: Flood = Flood()
    flood_by_severity: bool = False
    """Whether each severity has its own allowance. Journals from before it had lack it: their replay stays the same."""
    verifies_people: bool = False
    """Whether only people in it stop an escalation. Journals from before it had lack it, too."""
    fallback: Fallback = Fallback()
    troubles: tuple[Trouble, ...] = ()
    digest_times: tuple[datetime, ...] = ()
    """When the daily digests of the planned period are due; none in journals from before them."""
    digest_to: tuple[Recipient, ...] = ()
    """Who gets them."""

    @cached_property
    def by_id(self) -> Mapping[str, Person]:
        """The people by id."""
        return {person.id: person for person in self.people}


NO_ROSTER = Roster()


def names_of(venue: Venue, roster: Roster | None) -> DisplayNames:
    """Return the names of a venue and of the teams of a roster; people keep their ids: titles go to public boards."""
    teams = () if roster is None else roster.teams
    return DisplayNames(venue, teams={row.id: row.name for row in teams})


def languages(person: Person, congress: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages to look for a text in, in order: the person's, then the congress's."""
    return tuple(dict.fromkeys((*person.languages, *congress)))
