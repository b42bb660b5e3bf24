"""The daily digest: once a day, the people whom the roster names get one page about how things stand."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.core.alert import Alert, Handling
from monitor.core.ids import derived_id
from monitor.core.oncall.escalation_policy import recipients
from monitor.core.phrase import phrase
from monitor.core.roster import Roster
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.core.state.state import State
from monitor.core.transitions import DailyDigest, PageOrdered

if TYPE_CHECKING:
    from monitor.core.events.vocabulary import ReadinessState

MOST_SHOWN = 20
"""The most alerts, and the most masks, that a digest contains in full; it counts the others."""


def next_due(roster: Roster, after: datetime) -> datetime | None:
    """Return when the next digest is due; ``None`` if the roster wants none."""
    return min((t for t in roster.digest_times if t > after), default=None)


def order(state: State, due: datetime) -> Iterator[PageOrdered]:
    """Yield the digest that is due at a time, for each of its people.

    Silent alerts are not in it: only the people of their own policy may know of them.
    """
    paging, now = state.paging, state.time.now
    if paging.roster is None:
        return
    alerts = sorted(
        (row for row in state.alerts.open.values() if not row.silent),
        key=lambda row: (SEVERITIES.index(row.severity), row.raised_at, row.id),
    )
    shown = alerts[:MOST_SHOWN]
    daily = _content(state, alerts)
    named = recipients(paging.roster, paging.overrides, paging.roster.digest_to, None, now)
    for person in named:
        yield PageOrdered(
            at=now,
            id=derived_id("daily", person, due.isoformat()),
            person=person,
            kind="daily",
            reason=phrase("daily-digest"),
            alerts=tuple(shown),
            more=tuple(row.id for row in alerts[MOST_SHOWN:]),
            others=tuple(name for name in named if name != person),
            daily=daily,
        )


def _content(state: State, alerts: list[Alert]) -> DailyDigest:
    severities: dict[Severity, int] = {}
    for row in alerts:
        severities[row.severity] = severities.get(row.severity, 0) + 1
    zones: dict[ReadinessState, list[str]] = {}
    for status in state.readiness.statuses.values():
        if status.zone:
            zones.setdefault(status.state, []).append(status.zone)
    shelved = [row for row in alerts if row.handling is Handling.SHELVED]
    masks = sorted(state.alerts.masks.values(), key=lambda row: (row.until, row.id))
    return DailyDigest(
        severities=severities,
        shelved=tuple(shelved[:MOST_SHOWN]),
        masks=tuple(masks[:MOST_SHOWN]),
        more=len(shelved[MOST_SHOWN:]) + len(masks[MOST_SHOWN:]),
        zones={name: tuple(sorted(rows)) for name, rows in sorted(zones.items())},
        undelivered=state.paging.undelivered,
    )
