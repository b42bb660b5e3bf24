"""Puts our alerts into Alertmanager's words: labels decide what is the same alert, annotations are for people."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitor.core.alert import Alert, Change
from monitor.core.rules.model import Rule
from monitor.core.transitions import AlertChanged
from monitor.sinks.alertmanager.api import Posted

ALIVE = "VenueMonitorAlive"
"""Fires as long as the monitor lives: Alertmanager resolves it when it hears no more, and that is the alarm."""
LONGEST_LABEL = 200
LONGEST_ANNOTATION = 4_000
"""Characters. Alertmanager takes any length; the channels behind it don't. Judgement."""
_NO_NAME = re.compile(r"[^a-zA-Z0-9_]")


def firing(
    alert: Alert, rule: Rule | None, monitor: str, languages: Sequence[str], until: datetime
) -> Posted:
    """Return an open alert as it is told."""
    return Posted(
        labels=labels(alert, monitor),
        annotations=_kept(_annotations(alert, rule, languages)),
        starts_at=min(alert.happened_at, until),
        ends_at=until,
    )


def resolved(
    changed: AlertChanged, rule: Rule | None, monitor: str, languages: Sequence[str], now: datetime
) -> Posted:
    """Return a closed alert as it is told: with ``resolution``, which no alert has that only ran out."""
    at = min(changed.at, now)  # an end to come is none
    told = firing(changed.alert, rule, monitor, languages, at)
    return with_end(told, at, resolution=_resolution(changed))


def with_end(told: Posted, at: datetime, **why: str) -> Posted:
    """Return an alert as resolved, annotated with why: ``resolution``, or ``replaced`` if it is still so."""
    return Posted(
        labels=told.labels,
        annotations=told.annotations
        | {name: row[:LONGEST_ANNOTATION] for name, row in why.items()},
        starts_at=min(told.starts_at, at),
        ends_at=at,
    )


def alive(monitor: str, since: datetime, until: datetime, hold: timedelta) -> Posted:
    """Return the alert that says that the monitor lives."""
    return Posted(
        labels={"alertname": ALIVE, "monitor": monitor, "severity": "none"},
        annotations={
            "summary": f"The venue monitor of {monitor} is alive",
            "description": "Fires always. Resolved means that the monitor has fallen silent for "
            f"{hold.total_seconds():g} s: nothing that it told before is known to be over.",
        },
        starts_at=since,
        ends_at=until,
    )


def labels(alert: Alert, monitor: str) -> dict[str, str]:
    """Return what makes an alert the same one: never anything that changes while it is the same to people.

    The id is among them. Without it, what fails, is put right and fails again within Alertmanager's group interval
    would be told to nobody.
    """
    return _kept(
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


def _annotations(alert: Alert, rule: Rule | None, languages: Sequence[str]) -> dict[str, str]:
    first, *others = languages
    titles = dict(_titles(alert, rule))
    told = {
        "summary": titles.get(first, alert.title),
        "description": alert.do,
        "runbook_url": rule.url if rule else "",
        "key": alert.key,
        "condition": alert.condition.value,
        "owner": alert.owner,
        "late": "reported long after it happened" if alert.late else "",
    }
    for language in ("en", *others) if first != "en" else others:
        told[slug(f"summary_{language}")] = titles.get(language, "")
    return told


def _titles(alert: Alert, rule: Rule | None) -> Iterator[tuple[str, str]]:
    yield "en", alert.title  # the language of the rule files
    if rule is not None:
        for language, title in rule.titles.items():
            yield language, title.format_map(_Values(alert.values))


class _Values(dict[str, str]):
    """An alert that was raised before its rule's title was changed may lack what the new one names."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _resolution(changed: AlertChanged) -> str:
    if changed.change is Change.CLEARED:
        return f"cleared at {changed.at:%Y-%m-%d %H:%M}Z"
    if changed.who:
        return f"closed by {changed.who}: {changed.note or 'no note'}"
    return f"withdrawn: {changed.note}"


def slug(name: str) -> str:
    """Return a name as Alertmanager takes it before 0.27: letters, digits, underscores, no digit in front."""
    plain = _NO_NAME.sub("_", name).lower()
    return f"_{plain}" if plain[:1].isdigit() else plain


def _kept(told: dict[str, str], longest: int = LONGEST_ANNOTATION) -> dict[str, str]:
    """Leave out what is empty, as Alertmanager does, and cut what is too long."""
    return {
        name: value if len(value) <= longest else value[: longest - 1] + "…"
        for name, value in told.items()
        if value
    }
