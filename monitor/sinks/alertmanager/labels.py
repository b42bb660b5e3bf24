"""Translates alerts for Alertmanager: labels decide which alerts are the same, annotations are for people."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitor.core.alert import Alert, Change
from monitor.core.rules.model import Rule
from monitor.core.transitions import AlertChanged
from monitor.core.venue.display_names import NO_NAMES, DisplayNames
from monitor.sinks.alertmanager.api import PostableAlert
from monitor.texts import best, plain, title
from monitor.texts.procedure import procedure

ALIVE = "VenueMonitorAlive"
"""Fires as long as the monitor runs; Alertmanager resolves it when updates stop, and that is the alarm."""
LONGEST_LABEL = 200
LONGEST_ANNOTATION = 4_000
"""Characters. Alertmanager accepts any length, but its receivers do not. Judgement."""
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]")


def firing(  # noqa: PLR0913, PLR0917 - the parts of an alert in Alertmanager
    alert: Alert,
    rule: Rule | None,
    monitor: str,
    languages: Sequence[str],
    until: datetime,
    names: DisplayNames = NO_NAMES,
) -> PostableAlert:
    """Return an open alert for Alertmanager, firing until a time."""
    return PostableAlert(
        labels=labels(alert, monitor),
        annotations=_shortened(_annotations(alert, rule, languages, names)),
        starts_at=min(alert.happened_at, until),
        ends_at=until,
    )


def resolved(  # noqa: PLR0913, PLR0917 - the parts of an alert in Alertmanager
    changed: AlertChanged,
    rule: Rule | None,
    monitor: str,
    languages: Sequence[str],
    now: datetime,
    names: DisplayNames = NO_NAMES,
) -> PostableAlert:
    """Return a closed alert for Alertmanager, with the annotation ``resolution``, which an expired alert lacks."""
    at = min(changed.at, now)  # an end in the future would not resolve it
    alert = firing(changed.alert, rule, monitor, languages, at, names)
    return with_end(alert, at, resolution=_resolution(changed))


def with_end(alert: PostableAlert, at: datetime, **annotations: str) -> PostableAlert:
    """Return an alert as resolved, annotated with the reason: ``resolution``, or ``replaced`` if it is still open."""
    return PostableAlert(
        labels=alert.labels,
        annotations=alert.annotations
        | {name: row[:LONGEST_ANNOTATION] for name, row in annotations.items()},
        starts_at=min(alert.starts_at, at),
        ends_at=at,
    )


def alive(monitor: str, since: datetime, until: datetime, hold: timedelta) -> PostableAlert:
    """Return the alert that fires while the monitor runs."""
    return PostableAlert(
        labels={"alertname": ALIVE, "monitor": monitor, "severity": "none"},
        annotations={
            "summary": f"The venue monitor of {monitor} is running",
            "description": "Always firing. Resolved means that the monitor has been silent for "
            f"{hold.total_seconds():g} s: whether its alerts still hold is unknown.",
        },
        starts_at=since,
        ends_at=until,
    )


def labels(alert: Alert, monitor: str) -> dict[str, str]:
    """Return the labels of an alert: nothing that changes while people would call it the same alert.

    The id is a label. Without it, an alert that is closed and raised again within Alertmanager's group interval would
    not be notified.
    """
    return _shortened(
        {
            "alertname": alert.rule,
            "monitor": monitor,
            "alert": alert.id,
            "again": str(alert.returns or ""),
            "severity": alert.severity,
            "site": alert.site,
            "zone": alert.zone,
            "point": alert.point,
            "silent": "true" if alert.silent else "",
        },
        LONGEST_LABEL,
    )


def _annotations(
    alert: Alert, rule: Rule | None, languages: Sequence[str], names: DisplayNames
) -> dict[str, str]:
    first, *others = languages
    titles = dict(_titles(alert, rule, names))
    annotations = {
        "summary": titles.get(first, alert.title),
        "description": "\n".join(procedure(alert, rule, first)),
        "runbook_url": rule.url if rule else "",
        "key": alert.key,
        "condition": alert.condition.value,
        "owner": f"{alert.owner} (unverified)" if alert.unverified else alert.owner,
        "late": "reported long after it happened" if alert.late else "",
    }
    for language in ("en", *others) if first != "en" else others:
        annotations[slug(f"summary_{language}")] = titles.get(language, "")
    return annotations


def _titles(alert: Alert, rule: Rule | None, names: DisplayNames) -> Iterator[tuple[str, str]]:
    yield "en", alert.title  # the language of the rule files
    for tag in () if rule is None else rule.titles:
        yield tag, title(alert, rule, names, best((tag,)), tag)


def _resolution(changed: AlertChanged) -> str:
    if changed.change is Change.CLEARED:
        return f"cleared at {changed.at:%Y-%m-%d %H:%M}Z"
    if changed.who:
        return f"closed by {changed.who}: {plain(changed.note) or 'no note'}"
    return f"withdrawn: {plain(changed.note)}"


def slug(name: str) -> str:
    """Return a name that Alertmanager before 0.27 accepts: letters, digits and underscores, no leading digit."""
    plain = _NOT_IN_NAMES.sub("_", name).lower()
    return f"_{plain}" if plain[:1].isdigit() else plain


def _shortened(texts: dict[str, str], longest: int = LONGEST_ANNOTATION) -> dict[str, str]:
    """Omit empty texts, as Alertmanager does, and truncate long ones."""
    return {
        name: value if len(value) <= longest else value[: longest - 1] + "…"
        for name, value in texts.items()
        if value
    }
