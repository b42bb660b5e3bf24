"""Alerts: each step of their life, all that are open, and how many."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.alert import Alert
from monitor.core.transitions import AlertChanged
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.read_model import OpenAlert, Picture
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import Ground


def follow(told: AlertChanged, ground: Ground, picture: Picture) -> Iterator[to.AlertEvent]:
    """Take a step of an alert that isn't silent in; yield it."""
    alert = told.alert
    subject, msg = ground.told(alert)
    after = (told.at - alert.raised_at).total_seconds()
    yield to.AlertEvent(
        site=alert.site or NONE,
        zone=alert.zone or NONE,
        point=alert.point or NONE,
        rule=alert.rule,
        severity=alert.severity,
        change=str(told.change),
        code=to.SEVERITY_CODES[alert.severity],
        alert_id=alert.id,
        subject=subject,
        msg=msg,
        actor=ground.person(told.who),
        ack_s=int(after) if told.change == "acknowledged" else None,
        open_s=int(after) if told.change == "closed" else None,
    )
    if not alert.is_open:
        picture.alerts.pop(alert.id, None)
        return
    before = picture.alerts.get(alert.id)
    picture.alerts[alert.id] = OpenAlert(
        alarm=_alarm(alert, picture) if before is None else before.alarm,
        rule=alert.rule,
        severity=alert.severity,
        site=alert.site or NONE,
        zone=alert.zone or NONE,
        point=alert.point or NONE,
        subject=subject,
        msg=msg,
        condition=str(alert.condition),
        handling=str(alert.handling),
        owner=ground.person(alert.owner),
        occurrences=alert.occurrences,
        raised_at=alert.raised_at,
    )


def standing(t: datetime, picture: Picture) -> Iterator[to.AlertOpen]:
    """Yield every open alert."""
    for name, row in picture.alerts.items():
        yield to.AlertOpen(
            site=row.site,
            zone=row.zone,
            point=row.point,
            rule=row.rule,
            severity=row.severity,
            alarm=row.alarm,
            code=to.SEVERITY_CODES[row.severity],
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


def counts(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.AlertCount]:
    """Yield how many alerts are open in each zone of the venue, in each site outside its zones, and nowhere."""
    groups: dict[tuple[str, str, str], list[OpenAlert]] = {
        (site, zone, severity): []
        for site, zone in _everywhere(ground)
        for severity in to.SEVERITY_CODES
    }
    for row in picture.alerts.values():
        groups.setdefault((row.site, row.zone, row.severity), []).append(row)
    for (site, zone, severity), rows in groups.items():
        new = [row for row in rows if row.handling == "new"]
        shelved = sum(row.handling == "shelved" for row in rows)
        yield to.AlertCount(
            site=site,
            zone=zone,
            severity=severity,
            open=len(rows) - shelved,
            unacknowledged=len(new),
            shelved=shelved,
            oldest_s=max((_age(row, t) for row in new), default=0),
        )


def _everywhere(ground: Ground) -> Iterator[tuple[str, str]]:
    yield NONE, NONE
    for site in ground.venue.sites:
        yield site.id, NONE
    for zone in ground.venue.zones:
        yield zone.site, zone.id


def _alarm(alert: Alert, picture: Picture) -> str:
    """Return what an alert is shown under: the same for the same rule and place, with a number if that is taken."""
    name = f"{alert.rule}:{alert.point or alert.zone or alert.site or NONE}"
    taken = {row.alarm for row in picture.alerts.values()}
    n, free = 1, name
    while free in taken:
        n += 1
        free = f"{name}:{n}"
    return free


def _age(row: OpenAlert, t: datetime) -> int:
    return max(0, int((t - row.raised_at).total_seconds()))
