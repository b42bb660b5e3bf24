"""Timers that the watermark has passed: the action of each."""

from typing import assert_never

from monitor.core.alerts import masks
from monitor.core.derive import device_liveness, occupancy, schedules
from monitor.core.engine import gap, verifications
from monitor.core.engine.context import Context, Matched
from monitor.core.engine.signals import report
from monitor.core.oncall import on_call
from monitor.core.operators import LevelOperator
from monitor.core.operators.protocol import TimerFired, Wake
from monitor.core.readiness import checklists, verdict
from monitor.core.state.timers import (
    ChecklistTimer,
    KeepFiringTimer,
    LivenessTimer,
    MaskTimer,
    OverrideTimer,
    ReadinessTimer,
    RuleTimer,
    ScheduleTimer,
    ShelvingTimer,
    StayTimer,
    VerificationTimer,
    WatermarkTimer,
)
from monitor.core.venue.places import NOWHERE


def fire(context: Context, timer: WatermarkTimer) -> None:  # noqa: C901 - one case a kind of timer
    """Run the action of a timer."""
    state, effects, places = context.state, context.effects, context.rules.places
    match timer:
        case RuleTimer():
            _fire_rule(context, timer)
        case ChecklistTimer(checklist=checklist, due=due):
            zone = places.checklists.get(checklist, NOWHERE).zone
            checklists.inspect(
                state, places, zone, due, effects, context.alerts.titles.render_phrase
            )
        case ReadinessTimer(zone=zone, due=due):
            verdict.assess(
                state,
                state.rule_set.venue,
                {zone},
                due,
                effects,
                context.alerts.titles.render_phrase,
            )
        case ScheduleTimer():
            schedules.on_timer(state, state.rule_set.venue, timer, effects)
        case StayTimer(zone=zone, due=due):
            occupancy.on_timer(state, places, zone, due, effects)
        case LivenessTimer():
            device_liveness.on_timer(state, places, timer, effects)
        case MaskTimer():
            masks.on_timer(context.alerts, timer, effects)
        case OverrideTimer():
            on_call.on_timer(state, timer, effects)
        case KeepFiringTimer():
            context.alerts.stop_keeping(timer)
        case ShelvingTimer(alert=alert_id, due=due):
            context.alerts.end_shelving(alert_id, due)
        case VerificationTimer():
            verifications.expire(context, timer)
        case _:
            assert_never(timer)


def _fire_rule(context: Context, timer: RuleTimer) -> None:
    rule, key, keys = timer.rule, timer.key, context.state.rules.keys.get(timer.rule, {})
    if key not in keys:
        return  # mostly what it waited for has ended
    compiled = context.rules.by_id.get(rule)
    if compiled is None or type(compiled.operator) is LevelOperator:
        return
    if gap.suspends(context, compiled, timer.due):
        return
    event = getattr(keys[key], "event", None)
    fired = TimerFired(timer.due, context.plan.holds(compiled))
    for signal in compiled.operator.on_timer(keys, key, fired):
        if type(signal) is Wake:
            context.effects.wake_rule(signal.due, rule, key)
        else:
            place = NOWHERE if event is None else context.rules.place_of(event)
            report(context, Matched(compiled, key, place, signal))
