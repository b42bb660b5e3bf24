"""Turns shelved alerts and masks into silences, and finds again which silences are ours.

What the monitor says wins: a silence of ours that somebody changed or ended there is put back. Those that people made
there are theirs: they hide nothing here. Life safety is never silenced by us.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.transitions import Mask
from monitor.sinks.alertmanager.api import Matcher, Silence
from monitor.sinks.alertmanager.labels import LONGEST_ANNOTATION, LONGEST_LABEL

_MARK = re.compile(r" \[venue-monitor ([a-z0-9-]+) ((?:alert|mask) [0-9a-f]+)\]$")
"""The end of a comment of ours: whose, and what for."""
_ROUNDED = timedelta(seconds=1)
"""Alertmanager keeps milliseconds."""


def wanted(
    alerts: Iterable[Alert], masks: Iterable[Mask], monitor: str, now: datetime
) -> dict[str, Silence]:
    """Return the silences that should be in force, by what they are for."""
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
            comment=_comment(alert.note or "shelved", monitor, f"alert {alert.id}"),
        )
    return found


def ours(silences: Iterable[Silence], monitor: str) -> dict[str, list[Silence]]:
    """Return those of Alertmanager's silences in force that are ours, by what they are for."""
    found: dict[str, list[Silence]] = {}
    for silence in silences:
        mark = _MARK.search(silence.comment)
        ended = silence.status is not None and silence.status.state == "expired"
        if mark and mark[1] == monitor and not ended:
            found.setdefault(mark[2], []).append(silence)
    return {what: sorted(rows, key=lambda row: row.id) for what, rows in found.items()}


def changed(wants: Silence, has: Silence) -> Silence | None:
    """Return what to send so that a silence becomes as it should be; ``None`` if it is."""
    same = (
        set(wants.matchers) == set(has.matchers)
        and abs(wants.ends_at - has.ends_at) < _ROUNDED
        and wants.created_by == has.created_by
        and wants.comment == has.comment
    )
    return None if same else replace(wants, id=has.id)


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


def _comment(reason: str, monitor: str, what: str) -> str:
    return f"{reason[:LONGEST_ANNOTATION]} [venue-monitor {monitor} {what}]"
