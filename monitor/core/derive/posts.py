"""Who stands where somebody has to, whether the crowd managers are enough, and which stations a round has missed."""

from collections.abc import Iterator
from math import ceil

from monitor.core.events import AnyEvent
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
from monitor.core.state.state import Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (PostManned, PostUnmanned, RoundStarted, RoundStation, RoundFinished, ZoneOccupancy)
"""The event types that say something about it."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    """Take an event in; yield how many crowd managers a zone needs and has, and what a finished round has missed."""
    del place
    match moment.event:
        case PostManned(post=post) | PostUnmanned(post=post) as said if post in places.posts:
            state.manned[post] = isinstance(said, PostManned)
            yield from _staff(state, places, places.posts[post].zone, moment)
        case ZoneOccupancy(zone=zone):
            yield from _staff(state, places, zone, moment)
        case RoundStarted() as said if said.round in places.rounds:
            state.visited[said.round] = ()
        case RoundStation() as said if said.round in places.rounds:
            before = state.visited.get(said.round, ())
            if said.station in places.rounds[said.round].stations and said.station not in before:
                state.visited[said.round] = (*before, said.station)
        case RoundFinished() as said if said.round in places.rounds:
            visited = state.visited.pop(said.round, ())
            missed = [row for row in places.rounds[said.round].stations if row not in visited]
            yield RoundWalked(
                at=moment.t,
                round=said.round,
                who=said.who,
                missing=", ".join(missed),
                missed=len(missed),
            )
        case _:
            pass


def _staff(state: State, places: Places, zone: str, moment: Moment) -> Iterator[ZoneStaffed]:
    posts = [
        row for row in places.posts.values() if row.zone == zone and row.kind == "crowd_manager"
    ]
    if not posts:
        return
    record = state.zones.get(zone)
    people = 0 if record is None else record.standing.occupancy or 0
    needed = ceil(people / PEOPLE_PER_MANAGER)
    on_duty = sum(state.manned.get(row.id, False) for row in posts)
    if state.staffed.get(zone) != (needed, on_duty):
        state.staffed[zone] = (needed, on_duty)
        yield ZoneStaffed(
            at=moment.t, zone=zone, needed=needed, on_duty=on_duty, missing=max(0, needed - on_duty)
        )
