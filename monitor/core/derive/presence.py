"""Whether anybody is in each zone: a number that may be too low, or none at all, is not nobody."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.derive.occupancy import zone_state
from monitor.core.events.derived import ZoneOccupancy, ZonePresence
from monitor.core.events.vocabulary import Presence
from monitor.core.events.zone import ZoneClosed, ZoneOpened
from monitor.core.state.state import Moment, State, ZoneState
from monitor.core.transitions import ZoneStanding
from monitor.core.venue.places import Place, Places

FOLLOWED = (ZoneOccupancy, ZoneOpened, ZoneClosed)
"""The event types after which it may be otherwise."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[ZonePresence]:
    """Take an event in; yield whether anybody is in its zone, if that is otherwise than before."""
    if not place.zone:
        return
    record = zone_state(state, places, place.zone)
    before = record.presence
    said = told(record, moment.t)
    if record.presence != before:
        yield said


def told(record: ZoneState, t: datetime) -> ZonePresence:
    """Put down that rules are told whether anybody is in a zone; return what they are told."""
    standing = record.standing
    record.presence = _presence(standing), standing.open is True
    state, is_open = record.presence
    return ZonePresence(at=t, zone=standing.zone, state=state, open=is_open)


def _presence(standing: ZoneStanding) -> Presence:
    if standing.occupancy is None:
        return "unknown"
    return "empty" if standing.at_most == 0 else "occupied"
