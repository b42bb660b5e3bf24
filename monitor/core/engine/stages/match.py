"""Match: find the rules that an event fits, and let their operators process it."""

from collections.abc import Iterator, Sequence
from itertools import chain

from monitor.core.compile.compiled_rules import Subscriptions
from monitor.core.engine.context import Batch, Context, Matched, Placed
from monitor.core.engine.facts import always, holds, holds_of
from monitor.core.engine.signals import has_room
from monitor.core.operators.protocol import Fire, OperatorInput, Wake
from monitor.core.state.timers import RuleTimer


def match_on_arrival(context: Context, batch: Batch) -> None:
    """Match the `match` rules without facts, which need neither order nor memory."""
    on_arrival = context.rules.on_arrival
    if context.observer is not None:
        for row, place in batch.events:
            if type(row.event) in on_arrival:
                context.observer(row, place, "on arrival")
    batch.signals = _matches(context, (on_arrival,), batch.events)


def match_in_order(context: Context, batch: Batch) -> None:
    """Match the other rules: of all events of the instant first what they end, then what they begin."""
    found = _matches(context, context.rules.in_order, batch.events)
    batch.signals = found if batch.signals is None else chain(batch.signals, found)


def _matches(  # noqa: C901 - calls and generators of its own for each event would cost a tenth
    context: Context, tables: Sequence[Subscriptions], events: Sequence[Placed]
) -> Iterator[Matched]:
    """Yield what fires and ends. Whatever would change nothing is left out as early as possible."""
    memory, alerts = context.state.rules.keys, context.alerts.open
    for table in tables:
        for row, place in events:
            event = row.event
            found = table.get(type(event))
            read, key = None, ""
            for subscription in () if found is None else found.of(event, place):
                compiled, rule, role, idle, guarded, fits, key_of = subscription
                if fits is not None and not fits(event, place):
                    continue
                if key_of is not read:  # most rules have the same key as the one before
                    read, key = key_of, key_of(event, place)
                if not key:
                    context.keyless[rule] += 1
                    continue
                keys = memory.get(rule)
                if keys is None:
                    keys = memory[rule] = {}
                if guarded and not holds(context, compiled, event, row.t):
                    continue
                if key not in keys and (
                    (idle and not alerts.has(rule, key))
                    or not has_room(context, keys, rule, key, (row, place))
                ):
                    continue
                known = always if guarded else holds_of(context, compiled)
                given = OperatorInput(role, row, place, known, context.state.time.now)
                for signal in compiled.operator.on_event(keys, key, given):
                    if isinstance(signal, Wake):
                        context.effects.wake(RuleTimer(signal.due, rule, key))
                    elif isinstance(signal, Fire) or context.is_reminding or alerts.has(rule, key):
                        yield Matched(compiled, key, place, signal)
