"""Measurements of the monitor itself: every 10 s, at the time of writing."""

from typing import Annotated

from monitor.sinks.influx.schema import (
    NONE,
    FieldKey,
    Measurement,
    TagKey,
)


class MonitorMeasurement(Measurement, frozen=True, tag="monitor"):
    """The heartbeat of the monitor: without a fresh point, no other measurement can be trusted."""

    congress: Annotated[str, TagKey("the congress's id")] = NONE
    alive: Annotated[int, FieldKey("always 1")] = 1
    behind_s: Annotated[
        float, FieldKey("age of the oldest input not yet in InfluxDB; 0: none", "s")
    ] = 0.0
    seq: Annotated[int, FieldKey("number of the latest input in the journal")] = 0
    head: Annotated[
        str, FieldKey("head of the journal's hash chain, for `journal verify --head`")
    ] = ""
    events: Annotated[int, FieldKey("messages decoded since the start")] = 0
    rejected: Annotated[int, FieldKey("messages rejected since the start")] = 0
    queue: Annotated[int, FieldKey("messages received but not yet processed")] = 0
    connected: Annotated[int, FieldKey("the monitor is connected to the broker", "0/1")] = 0
    catching_up: Annotated[int, FieldKey("the monitor is processing a backlog", "0/1")] = 0
    commit_ms: Annotated[
        float | None, FieldKey("average duration of a commit since the last point", "ms")
    ] = None
    durable_ms: Annotated[
        float | None, FieldKey("average time from arrival to disk since the last point", "ms")
    ] = None


class ReaderMeasurement(Measurement, frozen=True, tag="reader"):
    """A reader of the journal: a sink and its position."""

    reader: Annotated[str, TagKey("the sink's name: `mqtt`, `influx` ...")] = NONE
    lag: Annotated[int, FieldKey("inputs that it has not processed", "inputs")] = 0
    trouble: Annotated[int, FieldKey("it cannot deliver at present", "0/1")] = 0
    refused: Annotated[int, FieldKey("entries refused since the start")] = 0


SELF_METRICS: tuple[type[Measurement], ...] = (MonitorMeasurement, ReaderMeasurement)
