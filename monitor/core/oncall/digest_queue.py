"""Digest queues: which pages wait, why and until when, and the one page into which they are combined."""

from datetime import datetime, timedelta

from monitor.core.alert import Alert
from monitor.core.ids import derived_id
from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import NO_ROSTER, EscalationPolicy, Roster
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.core.state.paging import DigestQueue, PagingState, QueueReason
from monitor.core.state.state import State
from monitor.core.transitions import PageKind, PageOrdered

STALE = timedelta(minutes=5)
"""An alert raised this long after it happened does not page immediately; judgement."""
GATHER = timedelta(minutes=1)
"""How long such alerts are collected before they are sent together; judgement."""
MOST_SHOWN = 20
"""The most alerts that a digest contains in full, the worst first; it has the ids of the others."""


def reason_to_wait(
    state: State, policy: EscalationPolicy, alert: Alert, person: str, t: datetime
) -> tuple[QueueReason, datetime | None] | None:
    """Return why a page must wait, and until when; ``None`` to send it now, as always for life safety."""
    roster = state.paging.roster or NO_ROSTER
    if alert.severity == "life_safety":
        return None
    if is_catching_up(state, t):
        return "behind", None
    if alert.severity in roster.quiet_severities:
        quiet = quiet_until(roster, person, t)
        if quiet is not None:
            return "quiet", quiet
    if policy.digest:
        return "digest", t + policy.digest
    if is_flooded(state.paging, roster, person, alert.severity, t):
        return "flood", t + roster.flood.every
    return None


def is_catching_up(state: State, t: datetime) -> bool:
    """Return whether the monitor is still catching up at a time."""
    return state.time.catching_up_until is not None and t < state.time.catching_up_until


def is_old(alert: Alert) -> bool:
    """Return whether an alert was raised long after it happened."""
    return alert.late and alert.raised_at - alert.happened_at > STALE


def quiet_until(roster: Roster, person: str, t: datetime) -> datetime | None:
    """Return when a person's current quiet hours end; their own take precedence over those for everyone."""
    own = [row for row in roster.quiet if row.person == person]
    rows = own or [row for row in roster.quiet if not row.person]
    return max((row.ends for row in rows if row.starts <= t < row.ends), default=None)


def is_flooded(
    paging: PagingState, roster: Roster, person: str, severity: Severity, t: datetime
) -> bool:
    """Return whether a person has had too many pages of a severity lately, or has a summary of them coming."""
    recent = paging.recent.get(allowance(roster, person, severity), [])
    full = len(recent) >= roster.flood.pages and recent[0] > t - roster.flood.within
    return full or queue_key(roster, person, "flood", severity) in paging.queues


def allowance(roster: Roster, person: str, severity: Severity) -> str:
    """Return the key under which pages count for the flood limit: no severity uses up another's allowance."""
    return f"{person} {severity}" if roster.flood_by_severity else person


def queue_key(roster: Roster, person: str, reason: QueueReason, severity: Severity) -> str:
    """Return the queue for a page; in a flood each severity has its own, so that none waits for a lower one."""
    if reason == "flood" and roster.flood_by_severity:
        return f"{person} {reason} {severity}"
    return f"{person} {reason}"


def digest(state: State, queue: DigestQueue) -> PageOrdered:
    """Combine the pages of a queue into one."""
    alerts = [row or state.alerts.open[alert_id] for alert_id, row in queue.rows.items()]
    alerts.sort(key=lambda row: (SEVERITIES.index(row.severity), row.raised_at, row.id))
    kind: PageKind = "summary" if queue.reason == "flood" else "digest"
    return PageOrdered(
        at=state.time.now,
        id=derived_id(queue.person, queue.reason, queue.since.isoformat(), alerts[0].id),
        person=queue.person,
        kind=kind,
        reason=_words(state.paging.roster or NO_ROSTER, queue.reason, len(alerts)),
        alerts=tuple(alerts[:MOST_SHOWN]),
        more=tuple(row.id for row in alerts[MOST_SHOWN:]),
    )


def _words(roster: Roster, reason: QueueReason, n: int) -> Phrase:
    within = round(roster.flood.within.total_seconds())
    match reason:
        case "behind":
            return phrase("held-behind") if n == 1 else phrase("digest-behind", n=n)
        case "quiet":
            return phrase("held-quiet") if n == 1 else phrase("digest-quiet", n=n)
        case "digest":
            return phrase("held-waited") if n == 1 else phrase("digest-waited", n=n)
        case "flood" if n == 1:
            return phrase("held-flood", pages=roster.flood.pages, within=within)
        case "flood":
            return phrase("digest-flood", n=n, pages=roster.flood.pages, within=within)
