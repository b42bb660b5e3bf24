"""Rehearses an alert: who would be told when, and why, if nobody took it. The real pager plays it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.alert import Alert, Change
from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.oncall.escalation_policy import ladder_of
from monitor.core.oncall.pager import Pager
from monitor.core.roster import Ladder, Roster
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, Override, PageOrdered

MOST = 50
"""Pages of a rehearsal."""


class Rehearsal(NamedTuple):
    """What would happen."""

    ladder: Ladder | None
    """``None``: no ladder takes the alert."""
    pages: list[PageOrdered]
    """Up to the fallback."""


def rehearse(
    roster: Roster, overrides: Mapping[str, Override], alert: Alert, at: datetime
) -> Rehearsal:
    """Play an alert that is raised at a time and that nobody takes."""
    ladder = ladder_of(roster, alert)
    state = State(
        now=at, turn=at, roster=roster, overrides=dict(overrides), alerts={alert.id: alert}
    )
    desk = AlertDesk(state, timedelta(0))
    pager = Pager(state, desk)
    desk.transitions = [AlertChanged(at=at, change=Change.RAISED, alert=alert)]
    pager.follow()
    pages = _ordered(desk)
    last = len(ladder.steps) if ladder is not None else 0
    while len(pages) < MOST and pager.due is not None:
        if any(page.step > last or page.kind == "digest" for page in pages):
            break
        state.now, desk.transitions = pager.due, []
        pager.ring(state.now)
        pages += _ordered(desk)
    return Rehearsal(ladder, pages)


def _ordered(desk: AlertDesk) -> list[PageOrdered]:
    return [row for row in desk.transitions if isinstance(row, PageOrdered)]
