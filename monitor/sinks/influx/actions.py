"""Corrective actions: how many are open."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from monitor.core.events import kind_of
from monitor.core.events.work import Action, ActionOpened
from monitor.core.readiness.open_items import MOST
from monitor.core.utc import utc
from monitor.sinks.influx.read_model import ActionRecord, ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import TagSource
from monitor.sinks.influx.work_measurements import ActionOpenMeasurement

PROJECTED = frozenset(get_args(Action))
"""The event types that `project` takes."""
ENDED = ("verified", "cancelled")


def project(event: Action, t: datetime, _tags: TagSource, model: ReadModel) -> tuple[()]:
    """Apply an event of an action; its own point is written by `events`."""
    row = model.actions.get(event.action)
    if row is None:
        if len(model.actions) >= MOST:
            return ()
        row = model.actions[event.action] = ActionRecord(t)
    row.zone = event.zone or row.zone
    if isinstance(event, ActionOpened):
        row.lead, row.severity = event.lead, event.severity
        row.due = None if event.due_at is None else utc(event.due_at)
    if t >= row.at:
        row.at = t
        row.stage = kind_of(event).rpartition(".")[2]
    return ()


def counts(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[ActionOpenMeasurement]:
    """Yield the open actions of each agency by zone and severity, with a zero for each agency of the venue."""
    groups: dict[tuple[str, str, str, str], list[ActionRecord]] = {
        (NONE, NONE, agency.id, NONE): [] for agency in tags.venue.agencies
    }
    for row in model.actions.values():
        where = tags.zone(row.zone)
        group = (where.site, where.zone, tags.name("lead", row.lead), row.severity or NONE)
        rows = groups.setdefault(group, [])
        if row.stage not in ENDED:
            rows.append(row)
    for (site, zone, lead, severity), rows in groups.items():
        yield ActionOpenMeasurement(
            site=site,
            zone=zone,
            lead=lead,
            severity=severity,
            open=len(rows),
            unverified=sum(row.stage == "done" for row in rows),
            overdue=sum(row.due is not None and row.due <= t for row in rows),
        )
