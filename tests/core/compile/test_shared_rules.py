"""Engines of one process share compiled rules, and nothing else."""

import gc
import warnings
import weakref
from datetime import timedelta

import msgspec

from monitor.core.compile.shared_rules import compiled_rules
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.rules.model import Hold, RuleSet
from tests.support.engine import RULE_SET, EngineHarness, at, on, rule, rule_set

HOLD = rule(hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"))


def again(row: RuleSet) -> RuleSet:
    """The same rules, read once more."""
    return msgspec.json.decode(msgspec.json.encode(row), type=RuleSet)


def test_equal_rule_sets_are_compiled_once() -> None:
    """What is equal is shared, whoever read it; what differs in one limit or in the venue isn't."""
    first = compiled_rules(RULE_SET)
    assert compiled_rules(again(RULE_SET)) is first
    fewer = msgspec.structs.replace(RULE_SET, rules=RULE_SET.rules[1:])
    elsewhere = msgspec.structs.replace(RULE_SET.venue, zones=RULE_SET.venue.zones[1:])
    others = [fewer, msgspec.structs.replace(RULE_SET, venue=elsewhere)]
    assert first not in [compiled_rules(row) for row in others]


def test_rules_that_no_engine_has_in_force_are_forgotten() -> None:
    """Their memory is free when the last engine has other rules."""
    mine = rule_set(HOLD)
    first, second = EngineHarness(mine), EngineHarness(again(mine))
    assert first.engine.state.rule_set is second.engine.state.rule_set
    kept = weakref.ref(compiled_rules(mine))
    del first, second
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # what other tests left open isn't the question here
        gc.collect()
    assert kept() is None


def test_engines_with_the_same_rules_have_nothing_else_in_common() -> None:
    """A door that is open in one engine is not open in the other, and each goes by its own time."""
    one, other = EngineHarness(rule_set(HOLD)), EngineHarness(rule_set(HOLD))
    opened = DoorOpened(at=at(1), point="d1")
    one.receive(opened)
    other.receive(opened, seconds=3600)  # late: its end may follow
    other.receive(DoorClosed(at=at(2), point="d1"), seconds=3601)
    one.tick(60)
    other.tick(3700)
    assert [row.happened_at for row in one.alerts()] == [at(1) + timedelta(seconds=30)]
    assert other.alerts() == []
