"""Where each holder was last seen: travel times, exits without an entry, and who must report after an alarm."""

from collections.abc import Iterator

from msgspec.structs import replace

from monitor.core.derive import muster_roll
from monitor.core.derive.occupancy import zone_state
from monitor.core.effects import Effects
from monitor.core.events.access import AccessGranted, AccessMuster, AccessTaken
from monitor.core.events.derived import SiteAlarm
from monitor.core.events.derived_people import (
    HolderMoved,
    HolderStrayed,
    MusterExpected,
    MusterOver,
)
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.events.zone import ZoneCount
from monitor.core.meaning.passage import Passage, passage_of
from monitor.core.state.people import HolderLocation, Reported
from monitor.core.state.senders import has_room
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import NOWHERE, Place, Places

FOLLOWED = (AccessGranted, AccessTaken, AccessMuster, SiteAlarm, ZoneCount)
"""The event types that show where a holder is, or that everyone must report."""
MOST = 50_000
"""The limit of holders tracked, since attackers choose badges."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Track holders; derive their travel between sites, and who must report, or no longer must."""
    event, holders = timestamped.event, state.people.holders
    if not timestamped.live and not isinstance(event, SiteAlarm):
        # A replayed passage moves no one: it may be from yesterday. A replayed alarm still counts.
        return
    match event:
        case AccessTaken() | AccessGranted():
            passage = passage_of(event, place)
            if passage is not None and passage.holder and passage.site:
                _pass(state, places, timestamped, passage, effects)
        case AccessMuster(holder=holder) if holder in holders:
            holders[holder] = replace(holders[holder], mustering=False)
            muster_roll.report(state, holder, Reported(timestamped.t, "badge"))
        case ZoneCount(count=0) if place.zone:
            # Closing a zone does not empty it: people may still be inside during a fire.
            _forget(state, timestamped, place.zone)
        case SiteAlarm():
            _muster(state, timestamped, event, effects)
        case _:
            pass


def awaited(state: State) -> Iterator[TimestampedEvent]:
    """Yield the holders who must report and have not since the alarm began: for new rules."""
    for holder, seen in state.people.holders.items():
        since = state.people.mustering.get(seen.site)
        if seen.mustering and since is not None:
            event = MusterExpected(at=since, zone=seen.zone or "", holder=holder)
            yield TimestampedEvent(since, 0, event)


def _forget(state: State, timestamped: TimestampedEvent, zone: str) -> None:
    """Set the location of holders last seen in an empty zone to unknown."""
    for holder, seen in state.people.holders.items():
        if seen.zone == zone and seen.at <= timestamped.t:
            state.people.holders[holder] = replace(seen, zone=None)


def _muster(
    state: State, timestamped: TimestampedEvent, alarm: SiteAlarm, effects: Effects
) -> None:
    """Derive everyone inside who must report from now on, or no longer must."""
    people, site, begins = state.people, alarm.site, alarm.active
    if begins and site in people.mustering:
        return  # a repeated alarm: no one has to report twice
    if begins:
        since = state.time.watermark if timestamped.late else timestamped.t
        people.mustering[site] = since
        muster_roll.begin(state, site, since)
    else:
        muster_roll.end(state, site, timestamped.t)
        people.mustering.pop(site, None)
    for holder, seen in people.holders.items():
        if seen.site != site or seen.mustering == begins or (begins and not seen.zone):
            continue
        people.holders[holder] = replace(seen, mustering=begins)
        if begins:
            effects.derive(MusterExpected(at=timestamped.t, zone=seen.zone or "", holder=holder))
        else:
            effects.derive(MusterOver(at=timestamped.t, holder=holder))


def _pass(
    state: State, places: Places, timestamped: TimestampedEvent, passage: Passage, effects: Effects
) -> None:
    holders, t = state.people.holders, timestamped.t
    before = holders.pop(passage.holder, None)
    if not has_room(state, timestamped.event, len(holders), MOST):
        # In the order in which they were last seen: the holder seen longest ago is forgotten first.
        oldest = next(iter(holders))
        if holders[oldest].zone:
            effects.derive(MonitorKeysCapped(at=t, rule="whereabouts of holders"))
            return
        del holders[oldest]
    elsewhere = before is not None and before.site != passage.site
    if before is not None and elsewhere:
        took = (t - before.at).total_seconds()
        needed = places.way(before.site, passage.site).total_seconds()
        effects.derive(
            HolderMoved(
                at=t,
                holder=passage.holder,
                point=passage.point,
                came_from=before.site,
                took_s=took,
                short_by_s=max(0.0, needed - took),
            )
        )
    if before is not None:
        _stray(state, places, timestamped, passage, before, effects)
    expected = before is not None and before.mustering
    is_gone = elsewhere or passage.entered == ""
    left = expected and is_gone
    if is_gone:
        muster_roll.report(state, passage.holder, Reported(t, "left"))
    holders[passage.holder] = HolderLocation(
        t, passage.site, passage.entered, mustering=expected and not left
    )
    if left:
        effects.derive(MusterOver(at=t, holder=passage.holder))


def _stray(  # noqa: PLR0913, PLR0917 - two passages of one holder
    state: State,
    places: Places,
    timestamped: TimestampedEvent,
    passage: Passage,
    before: HolderLocation,
    effects: Effects,
) -> None:
    """Derive that a holder left a zone without having entered it, if all ways in are counted.

    A holder who was inside when a zone was closed may still come out. Once it has been closed for a night and opened
    again, holders not seen since have left; a muster counts them until a passage shows it.
    """
    left = passage.left or ""
    if not places.zones.get(left, NOWHERE).anti_passback:
        return
    if before.zone in (None, left) and before.at > zone_state(state, places, left).night_at:
        return
    effects.derive(
        HolderStrayed(
            at=timestamped.t,
            holder=passage.holder,
            point=passage.point,
            left=left,
            last_zone=before.zone or "",
        )
    )
