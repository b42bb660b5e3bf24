"""Posts and rounds: which posts are staffed, whether crowd managers suffice, and which stations a round missed."""

from math import ceil

from monitor.core.effects import Effects
from monitor.core.events.derived import ZoneOccupancy
from monitor.core.events.derived_people import RoundWalked, ZoneStaffed
from monitor.core.events.people import (
    PostManned,
    PostUnmanned,
    RoundFinished,
    RoundStarted,
    RoundStation,
)
from monitor.core.rules.computed import PEOPLE_PER_MANAGER
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (PostManned, PostUnmanned, RoundStarted, RoundStation, RoundFinished, ZoneOccupancy)
"""The event types from which it is derived."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive how many crowd managers a zone needs and has, and which stations a finished round missed."""
    del place
    match timestamped.event:
        case PostManned(post=post) | PostUnmanned(post=post) as event if post in places.posts:
            state.people.manned[post] = isinstance(event, PostManned)
            _staff(state, places, places.posts[post].zone, timestamped, effects)
        case ZoneOccupancy(zone=zone):
            _staff(state, places, zone, timestamped, effects)
        case RoundStarted() as event if event.round in places.rounds:
            state.people.visited[event.round] = ()
        case RoundStation() as event if event.round in places.rounds:
            before = state.people.visited.get(event.round, ())
            if event.station in places.rounds[event.round].stations and event.station not in before:
                state.people.visited[event.round] = (*before, event.station)
        case RoundFinished() as event if event.round in places.rounds:
            visited = state.people.visited.pop(event.round, ())
            missed = [row for row in places.rounds[event.round].stations if row not in visited]
            effects.derive(
                RoundWalked(
                    at=timestamped.t,
                    round=event.round,
                    who=event.who,
                    missing=", ".join(missed),
                    missed=len(missed),
                )
            )
        case _:
            pass


def _staff(
    state: State, places: Places, zone: str, timestamped: TimestampedEvent, effects: Effects
) -> None:
    posts = [
        row for row in places.posts.values() if row.zone == zone and row.kind == "crowd_manager"
    ]
    if not posts:
        return
    record = state.places.zones.get(zone)
    people = 0 if record is None else record.status.occupancy or 0
    needed = ceil(people / PEOPLE_PER_MANAGER)
    on_duty = sum(state.people.manned.get(row.id, False) for row in posts)
    if state.people.staffed.get(zone) != (needed, on_duty):
        state.people.staffed[zone] = (needed, on_duty)
        effects.derive(
            ZoneStaffed(
                at=timestamped.t,
                zone=zone,
                needed=needed,
                on_duty=on_duty,
                missing=max(0, needed - on_duty),
            )
        )
