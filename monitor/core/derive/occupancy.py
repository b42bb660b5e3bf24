"""How many people are in each zone, and whether it is open, from counts, passages and zone events."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from monitor.core.effects import Effects
from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.derived import ZoneOccupancy
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.core.meaning.passage import Passage, passage_of
from monitor.core.state.places import ZoneState
from monitor.core.state.state import State
from monitor.core.state.time import LONG_AGO, TimestampedEvent
from monitor.core.state.timers import StayTimer
from monitor.core.transitions import ZoneChanged, ZoneStatus
from monitor.core.venue.places import Place, Places

FOLLOWED = (
    AccessGranted,
    AccessTaken,
    ZoneCount,
    ZoneOpened,
    ZoneClosed,
)
"""The event types from which it is derived."""
MOST = 50_000
"""The limit of holders tracked in one zone, since attackers choose badges."""
COUNT_LASTS = timedelta(hours=1)
"""How long a count that names neither a device nor a person stands for those of a device. Judgement."""
NIGHT = timedelta(hours=4)
"""A zone that opens after being closed for this long was closed for the night. Judgement: longer than any break."""


def publish(state: State, effects: Effects) -> bool:
    """Emit the zones that have changed since they were last published; return whether there were any."""
    places, found = state.places, False
    # By name: a tick from which nothing follows is not written, so that a replay may touch them in another order.
    for zone in sorted(places.unpublished):
        status = places.zones[zone].status
        if places.published.get(zone) != status:
            places.published[zone] = status
            effects.emit(ZoneChanged(at=state.time.now, status=status))
            found = True
    places.unpublished = {}
    return found


def zone_state(state: State, places: Places, zone: str) -> ZoneState:
    """Return the state of a zone; a new one if there is none yet."""
    found = state.places.zones.get(zone)
    if found is None:
        place = places.zones.get(zone)
        capacity = (
            place.of_zone.capacity if place is not None and place.of_zone is not None else None
        )
        site = "" if place is None else place.site
        found = state.places.zones[zone] = ZoneState(
            ZoneStatus(zone=zone, site=site, capacity=capacity)
        )
    return found


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive the number of people in each zone of the venue, if it has changed.

    In a zone with a counting device, its count is used; elsewhere, passages are added up, from a count by hand on. A
    badge that is granted entry again is still one person, and where those who leave are not recorded, people count for
    their longest stay only.
    """
    match timestamped.event:
        case AccessTaken() | AccessGranted():
            if timestamped.live:
                _pass(state, places, timestamped, place, effects)
        case ZoneCount(zone=zone) | ZoneOpened(zone=zone) | ZoneClosed(zone=zone) if (
            zone not in places.zones
        ):
            return
        case ZoneCount(zone=zone, count=count) as event:
            record = zone_state(state, places, zone)
            if record.counted_at is None or record.counted_at <= timestamped.t:
                record.counted_at = timestamped.t
                record.counted_by = _counted_by(event, place)
                record.leaks, record.uncounted = {}, 0
                if not count or places.counting.get(zone) == "holders":
                    # Where no one is recorded leaving, nothing else shows who of those who entered is still there.
                    record.inside = {
                        name: at for name, at in record.inside.items() if at >= timestamped.t
                    }
                put(state, record, count, timestamped.t, effects)
                expire(places, record, timestamped.t, effects)
        case ZoneOpened(zone=zone) | ZoneClosed(zone=zone):
            record = zone_state(state, places, zone)
            if record.opened_at <= timestamped.t:
                record.opened_at = timestamped.t
                is_open = isinstance(timestamped.event, ZoneOpened)
                if _note_night(record, timestamped.t, is_open=is_open):
                    record.uncounted = 0
                    _put_again(state, record, timestamped.t, effects)
                touch(state, record, replace(record.status, open=is_open))
        case _:
            pass


def current(record: ZoneState, count: int, t: datetime) -> ZoneOccupancy:
    """Return the number of people inside, as rules receive it."""
    return ZoneOccupancy(
        at=t,
        zone=record.status.zone,
        count=count,
        exact=not record.leaks and not record.uncounted,
        at_least=record.status.at_least,
        at_most=record.status.at_most,
    )


def touch(state: State, record: ZoneState, status: ZoneStatus) -> None:
    """Set a zone's status, and mark it for publishing if it has changed."""
    if status != record.status:
        record.status = status
        state.places.unpublished[status.zone] = None


def is_counted(record: ZoneState, t: datetime) -> bool:
    """Return whether a device counts the people inside, so that passages and breaches change nothing."""
    match record.counted_by:
        case "device":
            return True
        case "hand":
            return False
        case _:
            return record.counted_at is not None and t - record.counted_at <= COUNT_LASTS


def _counted_by(event: ZoneCount, place: Place) -> Literal["device", "hand", ""]:
    if event.who:
        return "hand"
    zone = place.of_zone
    return "device" if event.device or (zone is not None and zone.counted_by) else ""


def _note_night(record: ZoneState, t: datetime, *, is_open: bool) -> bool:
    """Record when a zone closes, and when it opens, whether it was closed for a night; return that."""
    if not is_open:
        record.shut_at = record.shut_at or t
        return False
    shut_at, record.shut_at = record.shut_at, None
    if shut_at is None or t - shut_at < NIGHT:
        return False
    record.night_at = shut_at
    return True


def _pass(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    passage = passage_of(timestamped.event, place)
    if passage is None or passage.entered is None:
        return
    step = 1 if passage.direction == "in" else -1
    for zone, delta in ((place.zone, step), (place.outer_zone, -step)):
        counting = places.counting.get(zone, "none") if zone else "none"
        if counting == "none":
            continue
        record = zone_state(state, places, zone)
        if counting == "holders" or (
            passage.holder and isinstance(timestamped.event, AccessGranted)
        ):
            delta = _stay(record, _name(passage, timestamped), delta, timestamped.t)  # noqa: PLW2901
        if is_counted(record, timestamped.t) or (record.counted_at or LONG_AGO) >= timestamped.t:
            continue
        least = len(record.inside) if counting == "holders" else 0
        count = max(least, (record.status.occupancy or 0) + delta)
        put(state, record, count, timestamped.t, effects)
        expire(places, record, timestamped.t, effects)


def _name(passage: Passage, timestamped: TimestampedEvent) -> str:
    """Return a name for the person: passages without a holder are of different people."""
    return passage.holder or f"{timestamped.t.isoformat()} {timestamped.n}"


def _stay(record: ZoneState, name: str, delta: int, t: datetime) -> int:
    """Record that a person has entered or left; return by how many the number inside changes."""
    known = record.inside.pop(name, None)
    if delta < 0:
        return delta
    if known is None and len(record.inside) >= MOST:
        del record.inside[next(iter(record.inside))]
    record.inside[name] = t if known is None else max(t, known)
    return delta if known is None else 0


def expire(places: Places, record: ZoneState, t: datetime, effects: Effects) -> None:
    """Set the timer by which the next people inside, or the doubt about their number, expire."""
    zone = record.status.zone
    place = places.zones.get(zone)
    if place is None or place.of_zone is None:
        return
    if record.expires_at is not None and record.expires_at > t:
        return
    since = [record.uncounted_at] if record.uncounted else []
    if places.counting.get(zone) == "holders":
        since += [min(record.inside.values())] if record.inside else []
        if record.counted_at is not None and (record.status.occupancy or 0) > len(record.inside):
            since.append(record.counted_at)
    if since and not is_counted(record, t):
        record.expires_at = max(min(since) + place.of_zone.stays, t)
        effects.wake(StayTimer(record.expires_at, zone))


def on_timer(state: State, places: Places, zone: str, due: datetime, effects: Effects) -> None:
    """Take out the people who entered longer ago than anyone stays, and end a doubt that is as old."""
    record, place = state.places.zones.get(zone), places.zones.get(zone)
    if record is None or place is None or place.of_zone is None or record.expires_at != due:
        return
    record.expires_at = None
    before = due - place.of_zone.stays
    if record.uncounted_at <= before:
        record.uncounted = 0
    count = record.status.occupancy
    if places.counting[zone] == "holders":
        stay = {name: at for name, at in record.inside.items() if at > before}
        if count is not None and not is_counted(record, due):
            gone = len(record.inside) - len(stay)
            has_left = record.counted_at is None or record.counted_at <= before
            count = len(stay) if has_left else max(count - gone, len(stay))
        record.inside = stay
    if count is not None:
        put(state, record, count, due, effects)
    expire(places, record, due, effects)


def _put_again(state: State, record: ZoneState, t: datetime, effects: Effects) -> None:
    if record.status.occupancy is not None:
        put(state, record, record.status.occupancy, t, effects)


def put(state: State, record: ZoneState, count: int, t: datetime, effects: Effects) -> None:
    """Record the number of people inside, as a range if some may have passed uncounted; derive it if it has changed."""
    least = 0 if record.leaks else max(0, count - record.uncounted)
    most = None if record.leaks else count + record.uncounted
    before = record.status
    if (before.occupancy, before.at_least, before.at_most) != (count, least, most):
        touch(state, record, replace(before, occupancy=count, at_least=least, at_most=most))
        effects.derive(current(record, count, t))
