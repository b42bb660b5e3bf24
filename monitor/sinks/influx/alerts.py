"""Alerts: each change, the open ones, and their number."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.alert import Alert, Handling
from monitor.core.transitions import AlertChanged
from monitor.sinks.influx.event_measurements import AlertEventMeasurement
from monitor.sinks.influx.measurements import SEVERITY_CODES
from monitor.sinks.influx.read_model import OpenAlert, ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.state_measurements import AlertCountMeasurement, AlertOpenMeasurement
from monitor.sinks.influx.tags import TagSource
from monitor.texts.language import POP_ISOLATE, RIGHT_TO_LEFT_ISOLATE, languages
from monitor.texts.words import severity_in_words

if TYPE_CHECKING:
    from monitor.core.rules.model import Severity

LATELY = timedelta(minutes=10)
"""The span in which alerts are counted, for the rate that one person can handle (EEMUA 191)."""
STALE = 24 * 3600
"""Seconds after which an open alert is stale (EEMUA 191)."""


def project(
    changed: AlertChanged, tags: TagSource, model: ReadModel
) -> Iterator[AlertEventMeasurement]:
    """Apply a change of an alert that is not silent; yield it."""
    alert = changed.alert
    subject, titles = tags.subject_and_titles(alert)
    about = tags.rule_names(alert.rule)
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
        msg=titles["en"],
        msg_vi=titles["vi"],
        msg_ar=_in_order(titles["ar"], "ar"),
        rule_name=about["en"],
        rule_name_vi=about["vi"],
        rule_name_ar=_in_order(about["ar"], "ar"),
        actor=tags.person(changed.who),
        ack_s=int(after) if changed.change == "acknowledged" and not alert.needs_owner else None,
        open_s=int(after) if changed.change == "closed" else None,
        disposition=alert.disposition,
    )
    if changed.change == "raised":
        model.raised.append((changed.at, alert.site or NONE, alert.zone or NONE, alert.severity))
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
        msg=titles["en"],
        titles=titles,
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
            msg_vi=row.titles.get("vi", row.msg),
            msg_ar=_in_order(row.titles.get("ar", row.msg), "ar"),
            headline=headline(row, "en"),
            headline_vi=headline(row, "vi"),
            headline_ar=headline(row, "ar"),
            place=_place(row, t),
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
    groups: dict[tuple[str, str, Severity], list[OpenAlert]] = {
        (site, zone, severity): [] for site, zone in _places(tags) for severity in SEVERITY_CODES
    }
    for row in model.alerts.values():
        groups.setdefault((row.site, row.zone, row.severity), []).append(row)
    model.raised = [row for row in model.raised if row[0] > t - LATELY]
    raised = Counter(row[1:] for row in model.raised if row[0] <= t)
    for group in raised:
        groups.setdefault(group, [])
    for (site, zone, severity), rows in groups.items():
        new = [row for row in rows if row.handling == "new"]
        shelved = sum(row.handling == "shelved" for row in rows)
        active = sum(row.handling != "shelved" and row.condition == "active" for row in rows)
        yield AlertCountMeasurement(
            site=site,
            zone=zone,
            severity=severity,
            open=len(rows) - shelved,
            active=active,
            unacknowledged=len(new),
            shelved=shelved,
            oldest_s=max((_age(row, t) for row in new), default=0),
            raised_10m=raised[site, zone, severity],
            stale=sum(_age(row, t) > STALE for row in rows),
        )


def headline(row: OpenAlert, tag: str) -> str:
    """Return an alert in one line: its priority in code and word, whether anybody has it, and its title."""
    language = languages()[tag]
    if row.condition == "cleared":
        state = language.gettext("over")
    elif row.handling == "new":
        state = language.gettext("nobody has it")
    elif row.handling == "acknowledged":
        state = language.gettext("acknowledged")
    else:
        state = language.gettext("shelved")
    if row.handling == "new" and row.condition == "active":
        state = state.upper()
    words = severity_in_words(row.severity, language)
    title = row.titles.get(tag, row.msg)
    return _in_order(f"P{SEVERITY_CODES[row.severity]} {words} · {state} · {title}", tag)


def _in_order(text: str, tag: str) -> str:
    """Return a text whose words stay in order on a page that is written from left to right, as all of Grafana's are."""
    is_rtl = languages()[tag].is_rtl
    return f"{RIGHT_TO_LEFT_ISOLATE}{text}{POP_ISOLATE}" if is_rtl and text else text


def _place(row: OpenAlert, t: datetime) -> int:
    """Return a number that sorts alerts: by severity, then what is still so, then the newest first."""
    over = row.condition != "active"
    return (SEVERITY_CODES[row.severity] * 2 + over) * 10**9 + min(_age(row, t), 10**9 - 1)


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
