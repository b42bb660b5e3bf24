"""Which numbers of a sender's own count have come: one that never does is an event that was lost on the way."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.events import AnyEvent
from monitor.core.events.derived import DeviceCounted, DeviceGap
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.state.state import Counter, Gap, Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (DeviceCounted,)
"""The event types that carry a number."""
PATIENCE = timedelta(minutes=1)
"""A number that is missing for so long, while its sender goes on, is lost. Judgement: twice a reconnection."""
MOST_SENDERS, MOST_GAPS = 10_000, 100


def counted(said: AnyEvent, topic: str) -> DeviceCounted:
    """Return the number that an event carries, and whose it is: its counter's, its device's, or its topic's."""
    sender = said.counter or getattr(said, "device", "") or topic[:128]
    return DeviceCounted(at=said.at, device=sender, source_seq=said.source_seq)


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    """Take a number in; yield those before it that have not come in time. What comes again from a memory fills gaps."""
    del places, place
    said = moment.event
    if not isinstance(said, DeviceCounted) or said.source_seq is None:
        return
    number, counter = said.source_seq, state.counters.get(said.device)
    if counter is None:
        if not moment.news:
            return
        if len(state.counters) >= MOST_SENDERS:
            yield MonitorKeysCapped(at=moment.t, rule="senders that count")
            return
        counter = state.counters[said.device] = Counter(moment.t, number)
    if number > counter.last:
        if number > counter.last + 1:
            counter.gaps.append(Gap(moment.t, counter.last + 1, number - 1))
        counter.last = number
    elif not _fill(counter, number) and moment.news and not moment.late and moment.t > counter.at:
        # Lower than before, and later: the sender was replaced, or has lost its count.
        counter.last = number
    counter.at = max(counter.at, moment.t)
    lost = [gap for gap in counter.gaps if moment.t - gap.since >= PATIENCE]
    lost = lost or counter.gaps[:-MOST_GAPS]
    if lost:
        del counter.gaps[: len(lost)]
        yield DeviceGap(
            at=moment.t,
            device=said.device,
            missing=sum(gap.last - gap.first + 1 for gap in lost),
            first=lost[0].first,
            last=lost[-1].last,
        )


def _fill(counter: Counter, number: int) -> bool:
    """Take a number out of the gaps; return whether it was missing."""
    for at, gap in enumerate(counter.gaps):
        if gap.first <= number <= gap.last:
            parts = ((gap.first, number - 1), (number + 1, gap.last))
            rest = [Gap(gap.since, first, last) for first, last in parts if first <= last]
            counter.gaps[at : at + 1] = rest
            return True
    return False
