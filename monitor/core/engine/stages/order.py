"""Order: hold events until our clock is `lateness` past them, so that slower but earlier ones are processed first.

The watermark is our clock less the lateness. It does not advance while the monitor catches up after a gap. Afterwards a
backlog may be due all at once: a step takes no more of it than the limit, and ticks take the rest, one part each.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import groupby

import msgspec

from monitor.core.events.derived import ChannelDropped, ChannelExpected
from monitor.core.events.inspection import InspectionScheduled, InspectionStarted
from monitor.core.events.people import (
    OrderGiven,
    ReportClosed,
    ReportFiled,
    RequestOpened,
    RoundFinished,
    RoundStarted,
)
from monitor.core.events.work import ActionCancelled, ActionOpened, ActionVerified
from monitor.core.inputs import Input, Tick
from monitor.core.state.time import TimestampedEvent, TimeState
from monitor.core.state.timers import WatermarkTimer
from monitor.core.utc import later

CLOCK_SET_BACK = timedelta(minutes=1)
"""If our own clock is set back by more than this, time continues from there."""
BEGINS = frozenset(
    (
        ActionOpened,
        InspectionScheduled,
        InspectionStarted,
        OrderGiven,
        ReportFiled,
        RequestOpened,
        RoundStarted,
    )
)
ENDS = frozenset((ActionCancelled, ActionVerified, ReportClosed, RoundFinished))
"""Types of work that never goes backwards: an order is given before it is confirmed."""
OF_ROSTER = frozenset((ChannelDropped, ChannelExpected))
"""Types that follow from rosters. The last roster counts, and no sender sends them: their numbers are their order."""
LONGEST_CATCH_UP = 30
"""The longest time for which the watermark is held after a gap, as a multiple of the lateness."""


def now_at(time: TimeState, received_at: datetime) -> datetime:
    """Return our time when an input is received: it never runs backwards, unless a person has set the clock back.

    An input recorded with this time has the same effect when replayed, even without the ticks before it.
    """
    now = time.now
    return received_at if received_at > now or now - received_at > CLOCK_SET_BACK else now


def hold(time: TimeState, timestamped: TimestampedEvent) -> None:
    """Buffer an event until the watermark passes it."""
    heappush(time.waiting, timestamped)


def catch_up(time: TimeState, lateness: timedelta) -> None:
    """Hold the watermark: the messages that the broker kept during a gap must arrive first."""
    time.catching_up_until = time.now + LONGEST_CATCH_UP * lateness


def go_on(time: TimeState, given: Input) -> bool:
    """Let a tick go on with what the limit of a step has left; return whether it had left anything."""
    was_cut = time.is_cut
    if was_cut and isinstance(given, Tick):
        time.is_cut = False
    return was_cut


def is_idle(time: TimeState, *, is_kept: bool) -> bool:
    """Return whether an input need not be kept; one that is kept begins to count towards the limit anew."""
    found = not is_kept and not time.is_cut
    if not found or not time.step_limit:
        time.passed = 0
    return found


def advance(time: TimeState, now: datetime, lateness: timedelta) -> bool:
    """Advance the watermark to a time less the lateness; return false if it is held, or a tick has to go on first."""
    if time.catching_up_until is not None and now >= time.catching_up_until:
        time.catching_up_until = None
    if time.is_catching_up:
        return False
    time.watermark = now - lateness
    return True


def advance_quietly(time: TimeState, now: datetime, lateness: timedelta) -> bool:
    """Set our time, and the watermark with it; change nothing and return false if it would pass anything."""
    held_until = time.catching_up_until
    if time.is_cut or (held_until is not None and now >= held_until):
        return False
    if held_until is None:
        watermark = now - lateness
        if has_passed(time, watermark):
            return False
        time.watermark = watermark
    time.now = now
    return True


def has_passed(time: TimeState, watermark: datetime) -> bool:
    """Return whether a watermark has passed anything: mostly it has not."""
    waiting, due = time.waiting, time.timers.due
    if waiting and waiting[0].t < watermark:
        return True
    return due is not None and due < watermark


def release(time: TimeState) -> Iterator[list[TimestampedEvent] | WatermarkTimer]:
    """Yield what the watermark has passed, in order: the events of one instant before its timers.

    What begins something is yielded first, then what ends it: senders often name only the second. What follows from
    rosters comes last, one by one. At the limit of a step the watermark stays where it got to.
    """
    waiting, timers, watermark = time.waiting, time.timers, time.watermark
    while not time.is_cut:
        t, due = waiting[0].t if waiting else None, timers.due
        if time.passed >= time.step_limit > 0 and has_passed(time, watermark):
            time.is_cut, time.watermark = True, min(filter(None, (t, due)))
            return
        if t is not None and t < watermark and (due is None or t <= due):
            group = [heappop(waiting)]
            while waiting and waiting[0].t == t:
                group.append(heappop(waiting))
            time.passed += len(group)
            if len(group) == 1:
                yield group
            else:
                group.sort(key=_by_content)
                for _, part in groupby(group, key=_step_of):
                    yield list(part)
        elif due is not None and due < watermark:
            time.passed += 1
            yield timers.pop()
        else:
            return


def due(time: TimeState, lateness: timedelta) -> datetime | None:
    """Return when the watermark next passes an item; ``None`` if nothing waits."""
    if time.is_cut:
        return time.now
    if time.catching_up_until is not None:
        return time.catching_up_until
    first = min(
        filter(None, (time.waiting[0].t if time.waiting else None, time.timers.due)), default=None
    )
    return None if first is None else later(first, lateness + timedelta.resolution)


def _step_of(timestamped: TimestampedEvent) -> tuple[int, int]:
    """Return which events of one instant are processed together, and in which order.

    First what can only begin something, then all others, then what can only end something, then rosters.
    """
    kind = type(timestamped.event)
    if kind in OF_ROSTER:
        return 2, timestamped.n
    return -1 if kind in BEGINS else int(kind in ENDS), 0


def _by_content(timestamped: TimestampedEvent) -> tuple[tuple[int, int], int, bytes]:
    """Sort events of one instant by beginning and end, sequence number, and content, not by their arrival."""
    event = timestamped.event
    return _step_of(timestamped), event.source_seq or 0, msgspec.json.encode(event)
