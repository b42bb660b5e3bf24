"""What a rule is, as data: the form into which ``rules/*.toml`` is read, and in which the journal keeps it."""

from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from monitor.core.rules.names import NO_NAMES, Names
from monitor.core.timing import PATTERN
from monitor.core.venue.model import Phase, Slug, Venue

Severity = Literal["life_safety", "critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("life_safety", "critical", "high", "medium", "low")
"""From the worst down."""
PARAMETER = r"(?:point|zone|device|checklist)\.[a-z][a-z0-9_]*"
Parameter = Annotated[
    str,
    Meta(pattern=rf"^{PARAMETER}$", description='a value of the venue file, e.g. "zone.capacity"'),
]
"""A value that the venue file holds for each subject, e.g. ``zone.capacity``."""
Limit = Annotated[
    str,
    Meta(
        pattern=rf"^(?:{PATTERN}|{PARAMETER})$",
        description='a duration, e.g. "30s", "2m", "1h", or a value of the venue file, e.g. "point.held_open_limit"',
    ),
]
"""A duration, or one that the venue file holds for each subject: ``30s``, ``point.held_open_limit``."""


class Selector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chooses events: one or more types, and an expression over their fields."""

    on: tuple[str, ...]
    where: Annotated[str, Meta(max_length=500)] = ""


Selectors = Selector | tuple[Selector, ...]
"""One selector, or several of which any may fit."""


def each(selectors: Selectors | None) -> tuple[Selector, ...]:
    """Return the selectors one by one; none if there are none."""
    if selectors is None:
        return ()
    return (selectors,) if isinstance(selectors, Selector) else selectors


class Match(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires on every event of ``of``; ``end`` clears it, without one a person has to.

    With ``replays`` also on what a broker or device had kept: for states that stand until somebody sees to them.
    """

    of: Selectors
    end: Selectors | None = None
    replays: bool = False


class Count(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when ``at_least`` events of ``of`` lie in the window ``(t - within, t]``; clears when it has emptied."""

    of: Selectors
    at_least: Annotated[int, Meta(ge=2, le=1000)]
    within: timedelta


class Distinct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when events of ``of`` with ``at_least`` different values of ``field`` lie in the window."""

    of: Selectors
    field: str
    at_least: Annotated[int, Meta(ge=2, le=1000)]
    within: timedelta


class Sequence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when the steps happen in this order, from the first to the last in less than ``within``.

    A run that was completed is forgotten. ``end`` clears it, without one a person has to.
    """

    steps: Annotated[tuple[Selector, ...], Meta(min_length=2, max_length=10)]
    within: timedelta
    end: Selectors | None = None


class Sum(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when what adds up in the window rises above ``above``; clears when it no longer is.

    Either the number in the field ``value`` of each event of ``of``, or the time between ``start`` and ``end``.
    """

    of: Selectors | None = None
    value: str | None = None
    start: Selectors | None = None
    end: Selectors | None = None
    above: float | Limit
    within: timedelta


class Hold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when ``start`` is not followed by ``end`` for longer than ``longer_than``; clears at ``end``.

    With ``while``, the condition is both together, whichever came first.
    """

    start: Selectors
    end: Selectors
    longer_than: Limit


class Absence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when ``after`` is not followed by ``of`` in time; a later ``of`` clears it.

    In time means within a duration, or until a time: one that the event of ``after`` carries, or that at which a
    schedule of the venue file opens or closes next (``office.closes``). One of the two is given.
    """

    after: Selectors
    of: Selectors
    within: Limit | None = None
    until: str | None = None
    before: timedelta = timedelta(0)
    """Fires so long before ``until`` already."""
    grace: timedelta = timedelta(0)
    """Fires only so long after ``until``."""


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fires when a balance rises above ``above``; clears at ``clear_at`` or below.

    ``up`` and ``down`` count one each, ``set`` puts the balance to the number in the field ``value``.
    """

    up: Selectors | None = None
    down: Selectors | None = None
    set: Selectors | None = None
    value: str | None = None
    above: float | Parameter
    clear_at: float | Parameter | None = None


OPERATORS = ("match", "count", "distinct", "sequence", "absence", "hold", "level", "sum")


class Rule(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"while_": "while"}
):
    """One thing that the venue calls unsafe: exactly one of the operators, and what to do when it fires."""

    id: Slug
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    """What officers read; ``{field}`` puts in a field of the event, ``{n}`` the number reached."""
    titles: dict[str, str] = {}
    """The title in other languages, by BCP 47 tag."""
    severity: Severity
    by: Annotated[tuple[str, ...], Meta(min_length=1)]
    """One alert for each value of these fields."""
    match: Match | None = None
    count: Count | None = None
    distinct: Distinct | None = None
    sequence: Sequence | None = None
    hold: Hold | None = None
    absence: Absence | None = None
    level: Level | None = None
    sum: Sum | None = None
    while_: tuple[str, ...] = ()
    """Facts that have to hold: ``door-open``, ``not door-locked``, ``door-open by partner``."""
    unknown: Literal["alerts", "silent"] = "alerts"
    """What a fact never heard of means here: the safe side, or nothing."""
    phase: tuple[Phase, ...] = ("prepare", "live", "teardown")
    schedule: Annotated[
        str,
        Meta(
            pattern=r"^$|^(?:not )?[a-z0-9][a-z0-9-]{0,62}$",
            description='a schedule of the venue file, e.g. "office-hours" or "not office-hours"',
        ),
    ] = ""
    """A schedule of the venue file in whose hours it is in force; with ``not `` before it, outside them."""
    cooldown: timedelta = timedelta(0)
    """After an alert of this key was closed, no new one for so long."""
    keep_firing_for: timedelta = timedelta(0)
    """An alert whose condition has ended stays active for so long; what happens meanwhile is the same alert."""
    silent: bool = False
    """Never on a public screen, the holder hidden (duress)."""
    why: Annotated[str, Meta(min_length=1, max_length=1000)]
    """Where the figures come from, or the word «judgement»."""
    do: Annotated[str, Meta(min_length=1, max_length=2000)]
    """The procedure: what the officer does now."""
    url: str = ""
    """The procedure's page."""


class Asked(NamedTuple):
    """One entry of a rule's ``while``."""

    fact: str
    wanted: bool
    by: str
    """The field that says whose fact is meant; empty: the fact's own key."""


def asked(text: str) -> Asked:
    """Read an entry of ``while``: ``not`` turns it round, ``by`` and a field asks for another's fact."""
    name, _, by = text.removeprefix("not ").partition(" by ")
    return Asked(name, not text.startswith("not "), by)


def schedules_of(rule: Rule) -> tuple[str, ...]:
    """Return the schedules that a rule names."""
    until = "" if rule.absence is None else rule.absence.until or ""
    named = (rule.schedule.removeprefix("not "), until.partition(".")[0] if "." in until else "")
    return tuple(filter(None, named))


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The latest known state of something, for ``while``: set and cleared by events, by key."""

    id: Slug
    key: str
    """The field that tells whose fact it is."""
    set: Selectors
    clear: Selectors | None = None
    lasts: timedelta | None = None
    """It ends by itself after so long."""


class RuleBook(Struct, frozen=True, kw_only=True):
    """Everything that decides: the rules, their facts, and the venue they speak of."""

    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()
    names: Names = NO_NAMES
    """The lists and macros that their expressions use."""
    venue: Venue
