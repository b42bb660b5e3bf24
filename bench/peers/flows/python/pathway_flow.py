"""The dataflow that Pathway runs in an environment of its own: its MQTT source, four rules by subject, two files out.

It acknowledges on arrival; the files are not synced.
"""

import os
from datetime import datetime

import pathway as pw
from alert_rules import Subject


class Event(pw.Schema):
    """The fields of an event that the rules read, and what tells two events apart."""

    id: str
    type: str
    at: str
    point: str | None = pw.column_definition(default_value=None)
    zone: str | None = pw.column_definition(default_value=None)
    device: str | None = pw.column_definition(default_value=None)
    checklist: str | None = pw.column_definition(default_value=None)
    count: int | None = pw.column_definition(default_value=None)
    raw: str


@pw.reducers.stateful_many
def raised(state, rows):
    """Take the events of one subject in the order of their time; the state has its alerts, too."""
    subject, alerts = (Subject(), ()) if state is None else state.value
    events = sorted((row for row, _ in rows), key=lambda row: row[1])
    for kind, at, point, zone, count in events:
        event = {"type": kind, "point": point, "zone": zone, "count": count}
        alerts += tuple(subject.take(event, datetime.fromisoformat(at).timestamp()))
    return pw.wrap_py_object((subject, alerts))


events = pw.io.mqtt.read(
    f"mqtt://127.0.0.1:{os.environ['BENCH_PORT']}?client_id=pathway&clean_session=false",
    "venue/#",
    qos=1,
    schema=Event,
    format="json",
    autocommit_duration_ms=100,
)
pw.io.jsonlines.write(events, os.environ["BENCH_EVENTS"])
keyed = events.select(
    pw.this.type,
    pw.this.at,
    pw.this.point,
    pw.this.zone,
    pw.this.count,
    subject=pw.coalesce(pw.this.point, pw.this.zone, pw.this.device, pw.this.checklist, ""),
)
judged = keyed.groupby(pw.this.subject).reduce(
    pw.this.subject,
    state=raised(pw.this.type, pw.this.at, pw.this.point, pw.this.zone, pw.this.count),
)
alerts = judged.select(
    text=pw.apply_with_type(lambda state: "\n".join(state.value[1]), str, pw.this.state)
).filter(pw.this.text != "")
pw.io.jsonlines.write(alerts, os.environ["BENCH_ALERTS"])
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
