"""The model of a rule: the form into which ``rules/*.toml`` is read, and in which the journal keeps it."""

from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from monitor.core.rules.names import NO_NAMES, Names
from monitor.core.timing import PATTERN
from monitor.core.venue.model import Venue
from monitor.core.venue.words import Phase, Slug

Severity = Literal["life_safety", "critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("life_safety", "critical", "high", "medium", "low")
"""From the most to the least severe."""
PARAMETER = r"(?:point|zone|device|checklist)\.[a-z][a-z0-9_]*"
Parameter = Annotated[
    str,
    Meta(pattern=rf"^{PARAMETER}$", description='a value in venue.toml, e.g. "zone.capacity"'),
]
"""A value that the venue file holds for each subject, e.g. ``zone.capacity``."""
Limit = Annotated[
    str,
    Meta(
        pattern=rf"^(?:{PATTERN}|{PARAMETER})$",
        description='a duration, e.g. "30s", "2m", "1h", or a value in venue.toml, e.g. "point.held_open_limit"',
    ),
]
"""A duration, either fixed or held by the venue file for each subject: ``30s``, ``point.held_open_limit``."""


class Selector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A selection of events: one or more types, and an expression over their fields."""

    on: tuple[str, ...]
    where: Annotated[str, Meta(max_length=500)] = ""


Selectors = Selector | tuple[Selector, ...]
"""One selector, or several of which any may fit."""


def each(selectors: Selectors | None) -> tuple[Selector, ...]:
    """Return the selectors as a tuple, empty if there are none."""
    if selectors is None:
        return ()
    return (selectors,) if isinstance(selectors, Selector) else selectors


class Match(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires on every event of ``of``; ``end`` clears it. Without ``end``, a person closes the alert.

    With ``replays`` it also fires on events that a broker or device had kept: for states that last until someone acts.
    """

    of: Selectors
    end: Selectors | None = None
    replays: bool = False


class Count(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when ``at_least`` events of ``of`` are in the window ``(t - within, t]``; clears when it is empty."""

    of: Selectors
    at_least: Annotated[int, Meta(ge=2, le=1000)]
    within: timedelta


class Distinct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when events of ``of`` with ``at_least`` different values of ``field`` are in the window."""

    of: Selectors
    field: str
    at_least: Annotated[int, Meta(ge=2, le=1000)]
    within: timedelta


class Sequence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when the steps happen in this order, from the first to the last in less than ``within``.

    A completed run is forgotten. ``end`` clears it. Without ``end``, a person closes the alert.
    """

    steps: Annotated[tuple[Selector, ...], Meta(min_length=2, max_length=10)]
    within: timedelta
    end: Selectors | None = None


class Sum(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when the sum in the window rises above ``above``; a quantity clears 5 % below, a time when it no longer is.

    The sum is of the field ``value`` of the events of ``of``, or of the times between ``start`` and ``end``.
    """

    of: Selectors | None = None
    value: str | None = None
    start: Selectors | None = None
    end: Selectors | None = None
    above: float | Limit
    within: timedelta


class Hold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when ``start`` is not followed by ``end`` for longer than ``longer_than``; clears at ``end``.

    With ``while``, the condition is both together, whichever begins first.
    """

    start: Selectors
    end: Selectors
    longer_than: Limit


class Absence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when ``after`` is not followed by ``of`` in time; a later ``of`` clears it.

    The time is either the duration ``within``, or ``until``: a time that the event of ``after`` carries, or when a
    schedule of the venue file opens or closes next (``office.closes``).
    """

    after: Selectors
    of: Selectors
    within: Limit | None = None
    until: str | None = None
    before: timedelta = timedelta(0)
    """How long before ``until`` it fires."""
    grace: timedelta = timedelta(0)
    """How long after ``until`` it fires."""


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when a balance rises above ``above``; clears at ``clear_at`` or below, by default 5 % below ``above``.

    ``up`` and ``down`` change it by one, ``set`` sets it to the number in the field ``value``.
    """

    up: Selectors | None = None
    down: Selectors | None = None
    set: Selectors | None = None
    value: str | None = None
    above: float | Parameter
    clear_at: float | Parameter | None = None


Step = Annotated[
    str,
    Meta(min_length=1, max_length=500, description='one action, e.g. "Send the nearest patrol."'),
]
MOST_STEPS = 12
Steps = Annotated[tuple[Step, ...], Meta(min_length=1, max_length=MOST_STEPS)]
"""A procedure: its steps in order."""

OPERATORS = ("match", "count", "distinct", "sequence", "absence", "hold", "level", "sum")


class Rule(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"while_": "while"}
):
    """A condition that the venue considers unsafe: exactly one of the operators, and what to do when it fires."""

    id: Slug
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    """What officers read; ``{field}`` puts in a field of the event, ``{n}`` the number reached.

    A part in brackets is left out where a field in it has no value: ``Access denied at {point}[: {reason}]``.
    """
    titles: dict[str, str] = {}
    """The title in other languages, by BCP 47 tag."""
    severity: Severity
    by: Annotated[tuple[str, ...], Meta(min_length=1)]
    """The key: one alert for each combination of values of these fields."""
    match: Match | None = None
    count: Count | None = None
    distinct: Distinct | None = None
    sequence: Sequence | None = None
    hold: Hold | None = None
    absence: Absence | None = None
    level: Level | None = None
    sum: Sum | None = None
    while_: tuple[str, ...] = ()
    """Facts that must hold: ``door-open``, ``not door-locked``, ``door-open by partner``."""
    unknown: Literal["alerts", "silent"] = "alerts"
    """What an unknown fact does: raise the alert, to be safe, or not."""
    phase: tuple[Phase, ...] = ("prepare", "live", "teardown")
    schedule: Annotated[
        str,
        Meta(
            pattern=r"^$|^(?:not )?[a-z0-9][a-z0-9-]{0,62}$",
            description='a schedule of venue.toml, e.g. "office-hours" or "not office-hours"',
        ),
    ] = ""
    """The schedule of the venue file in whose hours the rule is in force; after ``not ``, outside them."""
    cooldown: timedelta = timedelta(0)
    """How long after an alert is closed no new one is raised for its key."""
    keep_firing_for: timedelta = timedelta(0)
    """How long an alert stays active after its condition has ended; a recurrence meanwhile is the same alert."""
    silence_rules: tuple[Slug, ...] = ()
    """The rules that fire when the messages that this rule needs stop arriving."""
    silence_why: Annotated[str, Meta(max_length=1000)] = ""
    """Why there is no such rule."""
    silent: bool = False
    """Never shown on a public screen, and without the holder (duress)."""
    why: Annotated[str, Meta(min_length=1, max_length=1000)]
    """Where the figures come from, or the word “judgement”."""
    whys: dict[str, str] = {}
    """The same in other languages, by BCP 47 tag."""
    do: Steps | Annotated[str, Meta(min_length=1, max_length=2000)]
    """The procedure: what the officer does now, step by step. One step may be written as a single text."""
    dos: dict[str, Steps] = {}
    """The procedure in other languages, by BCP 47 tag: the same steps."""
    url: str = ""
    """The web page of the procedure."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of the procedure."""
        return (self.do,) if isinstance(self.do, str) else self.do

    @property
    def procedure(self) -> str:
        """The steps of the procedure, one a line."""
        return "\n".join(self.steps)


class FactQuery(NamedTuple):
    """One entry of a rule's ``while``."""

    fact: str
    wanted: bool
    by: str
    """The field with the key of the fact; empty for the fact's own key."""


def fact_query(text: str) -> FactQuery:
    """Parse an entry of ``while``: ``not`` negates it, ``by`` and a field refer to the fact of another key."""
    name, _, by = text.removeprefix("not ").partition(" by ")
    return FactQuery(name, not text.startswith("not "), by)


def schedules_of(rule: Rule) -> tuple[str, ...]:
    """Return the schedules that a rule refers to."""
    until = "" if rule.absence is None else rule.absence.until or ""
    named = (rule.schedule.removeprefix("not "), until.partition(".")[0] if "." in until else "")
    return tuple(filter(None, named))


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The latest known state of a subject, for ``while``: set and cleared by events, by key."""

    id: Slug
    key: str
    """The field with the key."""
    set: Selectors
    clear: Selectors | None = None
    lasts: timedelta | None = None
    """How long it holds before it expires."""


class RuleSet(Struct, frozen=True, kw_only=True):
    """Everything that decides: the rules, their facts, and the venue that they refer to."""

    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()
    names: Names = NO_NAMES
    """The lists and macros that their expressions use."""
    venue: Venue
