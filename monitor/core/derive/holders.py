"""Where each holder was last seen: how long a way took, who left without going in, who has to report after an alarm."""

from collections.abc import Iterator

from msgspec.structs import replace

from monitor.core.derive.occupancy import zone_state
from monitor.core.events import AnyEvent
from monitor.core.events.access import AccessGranted, AccessMuster, AccessTaken
from monitor.core.events.derived import SiteAlarm
from monitor.core.events.derived_people import (
    HolderMoved,
    HolderStrayed,
    MusterExpected,
    MusterOver,
)
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.events.zone import ZoneCount
from monitor.core.state.state import Moment, Seen, State
from monitor.core.venue.places import NOWHERE, Place, Places

FOLLOWED = (AccessGranted, AccessTaken, AccessMuster, SiteAlarm, ZoneCount)
"""The event types that say where somebody is, or that everybody has to report."""
MOST = 50_000
"""Holders that are followed; attackers choose badges."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    """Take an event in; yield a way from one site to another, and who has to report, or no longer."""
    said = moment.event
    if not moment.news and not isinstance(said, SiteAlarm):
        # A passage that was kept moves nobody: it may be of yesterday. An alarm stands until it is over.
        return
    match said:
        case AccessTaken(holder=holder) | AccessGranted(holder=holder) if holder and place.site:
            if place.passage_sensor == isinstance(said, AccessTaken):
                yield from _pass(state, places, moment, place)
        case AccessMuster(holder=holder) if holder in state.seen:
            state.seen[holder] = replace(state.seen[holder], mustering=False)
        case ZoneCount(count=0) if place.zone:
            # After a mere closing somebody may still be inside, if it burns.
            _forget(state, moment, place.zone)
        case SiteAlarm(site=site, active=active):
            yield from _muster(state, moment, site, begins=active)
        case _:
            pass


def awaited(state: State) -> Iterator[Moment]:
    """Yield who has to report and has not, since the alarm began: for rules that have not heard of it yet."""
    for holder, seen in state.seen.items():
        since = state.mustering.get(seen.site)
        if seen.mustering and since is not None:
            said = MusterExpected(at=since, zone=seen.zone or "", holder=holder)
            yield Moment(since, 0, said)


def _forget(state: State, moment: Moment, zone: str) -> None:
    """Put down of those who were seen in a zone last that nobody knows where they are."""
    for holder, seen in state.seen.items():
        if seen.zone == zone and seen.at <= moment.t:
            state.seen[holder] = replace(seen, zone=None)


def _muster(state: State, moment: Moment, site: str, *, begins: bool) -> Iterator[AnyEvent]:
    """Yield everybody who is inside and has to report from now on, or need not any more."""
    if begins and site in state.mustering:
        return  # told again: who has reported need not do so twice
    if begins:
        state.mustering[site] = state.turn if moment.late else moment.t
    else:
        state.mustering.pop(site, None)
    for holder, seen in state.seen.items():
        if seen.site != site or seen.mustering == begins or (begins and not seen.zone):
            continue
        state.seen[holder] = replace(seen, mustering=begins)
        if begins:
            yield MusterExpected(at=moment.t, zone=seen.zone or "", holder=holder)
        else:
            yield MusterOver(at=moment.t, holder=holder)


def _stray(
    state: State, places: Places, moment: Moment, place: Place, before: Seen
) -> Iterator[AnyEvent]:
    """Yield that somebody leaves a zone into which he or she had not gone, where all ways in are counted.

    Who was inside when a zone was closed may still come out. Once it has been closed for a night and opened again,
    whoever was not seen since has gone home; for a muster only a passage says so.
    """
    said = moment.event
    if not isinstance(said, AccessGranted | AccessTaken):
        return
    left = {"in": place.outer_zone, "out": place.zone}.get(said.direction, "")
    if not places.zones.get(left, NOWHERE).anti_passback:
        return
    if before.zone in (None, left) and before.at > zone_state(state, places, left).night_at:
        return
    yield HolderStrayed(
        at=moment.t,
        holder=said.holder,
        point=said.point,
        left=left,
        last_zone=before.zone or "",
    )


def _pass(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    said = moment.event
    if not isinstance(said, AccessGranted | AccessTaken):
        return
    before = state.seen.pop(said.holder, None)
    if len(state.seen) >= MOST:
        # They stand in the order in which they were seen: who has left longest ago is forgotten first.
        oldest = next(iter(state.seen))
        if state.seen[oldest].zone:
            yield MonitorKeysCapped(at=moment.t, rule="whereabouts of holders")
            return
        del state.seen[oldest]
    if before is not None and before.site != place.site:
        took = (moment.t - before.at).total_seconds()
        needed = places.way(before.site, place.site).total_seconds()
        yield HolderMoved(
            at=moment.t,
            holder=said.holder,
            point=said.point,
            came_from=before.site,
            took_s=took,
            short_by_s=max(0.0, needed - took),
        )
    zone = {"in": place.zone, "out": place.outer_zone}.get(said.direction)
    if before is not None:
        yield from _stray(state, places, moment, place, before)
    expected = before is not None and before.mustering
    elsewhere = before is not None and before.site != place.site
    left = expected and (elsewhere or zone == "")
    seen = Seen(moment.t, place.site, zone, mustering=expected and not left)
    state.seen[said.holder] = seen
    if left:
        yield MusterOver(at=moment.t, holder=said.holder)
