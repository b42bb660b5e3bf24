"""The flow through access points: passages and denials, minute by minute."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.core.events.access import AccessDenied, AccessGranted, AccessTaken
from monitor.core.meaning.passage import passage_of
from monitor.sinks.influx.read_model import ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.state_measurements import FlowMeasurement
from monitor.sinks.influx.tags import TagSource
from monitor.sinks.influx.timestamps import nanoseconds

Counted = AccessGranted | AccessTaken | AccessDenied
"""The event types that `count` takes."""
MINUTE = 60
LONGEST_FLOW = 24 * 60
"""Minutes; older events, which a broker had kept, are only in `access`."""
_IN, _OUT, _DENIED = 0, 1, 2


def count(event: Counted, t: datetime, tags: TagSource, model: ReadModel) -> None:
    """Count a passage or a denial in its minute, unless that minute is already written."""
    minute = nanoseconds(t) // (MINUTE * 10**9)
    if minute < model.flow_from:
        return
    if isinstance(event, AccessDenied):
        column = _DENIED
    elif (passage := passage_of(event, tags.point(event.point))) is not None:
        column = _OUT if passage.direction == "out" else _IN
    else:
        return
    model.minutes.setdefault(minute, {}).setdefault(event.point, [0, 0, 0])[column] += 1


def flow(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[tuple[FlowMeasurement, int]]:
    """Yield the flow of each minute that ended at least a minute ago, with the minute's start in nanoseconds."""
    latest = nanoseconds(t - timedelta(seconds=2 * MINUTE)) // (MINUTE * 10**9)
    first = max(model.flow_from or latest, latest - LONGEST_FLOW)
    for minute in range(first, latest + 1):
        rows = model.minutes.get(minute, {})
        for place in tags.places.points.values():
            passed_in, passed_out, denied = rows.get(place.point, (0, 0, 0))
            yield (
                FlowMeasurement(
                    site=place.site or NONE,
                    zone=place.zone or NONE,
                    point=place.point,
                    passed_in=passed_in,
                    passed_out=passed_out,
                    denied=denied,
                    per_hour=(passed_in + passed_out) * 60,
                ),
                minute * MINUTE * 10**9,
            )
    model.flow_from = latest + 1
    model.minutes = {minute: rows for minute, rows in model.minutes.items() if minute > latest}
