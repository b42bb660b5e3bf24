"""A step of our own clock: what is known moves with it, and senders' times show which of the two clocks is right.

Everything that the core remembers by the clock before the step is moved to the clock after it, so that a wait takes as
long as it would have without the step. Dates that people set (validity, hours, masks, shifts) stay where they are.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events.base import Event
from monitor.core.events.monitor import MonitorClockSound, MonitorClockStepped
from monitor.core.rules.model import RuleSet
from monitor.core.state.operators import AbsenceState
from monitor.core.state.state import State
from monitor.core.state.time import CLOCK_STEP, LONG_AGO, ClockDoubt, TimestampedEvent, TimeState
from monitor.core.state.timers import (
    ChecklistTimer,
    EscalationTimer,
    KeepFiringTimer,
    LivenessTimer,
    MaskTimer,
    OverrideTimer,
    QueueTimer,
    ReadinessTimer,
    RuleTimer,
    ScheduleTimer,
    ShelvingTimer,
    StayTimer,
    VerificationTimer,
    WallClockHeap,
    WallClockTimer,
    WatermarkHeap,
    WatermarkTimer,
)
from monitor.core.transitions import ZoneStatus
from monitor.core.utc import later, utc

QUIET = timedelta(minutes=1)
"""The shortest time after a step before the clock is judged sound; judgement."""
AGREEING = 10
"""How many more messages must agree with the clock after the step than with the one before; judgement."""
Timer = TypeVar("Timer", bound=WatermarkTimer | WallClockTimer)


def rebase(state: State, step: MonitorClockStepped, at: datetime) -> None:
    """Move what is known by the clock before a step to the clock after it.

    Args:
        state: the state, which is changed.
        step: the step.
        at: the present time by the clock after it.

    """
    time, paging, by = state.time, state.paging, timedelta(seconds=step.by_s)
    before = timedelta(0) if time.doubt is None else time.doubt.by
    time.doubt = ClockDoubt(step.host, before + by, at)
    time.now, time.watermark = later(time.now, by), later(time.watermark, by)
    time.publish_at = _moved(time.publish_at, by)
    time.catching_up_until = _moved(time.catching_up_until, by)
    time.waiting[:] = [_moved(row, by) for row in time.waiting]
    dated = _dated(state.rule_set)
    time.timers = WatermarkHeap(_timer(row, by, dated) for row in time.timers)
    paging.timers = WallClockHeap(_timer(row, by, dated) for row in paging.timers)
    paging.behind_until = _moved(paging.behind_until, by)
    stepped = state.alerts.stepped
    for own in state.alerts.open:
        stepped[own] = stepped.get(own, timedelta(0)) + by
    due = {
        (rule, key): row.due
        for rule in dated
        for key, row in state.rules.keys.get(rule, {}).items()
        if isinstance(row, AbsenceState)
    }
    places = state.places
    for part in (
        *(state.rules.keys, state.rules.facts, state.rules.last_values, state.rules.warming),
        *(places.zones, places.doors, places.fire_alarms, places.buttons),
        *(state.devices, state.people, state.alerts.kept, state.alerts.cooling),
        *(paging.escalations, paging.queues, paging.recent),
    ):
        _moved(part, by)
    for (rule, key), t in due.items():
        row = state.rules.keys[rule][key]
        if isinstance(row, AbsenceState):
            row.due = t


def time_of(time: TimeState, at: datetime, tolerance: timedelta) -> datetime:
    """Return a sender's time while our clock is in doubt, by our clock, and count which clock it agrees with.

    A sender whose clock agrees with ours before the step would be wrong by the step. Of the two times that its own can
    mean, the one closer to the present counts; one ahead of it by more than the tolerance is none.
    """
    doubt, t = time.doubt, utc(at)
    if doubt is None:
        return t
    moved, latest = later(t, doubt.by), later(time.now, tolerance)
    is_before = moved <= latest and (t > latest or moved > t)
    found = moved if is_before else t
    if later(time.now, -abs(doubt.by) / 2) < found <= latest:
        # An older one was kept somewhere: it may mean either clock.
        doubt.agreeing = max(0, doubt.agreeing + (-1 if is_before else 1))
    return found


def due(time: TimeState) -> datetime | None:
    """Return when our clock is judged sound, as far as that is certain now.

    It is when it is back where it was before the step, or when enough messages agree with it.
    """
    doubt = time.doubt
    if doubt is None:
        return None
    if abs(doubt.by) < CLOCK_STEP:
        return doubt.since + timedelta.resolution
    return doubt.since + QUIET if doubt.agreeing >= AGREEING else None


def end_doubt(time: TimeState) -> Iterator[MonitorClockSound]:
    """Judge our clock sound if that is due, and yield the notice."""
    doubt, t = time.doubt, due(time)
    if doubt is not None and t is not None and t <= time.now:
        time.doubt = None
        yield MonitorClockSound(at=time.now, host=doubt.host)


def _dated(rule_set: RuleSet) -> frozenset[str]:
    """Return the rules that wait for a date and not for a time to pass."""
    return frozenset(
        row.id for row in rule_set.rules if row.absence is not None and row.absence.until
    )


def _timer(timer: Timer, by: timedelta, dated: frozenset[str]) -> Timer:
    match timer:
        case RuleTimer(rule=rule) if rule in dated:
            return timer
        case RuleTimer() | LivenessTimer() | KeepFiringTimer() | EscalationTimer() | QueueTimer():
            return replace(timer, due=later(timer.due, by))
        case (
            ChecklistTimer()
            | MaskTimer()
            | OverrideTimer()
            | ReadinessTimer()
            | ScheduleTimer()
            | ShelvingTimer()
            | StayTimer()
            | VerificationTimer()
        ):
            return timer
        case _:
            assert_never(timer)


T = TypeVar("T")


def _moved(part: T, by: timedelta) -> T:
    """Return a part of the state with its times moved; what can be changed is changed in place."""
    moved: object = part
    match part:
        case datetime():
            moved = part if part == LONG_AGO else later(part, by)
        case TimestampedEvent():
            # One object may be in several places; its message has the time by the clock before.
            moved = replace(part, t=later(part.t, by), message=0)
        case Event() | Alert() | ZoneStatus():
            pass  # as it was received or published
        case Struct():
            moved = _moved_struct(part, by)
        case dict():
            for key, value in part.items():
                part[key] = _moved(value, by)
        case list():
            part[:] = [_moved(value, by) for value in part]
        case tuple():
            moved = tuple(_moved(value, by) for value in part)
        case _:
            pass
    return moved  # type: ignore[return-value]


def _moved_struct(part: Struct, by: timedelta) -> Struct:
    fields = {name: _moved(getattr(part, name), by) for name in part.__struct_fields__}
    if part.__struct_config__.frozen:
        return replace(part, **fields)
    for name, value in fields.items():
        setattr(part, name, value)
    return part
