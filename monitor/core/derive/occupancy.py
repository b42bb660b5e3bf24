"""How many persons are in each zone, and whether it is open: followed from counts, passages and zone events."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.derived import ZoneOccupancy
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.core.state.state import Moment, State, ZoneState
from monitor.core.transitions import ZoneChanged, ZoneStanding
from monitor.core.venue.places import Place, Places

FOLLOWED = (
    AccessGranted,
    AccessTaken,
    ZoneCount,
    ZoneOpened,
    ZoneClosed,
)
"""The event types that say something about it."""
NIGHT = timedelta(hours=4)
"""Closed for so long before it opens, a zone was closed for the night. Judgement: longer than any break."""


def publish(state: State) -> list[ZoneChanged]:
    """Return what has changed since this was asked last."""
    changed: list[ZoneChanged] = []
    for zone in state.unpublished:
        standing = state.zones[zone].standing
        if state.published.get(zone) != standing:
            state.published[zone] = standing
            changed.append(ZoneChanged(at=state.now, standing=standing))
    state.unpublished = {}
    return changed


def zone_state(state: State, places: Places, zone: str) -> ZoneState:
    """Return what is remembered of a zone, beginning to remember it if need be."""
    found = state.zones.get(zone)
    if found is None:
        place = places.zones.get(zone)
        capacity = (
            place.of_zone.capacity if place is not None and place.of_zone is not None else None
        )
        site = "" if place is None else place.site
        found = state.zones[zone] = ZoneState(ZoneStanding(zone=zone, site=site, capacity=capacity))
    return found


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[ZoneOccupancy]:
    """Take an event in; yield each zone of the venue whose number of persons is another now.

    A zone with a counting device is what that device says. In the others passages are added up: ``access.taken``, or
    ``access.granted`` where the point has no passage sensor.
    """
    match moment.event:
        case ZoneCount(zone=zone) | ZoneOpened(zone=zone) | ZoneClosed(zone=zone) if (
            zone not in places.zones
        ):
            return
        case ZoneCount(zone=zone, count=count):
            record = zone_state(state, places, zone)
            if record.counted_at is None or record.counted_at <= moment.t:
                record.counted_at = moment.t
                record.leaks, record.uncounted = {}, 0
                yield from put(state, record, count, moment)
        case ZoneOpened(zone=zone) | ZoneClosed(zone=zone):
            record = zone_state(state, places, zone)
            if record.opened_at <= moment.t:
                record.opened_at = moment.t
                is_open = isinstance(moment.event, ZoneOpened)
                _note_night(record, moment.t, is_open=is_open)
                touch(state, record, replace(record.standing, open=is_open))
        case AccessTaken() | AccessGranted():
            if moment.news:
                yield from _pass(state, places, moment, place)
        case _:
            pass


def told(record: ZoneState, count: int, t: datetime) -> ZoneOccupancy:
    """Return how many are inside, as rules are told."""
    return ZoneOccupancy(
        at=t,
        zone=record.standing.zone,
        count=count,
        exact=not record.leaks and not record.uncounted,
        at_least=record.standing.at_least,
        at_most=record.standing.at_most,
    )


def touch(state: State, record: ZoneState, standing: ZoneStanding) -> None:
    """Put down a zone's new standing and have it published."""
    if standing != record.standing:
        record.standing = standing
        state.unpublished[standing.zone] = None


def _note_night(record: ZoneState, t: datetime, *, is_open: bool) -> None:
    """Put down since when a zone has been closed; when it opens, that this was a night."""
    if not is_open:
        record.shut_at = record.shut_at or t
    elif record.shut_at is not None:
        if t - record.shut_at >= NIGHT:
            record.night_at = record.shut_at
        record.shut_at = None


def _pass(state: State, places: Places, moment: Moment, place: Place) -> Iterator[ZoneOccupancy]:
    point, said = place.of_point, moment.event
    if point is None or point.passage_sensor != isinstance(said, AccessTaken):
        return
    direction = getattr(said, "direction", "unknown")
    if direction == "unknown":
        return
    step = 1 if direction == "in" else -1
    for zone, delta in ((place.zone, step), (place.outer_zone, -step)):
        if zone:
            record = zone_state(state, places, zone)
            if record.counted_at is None:
                yield from put(
                    state, record, max(0, (record.standing.occupancy or 0) + delta), moment
                )


def put(state: State, record: ZoneState, count: int, moment: Moment) -> Iterator[ZoneOccupancy]:
    """Put down how many are inside, as a range where some may have passed uncounted; yield it if it is news."""
    least = 0 if record.leaks else max(0, count - record.uncounted)
    most = None if record.leaks else count + record.uncounted
    before = record.standing
    now = replace(before, occupancy=count, at_least=least, at_most=most)
    if now != before:
        touch(state, record, now)
        yield told(record, count, moment.t)
