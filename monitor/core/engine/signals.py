"""Signals of operators: the effect of each, and the limit of keys for which a rule may yield them."""

from collections.abc import Iterable, Mapping

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.engine.context import Context, Matched, Placed
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.operators.protocol import Fire, Signal, Wake
from monitor.core.state import senders
from monitor.core.venue.places import Place, is_known

MOST_KEYS = 50_000
"""Keys of one rule, and of one fact, since attackers choose credentials."""
MOST_UNKNOWN = 1_000
"""Keys of one rule, and of one fact, from events about names that are not in the venue file."""


def has_room(
    context: Context, keys: Mapping[str, object], which: str, key: str, placed: Placed
) -> bool:
    """Return whether a rule or fact can track another key; report it if not.

    Names of the venue file always have room. Names that are not in it share a quota of their own, and so do ids that no
    file lists, beyond which known senders have a reserve.
    """
    row, place = placed
    if not place.unknown and len(keys) < MOST_KEYS:
        return True
    if place.unknown:
        if _has_quota(context, keys, which, key):
            return True
    elif senders.has_room(context.state, row.event, len(keys), MOST_KEYS):
        return True
    if is_known(context.rules.places.names, key):
        return True
    if not isinstance(row.event, MonitorKeysCapped):
        context.effects.notice(MonitorKeysCapped(at=context.state.time.now, rule=which))
    return False


def _has_quota(context: Context, keys: Mapping[str, object], which: str, key: str) -> bool:
    unknown = context.state.rules.unknown_keys.setdefault(which, {})
    if len(unknown) >= MOST_UNKNOWN:
        for gone in [name for name in unknown if name not in keys]:
            del unknown[gone]
    if len(unknown) >= MOST_UNKNOWN and key not in unknown:
        return False
    unknown[key] = None
    return True


def take(
    context: Context, compiled: CompiledRule, key: str, place: Place, signals: Iterable[Signal]
) -> None:
    """Report that a rule fires or ends; set the timers that it requests."""
    for signal in signals:
        if type(signal) is Wake:
            context.effects.wake_rule(signal.due, compiled.rule.id, key)
        else:
            report(context, Matched(compiled, key, place, signal))


def report(context: Context, row: Matched) -> None:
    """Raise or end the alert of a rule that fires or ends."""
    if context.reminded is not None:
        context.reminded.append(row)
        return
    compiled, key, place, signal = row
    if type(signal) is Fire:
        context.alerts.fire(compiled, key, signal, place)
    else:
        context.alerts.end(compiled.rule, key, signal)
