"""Learn: update the facts with the events of an instant, before any rule uses them."""

from collections.abc import Sequence

from monitor.core.engine.context import Batch, Context, Placed
from monitor.core.engine.facts import always
from monitor.core.engine.held import Held
from monitor.core.engine.plan import BoundSetter
from monitor.core.engine.signals import has_room, take
from monitor.core.operators.protocol import OperatorInput
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
            for held in setter.followers:
                _changed_fact(context, held, setter.fact, key, row)


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
    context: Context, row: Held, fact: str, fact_key: str, timestamped: TimestampedEvent
) -> None:
    """Process a changed fact in a `hold`, for each of its keys that depends on it."""
    compiled = row.compiled
    for key, held in row.depending_on(fact, fact_key):
        place = context.rules.place_of(held.event)
        now = context.plan.holds(compiled)(held.event, timestamped.t)
        given = OperatorInput("start", timestamped, place, always, context.state.time.now)
        signals = row.operator.on_fact(held, given, holds=now)
        take(context, compiled, key, place, signals)
