"""Effects: each is taken once, in order, and no timer is set for ever."""

from datetime import timedelta

from monitor.core.effects import FARTHEST, Effects
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.state.time import TimeState
from monitor.core.state.timers import MaskTimer
from monitor.core.transitions import StaffAct, StaffRefused
from tests.support.engine import START


def test_effects_are_taken_once() -> None:
    """Transitions, derived events and notices are each taken in the order in which they were reported."""
    effects = Effects(TimeState(now=START))
    acts: tuple[StaffAct, ...] = ("mask", "unmask")
    refused = [StaffRefused(at=START, who="ann", act=act, alert="a", reason="") for act in acts]
    capped = [MonitorKeysCapped(at=START, rule=name) for name in "ab"]
    for row, event in zip(refused, capped, strict=True):
        effects.emit(row)
        effects.derive(event)
        effects.notice(event)
    assert effects.take_transitions() == refused
    assert effects.take_derived() == capped
    assert effects.take_notices() == capped
    assert (effects.take_transitions(), *effects.take_derived(), *effects.take_notices()) == ([],)


def test_no_timer_is_set_for_later_than_ten_years() -> None:
    """A date at the end of the calendar would never be reached, and some such dates can't be added to."""
    time = TimeState(now=START)
    Effects(time).wake(MaskTimer(START + 2 * FARTHEST, "m"))
    Effects(time).wake(MaskTimer(START + timedelta(1), "m"))
    assert [timer.due for timer in time.timers] == [START + timedelta(1), START + FARTHEST]
