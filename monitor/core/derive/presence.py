"""Whether anyone is in each zone. Treat an uncertain count as occupied, and a missing one as unknown."""

from datetime import datetime

from monitor.core.derive.occupancy import zone_state
from monitor.core.effects import Effects
from monitor.core.events.derived import ZoneOccupancy, ZonePresence
from monitor.core.events.vocabulary import Presence
from monitor.core.events.zone import ZoneClosed, ZoneOpened
from monitor.core.state.places import ZoneState
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.transitions import ZoneStatus
from monitor.core.venue.places import Place, Places

FOLLOWED = (ZoneOccupancy, ZoneOpened, ZoneClosed)
"""The event types after which this may change."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive whether anyone is in a zone, if that has changed."""
    if not place.zone:
        return
    record = zone_state(state, places, place.zone)
    before = record.presence
    event = current(record, timestamped.t)
    if record.presence != before:
        effects.derive(event)


def current(record: ZoneState, t: datetime) -> ZonePresence:
    """Return whether anyone is in a zone, and record it as derived."""
    status = record.status
    record.presence = _presence(status), status.open is True
    state, is_open = record.presence
    return ZonePresence(at=t, zone=status.zone, state=state, open=is_open)


def _presence(status: ZoneStatus) -> Presence:
    if status.occupancy is None:
        return "unknown"
    return "empty" if status.at_most == 0 else "occupied"
