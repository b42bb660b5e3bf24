"""Which measured values move: one that never does is a stuck sensor, or typed in."""

from collections.abc import Iterator

from monitor.core.event import AnyEvent
from monitor.core.event.concluded import ReadingChanged
from monitor.core.event.noticed import MonitorKeysCapped
from monitor.core.event.work import ReadingRecorded
from monitor.core.place import Place, Places
from monitor.core.state import Moment, State

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
