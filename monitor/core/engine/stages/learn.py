"""Learn: update the facts with the events of an instant, before any rule uses them."""

from collections.abc import Sequence

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.engine.context import Batch, Context, Placed
from monitor.core.engine.facts import always
from monitor.core.engine.plan import BoundSetter
from monitor.core.engine.signals import has_room, take
from monitor.core.operators import HoldOperator
from monitor.core.operators.protocol import OperatorInput
from monitor.core.state.operators import HoldState
from monitor.core.state.rules import FactValue
from monitor.core.state.time import TimestampedEvent


def learn(context: Context, batch: Batch) -> None:
    """Update the facts, unless later values are known; a changed fact may start or end a `hold`."""
    facts, observer = context.plan.facts, context.observer
    for placed in batch.events:
        setters = facts.get(type(placed[0].event))
        if setters is not None and not placed[0].superseded:
            _learn(context, setters, placed)
    if observer is not None:
        for row, place in batch.events:
            observer(row, place, "in order")


def _learn(context: Context, setters: Sequence[BoundSetter], placed: Placed) -> None:
    row, place = placed
    for setter in setters:
        if setter.fits is not None and not setter.fits(row.event, place):
            continue
        key = setter.key_of(row.event, place)
        known = setter.values.get(key)
        if known is None:
            is_changed = _begin(context, setter, key, placed)
        elif known.at > row.t:
            continue
        else:
            is_changed = known.holds != setter.holds
            known.at, known.holds = row.t, setter.holds
        if is_changed:
            for compiled in setter.followers:
                _changed_fact(context, compiled, setter.fact, key, row)


def _begin(context: Context, setter: BoundSetter, key: str, placed: Placed) -> bool:
    """Set a fact of which nothing is known; return false if it has no key, or there is no room for another."""
    if not key:
        context.keyless[setter.fact] += 1
        return False
    if not has_room(context, setter.values, setter.fact, key, placed):
        return False
    setter.values[key] = FactValue(placed[0].t, setter.holds)
    return True


def _changed_fact(
    context: Context, compiled: CompiledRule, fact: str, fact_key: str, row: TimestampedEvent
) -> None:
    """Process a changed fact in a `hold`, for each of its keys that depends on it."""
    operator = compiled.operator
    if not isinstance(operator, HoldOperator):
        return
    for key, held in list(context.state.rules.keys.get(compiled.rule.id, {}).items()):
        if not isinstance(held, HoldState):
            continue
        place = context.rules.place_of(held.event)
        if any(
            guard.fact == fact and guard.whose(held.event, place) == fact_key
            for guard in compiled.guards
        ):
            now = context.plan.holds(compiled)(held.event, row.t)
            given = OperatorInput("start", row, place, always, context.state.time.now)
            signals = operator.on_fact(held, given, holds=now)
            take(context, compiled, key, place, signals)
