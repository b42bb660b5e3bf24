"""Whom an account may put on call: itself in its own team, somebody of the team in its own place, or anybody."""

from collections.abc import Collection
from datetime import datetime

from monitor.accounts.account import Account
from monitor.core.oncall.on_call import on_call
from monitor.core.state.state import State
from monitor.core.transitions import Override


def candidates(  # noqa: PLR0913, PLR0917 - who asks, about what, when
    account: Account,
    who: str,
    team: str,
    members: Collection[str],
    state: State,
    now: datetime,
    at: datetime,
) -> frozenset[str] | None:
    """Return the people whom an account may put on call in a team, by ids; ``None``: anybody.

    Args:
        account: who does it.
        who: its name in the roster, or that of the person for whom it speaks.
        team: the team.
        members: the people who take turns in it.
        state: knows who is on call.
        now: the monitor's time, or when the shift begins.
        at: the time by which grants are valid.

    """
    if account.sites("give_shift", at) != frozenset():
        return None
    if account.sites("take_shift", at) == frozenset():
        return frozenset()
    roster, overrides = state.paging.roster, state.paging.overrides
    present = () if roster is None else on_call(roster, overrides, team, now)
    if any(one.person.id == who for one in present):
        return frozenset({*members, who})
    return frozenset({who}) & frozenset(members)


def is_own(taken: Override | None, who: str) -> bool:
    """Return whether a shift that was taken is a person's to give back: theirs, or given by them."""
    return taken is None or who in {taken.person, taken.who}
