"""Learn: update the facts with the events of an instant, before any rule uses them."""

from collections.abc import Iterator, Sequence

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.engine.context import Batch, Context, Matched, Placed
from monitor.core.engine.facts import always
from monitor.core.engine.plan import BoundSetter
from monitor.core.engine.signals import has_room, matched
from monitor.core.operators import HoldOperator
from monitor.core.operators.protocol import OperatorInput
from monitor.core.state.operators import HoldState
from monitor.core.state.rules import FactValue
from monitor.core.state.time import TimestampedEvent


def learn(context: Context, batch: Batch) -> None:
    """Update the facts; a changed fact may start or end a `hold`."""
    facts = context.plan.facts
    for row, _ in batch.events:
        if type(row.event) in facts or context.observer is not None:
            batch.signals = _learn(context, batch.events)
            return


def _learn(context: Context, events: Sequence[Placed]) -> Iterator[Matched]:
    for row, place in events:
        if row.superseded:
            continue
        for setter in context.plan.facts.get(type(row.event), ()):
            if setter.fits is None or setter.fits(row.event, place):
                key = setter.key_of(row.event, place)
                if not key:
                    context.keyless[setter.fact] += 1
                elif _set(context, setter, key, (row, place)):
                    for compiled in setter.followers:
                        yield from _changed_fact(context, compiled, setter.fact, key, row)
    if context.observer is not None:
        for row, place in events:
            context.observer(row, place, "in order")


def _set(context: Context, setter: BoundSetter, key: str, placed: Placed) -> bool:
    """Set a fact, unless a later value is known; return whether it has changed."""
    (row, _), values = placed, setter.values
    before = values.get(key)
    if before is not None and before.at > row.t:
        return False
    if before is None and not has_room(context, values, setter.fact, key, placed):
        return False
    values[key] = FactValue(row.t, setter.holds)
    return before is None or before.holds != setter.holds


def _changed_fact(
    context: Context, compiled: CompiledRule, fact: str, fact_key: str, row: TimestampedEvent
) -> Iterator[Matched]:
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
            yield from matched(context, compiled, key, place, signals)
