"""Events that the monitor notices about the files that people write: rules, venue and roster."""

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import TroubleKind
from monitor.core.phrase import Phrase


class MonitorRulesRefused(Event, frozen=True, kw_only=True, tag="monitor.rules_refused"):
    """The changed rule or venue files have mistakes: the earlier rules stay in force."""

    folder: str
    reason: str
    """The first mistake, and the number of mistakes."""


class MonitorRulesLoaded(Event, frozen=True, kw_only=True, tag="monitor.rules_loaded"):
    """The present rule and venue files are in force."""

    folder: str


class MonitorRosterTrouble(Event, frozen=True, kw_only=True, tag="monitor.roster_trouble"):
    """The roster has a problem: some pages may reach no one."""

    kind: TroubleKind
    subject: str
    """The file, calendar, team or person."""
    reason: str
    """What is wrong, in English."""
    phrase: Phrase | None = None
    """The same for people, each in their own language; for mistakes in a file it is missing."""


class MonitorRosterFixed(Event, frozen=True, kw_only=True, tag="monitor.roster_mended"):
    """A problem of the roster is fixed."""

    kind: TroubleKind
    subject: str


NoticedOfFiles = (
    MonitorRulesRefused | MonitorRulesLoaded | MonitorRosterTrouble | MonitorRosterFixed
)
"""Every event that the monitor notices about these files."""
