"""A stage for the core: small rules in the trial venue, a clock that is turned by hand, and what was seen."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from monitor.core.alert import Alert, Change
from monitor.core.engine.engine import Engine
from monitor.core.events import Event
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Arrival, Input, Notice, RulesChanged, Tick
from monitor.core.rules.model import Fact, Rule, RuleBook, Selector
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, StaffRefused, Transition, ZoneChanged
from monitor.core.venue.model import Venue
from monitor.rules import read as rulebook
from monitor.rules.inline_tests import Trial, play
from monitor.venue import load as load_venue

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LATENESS = timedelta(seconds=2)
TOLERANCE = timedelta(seconds=2)

SHIPPED = rulebook.load(Path(__file__).parents[2] / "rules")
VENUE: Venue = load_venue(Path(__file__).with_name("venue.toml"))
BOOK: RuleBook = SHIPPED.book(VENUE)


def at(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


def on(*kinds: str, where: str = "") -> Selector:
    """A selector."""
    return Selector(on=kinds, where=where)


def rule(**parts: object) -> Rule:
    """A rule of which only the named parts matter; its key is ``by``, with blanks between the fields."""
    told = {"id": "rule", "title": "Rule", "severity": "high", "why": "test", "do": "look"}
    by = str(parts.pop("by", "point")).split()
    named = {name.rstrip("_"): msgspec.to_builtins(part) for name, part in parts.items()}
    return msgspec.convert({**told, "by": by, **named}, Rule)


def fact(name: str, key: str, **parts: object) -> Fact:
    """A fact."""
    return msgspec.convert({"id": name, "key": key, **msgspec.to_builtins(parts)}, Fact)


def book(*parts: Rule | Fact, venue: Venue = VENUE) -> RuleBook:
    """A book of these rules and facts."""
    return RuleBook(
        rules=tuple(part for part in parts if isinstance(part, Rule)),
        facts=tuple(part for part in parts if isinstance(part, Fact)),
        venue=venue,
    )


def played(*parts: Rule | Fact, events: Iterable[str], lateness: timedelta = LATENESS) -> list[str]:
    """What the first rule did, as the tests inside rule files say it."""
    first = next(part for part in parts if isinstance(part, Rule))
    lines = Trial(rule=first.id, name="", events=tuple(events), expect=(), lateness=lateness)
    return play(book(*parts), lines)


class Stage:
    """An engine whose clock is turned by hand; times are seconds after the start."""

    def __init__(self, rules: RuleBook, *, lateness: timedelta = LATENESS) -> None:
        self.engine = Engine(State(), lateness=lateness, tolerance=TOLERANCE)
        self.seen: list[Transition] = []
        self.step(RulesChanged(received_at=START, who="test", book=rules))

    def step(self, given: Input) -> list[Transition]:
        """Take any input in."""
        found = self.engine.step(given)
        self.seen += found
        return found

    def say(
        self, *events: Event, seconds: float | None = None, retained: bool = False
    ) -> list[Transition]:
        """Have a message arrive: at this time, or when its first event happened."""
        received_at = events[0].at if seconds is None else at(seconds)
        return self.step(
            Arrival(received_at=received_at, source="test", events=events, retained=retained)
        )

    def notice(self, event: Noticed) -> list[Transition]:
        """Have the monitor notice something about itself."""
        return self.step(Notice(received_at=event.at, event=event))

    def tick(self, seconds: float) -> list[Transition]:
        """Let the clock go on, and ring whenever something is due."""
        found: list[Transition] = []
        while (due := self.engine.deadline) is not None and due < at(seconds):
            found += self.step(Tick(received_at=max(due, self.engine.state.now)))
        return found + self.step(Tick(received_at=at(seconds)))

    def alerts(self, rule_id: str = "rule") -> list[Alert]:
        """The open alerts of a rule."""
        return [row for row in self.engine.state.alerts.values() if row.rule == rule_id]

    def changes(self, rule_id: str = "rule") -> list[Change]:
        """What became of the alerts of a rule, in order."""
        return [
            row.change
            for row in self.seen
            if isinstance(row, AlertChanged) and row.alert.rule == rule_id
        ]

    def refusals(self) -> list[str]:
        """Why staff actions were refused."""
        return [row.reason for row in self.seen if isinstance(row, StaffRefused)]

    def standings(self, zone: str) -> list[ZoneChanged]:
        """What was written down about a zone."""
        return [
            row for row in self.seen if isinstance(row, ZoneChanged) and row.standing.zone == zone
        ]
