"""Changes of measured values: a value that never changes comes from a stuck sensor, or was copied by hand."""

from monitor.core.effects import Effects
from monitor.core.events.derived import ReadingChanged
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.events.work import ReadingRecorded
from monitor.core.state.senders import has_room
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (ReadingRecorded,)
"""The event types from which it is derived."""
MOST = 50_000
"""The limit of series tracked."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive that a reading has changed, or is the first."""
    del places, place
    event = timestamped.event
    if not isinstance(event, ReadingRecorded):
        return
    series = f"{event.asset} / {event.quantity}"
    before = state.work.readings.get(series)
    if before == event.value:
        return
    if before is None and not has_room(state, event, len(state.work.readings), MOST):
        effects.derive(MonitorKeysCapped(at=timestamped.t, rule="series of readings"))
        return
    state.work.readings[series] = event.value
    effects.derive(
        ReadingChanged(
            at=timestamped.t, asset=event.asset, quantity=event.quantity, value=event.value
        )
    )
