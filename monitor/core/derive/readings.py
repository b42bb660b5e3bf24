"""Which measured values move: one that never does is a stuck sensor, or typed in."""

from collections.abc import Iterator

from monitor.core.events import AnyEvent
from monitor.core.events.derived import ReadingChanged
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.events.work import ReadingRecorded
from monitor.core.state.state import Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (ReadingRecorded,)
"""The event types that say something about it."""
MOST = 50_000
"""Series that are followed."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    """Take a reading in; yield it where its value is another than before, or the first."""
    del places, place
    said = moment.event
    if not isinstance(said, ReadingRecorded):
        return
    series = f"{said.asset} / {said.quantity}"
    before = state.readings.get(series)
    if before == said.value:
        return
    if before is None and len(state.readings) >= MOST:
        yield MonitorKeysCapped(at=moment.t, rule="series of readings")
        return
    state.readings[series] = said.value
    yield ReadingChanged(at=moment.t, asset=said.asset, quantity=said.quantity, value=said.value)
