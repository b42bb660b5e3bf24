"""Rules that are compiled ahead: the step that puts them in force does less, and the same follows."""

from functools import partial

import pytest
from msgspec.structs import replace

from monitor.core.engine.engine import Engine
from monitor.core.inputs import RulesChanged, Tick
from monitor.core.rules.model import RuleSet
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.core.transitions import Transition
from monitor.texts import ENGLISH
from tests.support.engine import LATENESS, RULE_SET, TOLERANCE, VENUE, at
from tests.support.steps import steps

EDITED = replace(RULE_SET, rules=(replace(RULE_SET.rules[0], title="Edited"), *RULE_SET.rules[1:]))
MOVED = replace(
    RULE_SET, venue=replace(VENUE, zones=(replace(VENUE.zones[0], capacity=3), *VENUE.zones[1:]))
)


def running() -> Engine:
    """An engine with the shipped rules in force."""
    engine = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
    engine.step(RulesChanged(received_at=at(0), who="start", rule_set=RULE_SET))
    engine.step(Tick(received_at=at(10)))
    return engine


def change(engine: Engine, rule_set: RuleSet) -> list[Transition]:
    """Put rules in force."""
    return engine.step(RulesChanged(received_at=at(20), who="ann", rule_set=rule_set))


@pytest.mark.parametrize("rule_set", [EDITED, MOVED], ids=["a rule", "the venue"])
def test_the_same_follows(rule_set: RuleSet) -> None:
    """Transitions and state are those of rules that were not prepared."""
    plain, prepared = running(), running()
    prepared.prepare(rule_set)
    assert change(prepared, rule_set) == change(plain, rule_set)
    assert snapshot.encode(prepared.state) == snapshot.encode(plain.state)
    late = Tick(received_at=at(3600))
    assert prepared.step(late) == plain.step(late)


def test_other_rules_than_those_prepared_are_compiled() -> None:
    """Files may change again before the change is taken in: what it says is put in force."""
    engine = running()
    engine.prepare(EDITED)
    change(engine, MOVED)
    assert engine.state.rule_set.venue.zones[0].capacity == 3


def test_the_step_compiles_nothing() -> None:
    """The line waits for neither the rules nor the places: the rules are only bound to what they remember."""
    plain, prepared = running(), running()
    prepared.prepare(MOVED)
    first, *others = MOVED.venue.zones
    venue = replace(MOVED.venue, zones=(replace(first, capacity=4), *others))  # shared with nobody
    compiling = steps(partial(change, plain, replace(MOVED, venue=venue)))
    assert 3 * steps(partial(change, prepared, MOVED)) < 2 * compiling
