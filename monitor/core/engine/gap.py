"""A gap: the monitor was stopped, paused or disconnected, and takes its own absence for nobody's silence."""

from datetime import datetime

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.derive import device_liveness
from monitor.core.engine.context import Context
from monitor.core.operators import AbsenceOperator
from monitor.core.state.timers import RuleTimer, WatermarkTimer

NEVER_LATER = frozenset(("life_safety", "critical"))
"""Where a false alarm is better than a late one: these rules wait no longer because of a gap."""


def resume(context: Context, since: datetime, until: datetime) -> None:
    """Let the silence of each device and the waits of `absence` rules go on from the end of a gap."""
    state = context.state
    moved: dict[WatermarkTimer, WatermarkTimer] = dict(device_liveness.resume(state, since, until))
    for rule, compiled in context.rules.by_id.items():
        operator = compiled.operator
        if isinstance(operator, AbsenceOperator) and _is_suspended(compiled):
            keys = state.rules.keys.get(rule, {})
            for key, before, due in operator.postpone(keys, since, until):
                moved[RuleTimer(before, rule, key)] = RuleTimer(due, rule, key)
    state.time.timers.remove(moved)
    for timer in moved.values():
        context.effects.wake(timer)


def suspends(context: Context, compiled: CompiledRule, due: datetime) -> bool:
    """Return whether a timer of a rule is void because the monitor is not connected: `resume` sets another."""
    return device_liveness.is_deaf(context.state, due) and _is_suspended(compiled)


def _is_suspended(compiled: CompiledRule) -> bool:
    """Tell whether a rule waits for a message `within` a time; a date does not move."""
    rule = compiled.rule
    return (
        rule.absence is not None and rule.absence.until is None and rule.severity not in NEVER_LATER
    )
