"""Turns shelved alerts and masks into silences, and recognises the monitor's own silences.

The monitor wins: one of its silences that was changed or ended in Alertmanager is restored. Silences made by people in
Alertmanager are left alone and have no effect in the monitor. The monitor never silences life safety.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.transitions import Mask
from monitor.sinks.alertmanager.api import Matcher, Silence
from monitor.sinks.alertmanager.labels import LONGEST_ANNOTATION, LONGEST_LABEL
from monitor.texts import plain

_MARK = re.compile(r" \[venue-monitor ([a-z0-9-]+) ((?:alert|mask) [0-9a-f]+)\]$")
"""The end of the comment of one of the monitor's silences: the congress and the subject."""
_ROUNDED = timedelta(seconds=1)
"""The precision of comparing times: Alertmanager keeps milliseconds."""


def wanted(
    alerts: Iterable[Alert], masks: Iterable[Mask], monitor: str, now: datetime
) -> dict[str, Silence]:
    """Return the silences that should be in force, by subject."""
    found: dict[str, Silence] = {}
    masks = [mask for mask in masks if mask.until - now > _ROUNDED]
    for mask in masks:
        found[f"mask {mask.id}"] = Silence(
            matchers=_of_mask(mask, monitor),
            starts_at=now,
            ends_at=mask.until,
            created_by=mask.owner,
            comment=_comment(mask.reason, monitor, f"mask {mask.id}"),
        )
    for alert in alerts:
        until = alert.shelved_until
        if (
            alert.handling is not Handling.SHELVED
            or alert.severity == "life_safety"
            or until is None
            or until - now <= _ROUNDED
            or any(mask.until == until and mask.hides(alert) for mask in masks)
        ):
            continue
        found[f"alert {alert.id}"] = Silence(
            matchers=(_is("alert", alert.id), _is("monitor", monitor)),
            starts_at=now,
            ends_at=until,
            created_by=alert.owner or "venue-monitor",
            comment=_comment(plain(alert.note) or "shelved", monitor, f"alert {alert.id}"),
        )
    return found


def ours(silences: Iterable[Silence], monitor: str) -> dict[str, list[Silence]]:
    """Return the monitor's own silences that are in force, by subject."""
    found: dict[str, list[Silence]] = {}
    for silence in silences:
        mark = _MARK.search(silence.comment)
        ended = silence.status is not None and silence.status.state == "expired"
        if mark and mark[1] == monitor and not ended:
            found.setdefault(mark[2], []).append(silence)
    return {subject: sorted(rows, key=lambda row: row.id) for subject, rows in found.items()}


def changed(wanted: Silence, present: Silence) -> Silence | None:
    """Return the silence to send so that the present one becomes the wanted one; ``None`` if they are the same."""
    same = (
        set(wanted.matchers) == set(present.matchers)
        and abs(wanted.ends_at - present.ends_at) < _ROUNDED
        and wanted.created_by == present.created_by
        and wanted.comment == present.comment
    )
    return None if same else replace(wanted, id=present.id)


def _of_mask(mask: Mask, monitor: str) -> tuple[Matcher, ...]:
    place = {"point": mask.point, "zone": mask.zone, "site": mask.site}
    rule = (_is("alertname", mask.what),) if mask.what != "*" else ()
    return (
        _is("monitor", monitor),
        *rule,
        *(_is(name, value) for name, value in place.items() if value),
        Matcher(name="severity", value="life_safety", is_equal=False),
    )


def _is(name: str, value: str) -> Matcher:
    return Matcher(name=name, value=value[:LONGEST_LABEL])


def _comment(reason: str, monitor: str, subject: str) -> str:
    return f"{reason[:LONGEST_ANNOTATION]} [venue-monitor {monitor} {subject}]"
