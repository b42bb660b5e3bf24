"""An engine with small rules in the trial venue, on a clock that the test sets, and a record of its transitions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from monitor.core.alert import Alert, Change
from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Arrival, Input, Notice, RulesChanged, Tick
from monitor.core.phrase import Phrase
from monitor.core.rules.model import Fact, Rule, RuleSet, Selector
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, StaffRefused, Transition, ZoneChanged
from monitor.core.venue.model import Venue
from monitor.rules import read
from monitor.rules.inline_tests import RuleTest, play
from monitor.texts import ENGLISH
from monitor.venue import load as load_venue

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LATENESS = timedelta(seconds=2)
TOLERANCE = timedelta(seconds=2)

SHIPPED = read.load(Path(__file__).parents[2] / "rules")
VENUE: Venue = load_venue(Path(__file__).with_name("venue.toml"))
RULE_SET: RuleSet = SHIPPED.rule_set(VENUE)


def at(seconds: float) -> datetime:
    """The time this many seconds after the start."""
    return START + timedelta(seconds=seconds)


def on(*kinds: str, where: str = "") -> Selector:
    """A selector."""
    return Selector(on=kinds, where=where)


def rule(**parts: object) -> Rule:
    """A rule of which only the given parts matter; its key is ``by``, with blanks between the fields."""
    fields = {"id": "rule", "title": "Rule", "severity": "high", "why": "test", "do": "look"}
    by = str(parts.pop("by", "point")).split()
    named = {name.rstrip("_"): msgspec.to_builtins(part) for name, part in parts.items()}
    return msgspec.convert({**fields, "by": by, **named}, Rule)


def fact(name: str, key: str, **parts: object) -> Fact:
    """A fact."""
    return msgspec.convert({"id": name, "key": key, **msgspec.to_builtins(parts)}, Fact)


def rule_set(*parts: Rule | Fact, venue: Venue = VENUE) -> RuleSet:
    """A set of these rules and facts."""
    return RuleSet(
        rules=tuple(part for part in parts if isinstance(part, Rule)),
        facts=tuple(part for part in parts if isinstance(part, Fact)),
        venue=venue,
    )


def played(*parts: Rule | Fact, events: Iterable[str], lateness: timedelta = LATENESS) -> list[str]:
    """The transitions of the first rule, as rule tests write them."""
    first = next(part for part in parts if isinstance(part, Rule))
    lines = RuleTest(rule=first.id, name="", events=tuple(events), expect=(), lateness=lateness)
    return play(rule_set(*parts), lines)


class EngineHarness:
    """An engine on a clock that the test sets; times are seconds after the start."""

    def __init__(self, rules: RuleSet, *, lateness: timedelta = LATENESS) -> None:
        self.engine = Engine(State(), lateness=lateness, tolerance=TOLERANCE, wording=ENGLISH)
        self.seen: list[Transition] = []
        self.step(RulesChanged(received_at=START, who="test", rule_set=rules))

    def step(self, given: Input) -> list[Transition]:
        """Process any input."""
        found = self.engine.step(given)
        self.seen += found
        return found

    def receive(
        self, *events: ReceivedEvent, seconds: float | None = None, retained: bool = False
    ) -> list[Transition]:
        """Receive a message at this time; by default, when its first event happened."""
        received_at = events[0].at if seconds is None else at(seconds)
        return self.step(
            Arrival(received_at=received_at, source="test", events=events, retained=retained)
        )

    def notice(self, event: Noticed) -> list[Transition]:
        """Receive a notice of the monitor about itself."""
        return self.step(Notice(received_at=event.at, event=event))

    def tick(self, seconds: float) -> list[Transition]:
        """Advance the clock, with a tick for every timer that is due before."""
        found: list[Transition] = []
        while (due := self.engine.deadline) is not None and due < at(seconds):
            found += self.step(Tick(received_at=max(due, self.engine.state.time.now)))
        return found + self.step(Tick(received_at=at(seconds)))

    def alerts(self, rule_id: str = "rule") -> list[Alert]:
        """The open alerts of a rule."""
        return [row for row in self.engine.state.alerts.open.values() if row.rule == rule_id]

    def changes(self, rule_id: str = "rule") -> list[Change]:
        """The changes of the alerts of a rule, in order."""
        return [
            row.change
            for row in self.seen
            if isinstance(row, AlertChanged) and row.alert.rule == rule_id
        ]

    def refusals(self) -> list[str]:
        """The ids of the reasons for which staff actions were refused."""
        refused = [row.reason for row in self.seen if isinstance(row, StaffRefused)]
        return [reason.id for reason in refused if isinstance(reason, Phrase)]

    def zone_changes(self, zone: str) -> list[ZoneChanged]:
        """The recorded changes of a zone."""
        return [
            row for row in self.seen if isinstance(row, ZoneChanged) and row.status.zone == zone
        ]
