"""The rehearsal of an alert with the real pager: who would be paged, when and why, if no one acknowledged it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from monitor.core.alert import Alert, Change
from monitor.core.alerts.lifecycle import AlertLifecycle
from monitor.core.effects import Effects
from monitor.core.oncall.escalation_policy import policy_for
from monitor.core.oncall.pager import Pager
from monitor.core.roster import EscalationPolicy, Roster
from monitor.core.rules.model import Rule
from monitor.core.rules.title import Wording
from monitor.core.state.alerts import AlertsState
from monitor.core.state.paging import PagingState
from monitor.core.state.state import State
from monitor.core.state.time import TimeState
from monitor.core.transitions import AlertChanged, Override, PageOrdered

MOST = 50
"""The most pages of a rehearsal."""


class Rehearsal(NamedTuple):
    """The outcome of a rehearsal."""

    policy: EscalationPolicy | None
    """``None``: no policy applies to the alert."""
    pages: list[PageOrdered]
    """All pages up to the fallback."""


def rehearse(
    roster: Roster, overrides: Mapping[str, Override], alert: Alert, at: datetime, wording: Wording
) -> Rehearsal:
    """Simulate an alert that is raised at a time and that no one acknowledges.

    Args:
        roster: the people, their shifts and the escalation policies.
        overrides: the shifts that were taken.
        alert: any alert, also one that `hypothetical` has made.
        at: when it is raised.
        wording: of texts that the pager would write.

    """
    policy = policy_for(roster, alert)
    state = State(
        time=TimeState(now=at, watermark=at),
        alerts=AlertsState(open={alert.id: alert}),
        paging=PagingState(roster=replace(roster, digest_times=()), overrides=dict(overrides)),
    )
    effects = Effects(state.time)
    pager = Pager(state, AlertLifecycle(state, effects, timedelta(0), wording), effects)
    effects.emit(AlertChanged(at=at, change=Change.RAISED, alert=alert))
    pager.notify()
    pages = _pages(effects)
    last = len(policy.steps) if policy is not None else 0
    while len(pages) < MOST and pager.due is not None:
        if any(page.step > last or page.kind == "digest" for page in pages):
            break
        state.time.now = pager.due
        pager.fire_timers(state.time.now)
        pages += _pages(effects)
    return Rehearsal(policy, pages)


def hypothetical(rule: Rule, site: str, zone: str, lead: str, at: datetime) -> Alert:
    """Return an alert as a rule would raise it at a time, in a zone of a site, led by an agency; each may be empty."""
    return Alert(
        id="rehearsal",
        rule=rule.id,
        key=zone,
        title=rule.title,
        severity=rule.severity,
        do=rule.procedure,
        site=site,
        zone=zone,
        lead=lead,
        silent=rule.silent,
        happened_at=at,
        raised_at=at,
        last_at=at,
    )


def _pages(effects: Effects) -> list[PageOrdered]:
    return [row for row in effects.take_transitions() if isinstance(row, PageOrdered)]
