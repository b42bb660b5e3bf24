"""Alerts: each change, the open ones, and their number."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.alert import Alert, Handling
from monitor.core.transitions import AlertChanged
from monitor.sinks.influx.event_measurements import AlertEventMeasurement
from monitor.sinks.influx.measurements import SEVERITY_CODES
from monitor.sinks.influx.read_model import OpenAlert, ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.state_measurements import AlertCountMeasurement, AlertOpenMeasurement
from monitor.sinks.influx.tags import TagSource


def project(
    changed: AlertChanged, tags: TagSource, model: ReadModel
) -> Iterator[AlertEventMeasurement]:
    """Apply a change of an alert that is not silent; yield it."""
    alert = changed.alert
    subject, msg = tags.subject_and_title(alert)
    after = (changed.at - alert.raised_at).total_seconds()
    yield AlertEventMeasurement(
        site=alert.site or NONE,
        zone=alert.zone or NONE,
        point=alert.point or NONE,
        rule=alert.rule,
        severity=alert.severity,
        change=str(changed.change),
        code=SEVERITY_CODES[alert.severity],
        alert_id=alert.id,
        subject=subject,
        msg=msg,
        actor=tags.person(changed.who),
        ack_s=int(after) if changed.change == "acknowledged" and not alert.needs_owner else None,
        open_s=int(after) if changed.change == "closed" else None,
        disposition=alert.disposition,
    )
    if not alert.is_open:
        model.alerts.pop(alert.id, None)
        return
    before = model.alerts.get(alert.id)
    model.alerts[alert.id] = OpenAlert(
        alarm=_alarm(alert, model) if before is None else before.alarm,
        rule=alert.rule,
        severity=alert.severity,
        site=alert.site or NONE,
        zone=alert.zone or NONE,
        point=alert.point or NONE,
        subject=subject,
        msg=msg,
        condition=alert.condition,
        handling=Handling.NEW if alert.needs_owner else alert.handling,
        owner="" if alert.needs_owner else tags.person(alert.owner),
        occurrences=alert.occurrences,
        raised_at=alert.raised_at,
    )


def states(t: datetime, model: ReadModel) -> Iterator[AlertOpenMeasurement]:
    """Yield every open alert."""
    for name, row in model.alerts.items():
        yield AlertOpenMeasurement(
            site=row.site,
            zone=row.zone,
            point=row.point,
            rule=row.rule,
            severity=row.severity,
            alarm=row.alarm,
            code=SEVERITY_CODES[row.severity],
            alert_id=name,
            subject=row.subject,
            msg=row.msg,
            condition=row.condition,
            handling=row.handling,
            unacknowledged=int(row.handling == "new"),
            owner=row.owner,
            occurrences=row.occurrences,
            since=int(row.raised_at.timestamp() * 1000),
            age_s=_age(row, t),
        )


def counts(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[AlertCountMeasurement]:
    """Yield the number of open alerts of each zone, of each site outside its zones, and of those without a place."""
    groups: dict[tuple[str, str, str], list[OpenAlert]] = {
        (site, zone, severity): [] for site, zone in _places(tags) for severity in SEVERITY_CODES
    }
    for row in model.alerts.values():
        groups.setdefault((row.site, row.zone, row.severity), []).append(row)
    for (site, zone, severity), rows in groups.items():
        new = [row for row in rows if row.handling == "new"]
        shelved = sum(row.handling == "shelved" for row in rows)
        yield AlertCountMeasurement(
            site=site,
            zone=zone,
            severity=severity,
            open=len(rows) - shelved,
            unacknowledged=len(new),
            shelved=shelved,
            oldest_s=max((_age(row, t) for row in new), default=0),
        )


def _places(tags: TagSource) -> Iterator[tuple[str, str]]:
    yield NONE, NONE
    for site in tags.venue.sites:
        yield site.id, NONE
    for zone in tags.venue.zones:
        yield zone.site, zone.id


def _alarm(alert: Alert, model: ReadModel) -> str:
    """Return the name of an alert on a dashboard: the rule and the place, with a number if that name is in use."""
    name = f"{alert.rule}:{alert.point or alert.zone or alert.site or NONE}"
    taken = {row.alarm for row in model.alerts.values()}
    n, free = 1, name
    while free in taken:
        n += 1
        free = f"{name}:{n}"
    return free


def _age(row: OpenAlert, t: datetime) -> int:
    return max(0, int((t - row.raised_at).total_seconds()))
