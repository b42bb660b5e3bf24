"""Sequence gaps: sequence numbers of a sender that never arrive belong to lost messages."""

from datetime import timedelta

from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.derived import DeviceCounted, DeviceGap
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.state.devices import Gap, SequenceCounter
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (DeviceCounted,)
"""The event types that carry a number."""
PATIENCE = timedelta(minutes=1)
"""A number missing for this long while its sender continues is lost. Judgement: twice a reconnection."""
MOST_SENDERS, MOST_GAPS = 10_000, 100


def counted(event: AnyEvent, topic: str) -> DeviceCounted:
    """Return the number that an event carries, and its sender: the counter, the device, or else the topic."""
    sender = event.counter or getattr(event, "device", "") or topic[:128]
    return DeviceCounted(at=event.at, device=sender, source_seq=event.source_seq)


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Record a sequence number; derive the earlier ones that have not arrived in time. Replayed messages fill gaps."""
    del place
    event = timestamped.event
    if not isinstance(event, DeviceCounted) or event.source_seq is None:
        return
    number, counter = event.source_seq, state.devices.counters.get(event.device)
    if counter is None:
        if not timestamped.live:
            return
        if len(state.devices.counters) >= MOST_SENDERS and event.device not in places.devices:
            effects.derive(MonitorKeysCapped(at=timestamped.t, rule="senders that count"))
            return
        counter = state.devices.counters[event.device] = SequenceCounter(timestamped.t, number)
    if number > counter.last:
        if number > counter.last + 1:
            counter.gaps.append(Gap(timestamped.t, counter.last + 1, number - 1))
        counter.last = number
    elif (
        not _fill(counter, number)
        and timestamped.live
        and not timestamped.late
        and timestamped.t > counter.at
    ):
        # A lower number at a later time: the sender was replaced or has lost its count.
        counter.last = number
    counter.at = max(counter.at, timestamped.t)
    lost = [gap for gap in counter.gaps if timestamped.t - gap.since >= PATIENCE]
    lost = lost or counter.gaps[:-MOST_GAPS]
    if lost:
        del counter.gaps[: len(lost)]
        effects.derive(
            DeviceGap(
                at=timestamped.t,
                device=event.device,
                missing=sum(gap.last - gap.first + 1 for gap in lost),
                first=lost[0].first,
                last=lost[-1].last,
            )
        )


def _fill(counter: SequenceCounter, number: int) -> bool:
    """Remove a number from the gaps; return whether it was missing."""
    for at, gap in enumerate(counter.gaps):
        if gap.first <= number <= gap.last:
            parts = ((gap.first, number - 1), (number + 1, gap.last))
            rest = [Gap(gap.since, first, last) for first, last in parts if first <= last]
            counter.gaps[at : at + 1] = rest
            return True
    return False
