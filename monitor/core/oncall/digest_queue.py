"""Which pages wait, why and until when, and the one page that those become which have waited together."""

from datetime import datetime, timedelta
from hashlib import blake2b

from monitor.core.alert import Alert
from monitor.core.roster import NO_ROSTER, Ladder, Roster
from monitor.core.rules.model import SEVERITIES
from monitor.core.state.state import Bag, HeldBecause, Paging, State
from monitor.core.transitions import PageKind, PageOrdered

STALE = timedelta(minutes=5)
"""What happened so long before we heard of it is no news; judgement."""
GATHER = timedelta(minutes=1)
"""So long old news are waited for before they go out together; judgement."""
MOST_SHOWN = 20
"""Alerts of a digest that are told in full, the worst first; of the others the ids."""


def because(
    state: State, ladder: Ladder, alert: Alert, person: str, t: datetime
) -> tuple[HeldBecause, datetime | None] | None:
    """Return why a page has to wait, and until when; ``None`` if it goes out now, as all of life safety does."""
    roster = state.roster or NO_ROSTER
    if alert.severity == "life_safety":
        return None
    if is_catching_up(state, t):
        return "behind", None
    if alert.severity in roster.quiet_severities:
        quiet = quiet_until(roster, person, t)
        if quiet is not None:
            return "quiet", quiet
    if ladder.digest:
        return "digest", t + ladder.digest
    if is_flooded(state.paging, roster, person, t):
        return "flood", t + roster.flood.every
    return None


def is_catching_up(state: State, t: datetime) -> bool:
    """Tell whether at a time we don't know yet what happened while we heard nothing."""
    return state.catching_up_until is not None and t < state.catching_up_until


def is_old(alert: Alert) -> bool:
    """Tell whether an alert was no news any more when we heard of it."""
    return alert.late and alert.raised_at - alert.happened_at > STALE


def quiet_until(roster: Roster, person: str, t: datetime) -> datetime | None:
    """Return when the quiet hours end in which somebody is; one's own stand above those of all."""
    own = [row for row in roster.quiet if row.person == person]
    rows = own or [row for row in roster.quiet if not row.person]
    return max((row.ends for row in rows if row.starts <= t < row.ends), default=None)


def is_flooded(paging: Paging, roster: Roster, person: str, t: datetime) -> bool:
    """Tell whether somebody has had as many pages as help, or has a summary coming."""
    recent = paging.recent.get(person, [])
    full = len(recent) >= roster.flood.pages and recent[0] > t - roster.flood.within
    return full or f"{person} flood" in paging.bags


def digest(state: State, bag: Bag) -> PageOrdered:
    """Return the one page that a bag becomes."""
    alerts = [row or state.alerts[alert_id] for alert_id, row in bag.rows.items()]
    alerts.sort(key=lambda row: (SEVERITIES.index(row.severity), row.raised_at, row.id))
    kind: PageKind = "summary" if bag.why == "flood" else "digest"
    told = f"{bag.person}\0{bag.why}\0{bag.since.isoformat()}\0{alerts[0].id}".encode()
    return PageOrdered(
        at=state.now,
        id=blake2b(told, digest_size=8).hexdigest(),
        person=bag.person,
        kind=kind,
        reason=_reason(state.roster or NO_ROSTER, bag.why, len(alerts)),
        alerts=tuple(alerts[:MOST_SHOWN]),
        more=tuple(row.id for row in alerts[MOST_SHOWN:]),
    )


def _reason(roster: Roster, why: HeldBecause, n: int) -> str:
    told = f"{n} alert{'' if n == 1 else 's'}"
    match why:
        case "behind":
            return f"{told} from while the monitor was away or not told in time"
        case "quiet":
            return f"{told} from the quiet hours"
        case "digest":
            return f"{told} that could wait for a digest"
        case "flood":
            minutes = roster.flood.within.total_seconds() / 60
            return f"{told} after {roster.flood.pages} pages in {minutes:g} min"
