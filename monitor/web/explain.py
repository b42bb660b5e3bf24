"""Why an alert was raised: the events behind it, and the facts of its rule as they stood, from journal and state."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.compile.compiled_rule import compile_rule
from monitor.core.compile.event_places import EventPlaces
from monitor.core.compile.key import SEPARATOR, key_getter
from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.events.access import AccessDuress
from monitor.core.rules.expression import compile_expression
from monitor.core.rules.model import Fact, Rule, RuleSet, Selector, each, fact_query
from monitor.texts import Language
from monitor.texts.events import EVENTS
from monitor.texts.facts import FACTS
from monitor.texts.values import WORDS
from monitor.web.events import latest_events
from monitor.web.source import Source

MOST_EVENTS = 10
MOST_NAMES = 5
"""Names by which the messages about an alert are found: a zone has many access points."""
MOST_SEARCHED = 50_000
"""Inputs before the alert that are looked through for each name; judgement: minutes of the busiest hour."""
Matches = Callable[[ReceivedEvent], bool]


WRITTEN = frozenset({"note", "text", "raw"})
"""Fields of what a person or a device wrote in its own words."""


class EventRow(Struct, frozen=True, kw_only=True):
    """An event that the rule of an alert matched."""

    at: str
    kind: str
    words: str
    """What happened; empty: only its type is known."""
    fields: Sequence[tuple[str, str]]


class FactRow(Struct, frozen=True, kw_only=True):
    """A fact on which a rule depends, as it stood when the alert was raised."""

    fact: str
    words: str
    """What it says; empty: the venue has added it."""
    whose: str
    wanted: bool
    text: str


class AlertExplanation(Struct, frozen=True, kw_only=True):
    """What led to an alert."""

    events: Sequence[EventRow]
    """The latest first; empty: it follows from what the monitor concluded, or from what is further back."""
    kinds: Sequence[str]
    """The types of events that the rule looks at."""
    facts: Sequence[FactRow]


class VenuePlaces:
    """The places of the venue in force, which take a while to work out.

    Args:
        source: the running monitor.

    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._venue = source.rule_set.venue
        self._places = EventPlaces(self._venue)

    def now(self) -> EventPlaces:
        """Return the places as they are now."""
        venue = self._source.rule_set.venue
        if venue is not self._venue:
            self._venue, self._places = venue, EventPlaces(venue)
        return self._places


async def explain_alert(
    source: Source, places: EventPlaces, alert: Alert, rule: Rule, language: Language
) -> AlertExplanation:
    """Return what led to an alert. The cost is bounded, and other work gets its turn.

    Args:
        source: the running monitor.
        places: of the venue in force.
        alert: the alert, open or closed.
        rule: its rule, as it is in force now.
        language: of the texts.

    """
    until = source.journal.shift_log.raised_in(alert.id) or source.journal.seq
    rule_set = source.rule_set
    facts = {fact.id: fact for fact in rule_set.facts}
    compiled = compile_rule(rule, facts)
    selectors = [selector for role, selector in compiled.operator.selectors() if role != "end"]
    matches = _matches(selectors, rule_set, places)

    def is_behind(event: ReceivedEvent) -> bool:
        if isinstance(event, AccessDuress) and not alert.silent:
            return False
        key = key_getter(rule.by, kind_of(event)) if matches(event) else None
        return key is not None and key(event, places.of(event)) == alert.key

    found: dict[bytes, ReceivedEvent] = {}
    for name in _names(alert, rule_set):
        some = await latest_events(
            source, name, is_behind, MOST_EVENTS, until=until, searched=MOST_SEARCHED
        )
        found.update((msgspec.json.encode(event), event) for event in some.events)
    latest = sorted(found.values(), key=lambda event: event.at, reverse=True)[:MOST_EVENTS]
    return AlertExplanation(
        events=[_event_row(source, event, language) for event in latest],
        kinds=sorted({kind for selector in selectors for kind in selector.on}),
        facts=[
            await _fact_row(
                source, places, alert, rule, facts[fact_query(text).fact], text, until, language
            )
            for text in rule.while_
        ],
    )


def _names(alert: Alert, rule_set: RuleSet) -> Sequence[str]:
    """Return names that occur in messages about what an alert is about."""
    names = [alert.point, *alert.key.split(SEPARATOR), alert.zone]
    if not alert.point:
        names += [point.id for point in rule_set.venue.points if point.zone == alert.zone]
    return list(dict.fromkeys(filter(None, names)))[:MOST_NAMES]


def _matches(selectors: Sequence[Selector], rule_set: RuleSet, places: EventPlaces) -> Matches:
    """Return whether one of several selectors chooses an event."""
    fits = [
        (kind, compile_expression(row.where, kind, rule_set.names) if row.where else None)
        for row in selectors
        for kind in row.on
    ]

    def matches(event: ReceivedEvent) -> bool:
        own = kind_of(event)
        return any(
            kind == own and (fit is None or fit(event, places.of(event))) for kind, fit in fits
        )

    return matches


async def _fact_row(  # noqa: PLR0913, PLR0917 - a fact, and where to look for it
    source: Source,
    places: EventPlaces,
    alert: Alert,
    rule: Rule,
    fact: Fact,
    text: str,
    until: int,
    language: Language,
) -> FactRow:
    """Return a fact as it stood: as it is now if it has not changed since, else by the latest message about it."""
    query = fact_query(text)
    whose = _subject(source, alert, rule, query.by or fact.key)
    known = source.state.rules.facts.get(fact.id, {}).get(whose)
    if known is None:
        words = language.gettext("was unknown")
    elif known.at <= alert.happened_at:
        words = _stood(source, fact, known.at, alert, language, holds=known.holds)
    else:
        words = language.gettext("has changed since; what it was is too far back")
        sets, clears = (
            _matches(each(row), source.rule_set, places) for row in (fact.set, fact.clear)
        )

        def is_earlier(event: ReceivedEvent) -> bool:
            if event.at > alert.happened_at or not (sets(event) or clears(event)):
                return False
            return key_getter((fact.key,), kind_of(event))(event, places.of(event)) == whose

        found = await latest_events(
            source, whose, is_earlier, 1, until=until, searched=MOST_SEARCHED
        )
        if found.events:
            (event,) = found.events
            words = _stood(source, fact, event.at, alert, language, holds=sets(event))
    return FactRow(
        fact=fact.id,
        words=_words(fact.id, FACTS, language),
        whose=whose,
        wanted=query.wanted,
        text=words,
    )


def _stood(  # noqa: PLR0913 - a fact and its time
    source: Source, fact: Fact, at: datetime, alert: Alert, language: Language, *, holds: bool
) -> str:
    when = language.inset(_exact(source, at))
    if holds and fact.lasts is not None and alert.happened_at - at > fact.lasts:
        return language.gettext("no longer held; it was set at {when}").format(when=when)
    if holds:
        return language.gettext("held since {when}").format(when=when)
    return language.gettext("did not hold since {when}").format(when=when)


def _subject(source: Source, alert: Alert, rule: Rule, name: str) -> str:
    """Return the value of a field for the subject of an alert; empty if it has none."""
    known = dict(zip(rule.by, alert.key.split(SEPARATOR), strict=False))
    known |= {"point": alert.point, "zone": alert.zone, "site": alert.site}
    venue = source.rule_set.venue
    if name == "gateway":
        known |= {row.id: row.gateway for row in venue.devices}
        return known.get(known.get("device", ""), "")
    if name == "interlock":
        return next((row.interlock for row in venue.points if row.id == alert.point), "")
    return known.get(name, "")


def _event_row(source: Source, event: ReceivedEvent, language: Language) -> EventRow:
    given = msgspec.to_builtins(event)
    return EventRow(
        at=_exact(source, event.at),
        kind=kind_of(event),
        words=_words(kind_of(event), EVENTS, language),
        fields=[
            (language.field_words(name) or name, _value(name, value, language))
            for name, value in given.items()
            if name not in {"type", "at"} and value not in ("", None, False, [], {})
        ],
    )


def _value(name: str, value: object, language: Language) -> str:
    """Return a value as a reader knows it: listed words in their language, what people wrote as it was sent."""
    match value:
        case str():
            return language.word(value) if value in WORDS and name not in WRITTEN else value
        case True:
            return language.gettext("yes")
        case _:
            return msgspec.json.encode(value).decode()


def _words(name: str, known: Mapping[str, str], language: Language) -> str:
    return language.gettext(known[name]) if name in known else ""


def _exact(source: Source, at: datetime) -> str:
    """Return a time to the millisecond, in the congress's time zone."""
    local = at.astimezone(source.writer.names.timezone)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03}"
