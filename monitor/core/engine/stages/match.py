"""Match: find the rules that an event fits, and let their operators process it."""

from collections.abc import Iterator, Sequence
from itertools import chain

from monitor.core.derive.enrich import ENRICHED
from monitor.core.engine.context import Batch, Context, Matched, Placed
from monitor.core.engine.facts import hold
from monitor.core.engine.plan import Listeners
from monitor.core.engine.signals import has_room
from monitor.core.operators.protocol import Fire, OperatorInput, Wake
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import RuleTimer
from monitor.core.venue.places import Place


def may_match_on_arrival(context: Context, row: TimestampedEvent, place: Place) -> bool:
    """Return whether an event must go through the stages of arrival: mostly it fits no rule there."""
    found = context.plan.on_arrival.get(type(row.event))
    if found is None:
        return False
    if context.observer is not None or type(row.event) in ENRICHED:
        return True
    return any(
        listener.fits is None or listener.fits(row.event, place)
        for listener in found.of(row.event, place)
    )


def match_on_arrival(context: Context, batch: Batch) -> None:
    """Match the `match` rules without facts, which need neither order nor memory."""
    on_arrival = context.plan.on_arrival
    if context.observer is not None:
        for row, place in batch.events:
            if type(row.event) in on_arrival:
                context.observer(row, place, "on arrival")
    batch.signals = _matches(context, (on_arrival,), batch.events)


def match_in_order(context: Context, batch: Batch) -> None:
    """Match the other rules: of all events of the instant first what they end, then what they begin."""
    found = _matches(context, context.plan.in_order, batch.events)
    batch.signals = found if batch.signals is None else chain(batch.signals, found)


def _matches(  # noqa: C901 - calls and generators of its own for each event would cost a tenth
    context: Context, tables: Sequence[Listeners], events: Sequence[Placed]
) -> Iterator[Matched]:
    """Yield what fires and ends. Whatever would change nothing is left out as early as possible."""
    alerts, now = context.alerts.open, context.state.time.now
    for table in tables:
        for row, place in events:
            event = row.event
            found = table.get(type(event))
            read, key = None, ""
            for listener in () if found is None else found.of(event, place):
                fits = listener.fits
                if fits is not None and not fits(event, place):
                    continue
                if listener.key_of is not read:  # most rules have the same key as the one before
                    read = listener.key_of
                    key = read(event, place)
                if not key:
                    context.keyless[listener.rule] += 1
                    continue
                if listener.guards and not hold(listener.guards, event, place, row.t):
                    continue
                rule, keys = listener.rule, listener.keys
                if key not in keys and (
                    (listener.idle and not alerts.has(rule, key))
                    or not has_room(context, keys, rule, key, (row, place))
                ):
                    continue
                if listener.ignores is not None and listener.ignores(row, place):
                    continue
                given = OperatorInput(listener.role, row, place, listener.holds, now)
                for signal in listener.on_event(keys, key, given):
                    if isinstance(signal, Wake):
                        context.effects.wake(RuleTimer(signal.due, rule, key))
                    elif isinstance(signal, Fire) or context.is_reminding or alerts.has(rule, key):
                        yield Matched(listener.compiled, key, place, signal)
