"""Match: find the rules that an event fits, and let their operators process it."""

from collections.abc import Sequence

from monitor.core.engine import signals
from monitor.core.engine.context import Batch, Context, Matched
from monitor.core.engine.facts import hold, never
from monitor.core.engine.plan import Listener, Table
from monitor.core.engine.signals import has_room, report
from monitor.core.operators.protocol import Fire, OperatorInput, Wake
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place


def match_on_arrival(context: Context, batch: Batch) -> None:
    """Match the `match` rules without facts, which need neither order nor memory."""
    on_arrival = context.plan.on_arrival
    if context.observer is not None:
        for row, place in batch.events:
            if type(row.event) in on_arrival:
                context.observer(row, place, "on arrival")
    _match_all(context, on_arrival, batch)


def match_in_order(context: Context, batch: Batch) -> None:
    """Match the other rules: of all events of the instant first what they end, then what they begin."""
    for table in context.plan.in_order:
        _match_all(context, table, batch)


def _match_all(context: Context, table: Table, batch: Batch) -> None:
    for row, place in batch.events:
        found = table.get(type(row.event))
        if found is not None:
            _match(context, found.of(row.event, place), row, place)


def _match(  # noqa: C901 - a call of its own for each listener would cost a tenth
    context: Context, listeners: Sequence[Listener], row: TimestampedEvent, place: Place
) -> None:
    """Let listeners process an event. Whatever would change nothing is left out as early as possible."""
    event, now = row.event, context.state.time.now
    read, key, asked, held, given = None, "", None, True, None
    for listener in listeners:
        keys, rest = listener.keys, listener.rest
        is_same = listener.key_of is read  # most rules have the same key as the one before
        if is_same and listener.idle and key and key not in keys and key not in listener.open:
            continue
        if rest is not None and not rest(event, place):
            continue
        if not is_same:
            read = listener.key_of
            key = read(event, place)
        if not key:
            context.keyless[listener.rule] += 1
            continue
        if listener.guards is not asked:  # and many have the same conditions
            asked = listener.guards
            held = hold(asked, event, place, row.t)
        if not held and listener.guarded:
            continue
        if key not in keys:
            if listener.idle and key not in listener.open:
                continue
            is_scarce = place.unknown or len(keys) >= signals.MOST_KEYS
            if is_scarce and not has_room(context, keys, listener.rule, key, (row, place)):
                continue
        if listener.ignores is not None and listener.ignores(row, place):
            continue
        role, holds = listener.role, listener.holds if held else never
        if given is None or given.role is not role or given.holds is not holds:
            given = OperatorInput(role, row, place, holds, now)
        _ask(context, listener, key, given)


def _ask(context: Context, listener: Listener, key: str, given: OperatorInput) -> None:
    """Let an operator process an event; set the timers that it requests, and report what fires or ends."""
    for signal in listener.on_event(listener.keys, key, given):
        if type(signal) is Wake:
            context.effects.wake_rule(signal.due, listener.rule, key)
        elif type(signal) is Fire or key in listener.open or context.reminded is not None:
            report(context, Matched(listener.compiled, key, given.place, signal))
