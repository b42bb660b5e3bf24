"""Silent alerts that on-call staff see without the right ``silent``: those about which they were notified."""

from datetime import datetime

from monitor.accounts.account import Account
from monitor.core.alert import Alert
from monitor.core.state.state import State


def paged_silently(account: Account, state: State, at: datetime) -> frozenset[str]:
    """Return the ids of the open silent alerts about which an on-call account's person was notified."""
    sites = _on_call_sites(account, at)
    if not sites:
        return frozenset()
    return frozenset(
        alert.id
        for alert in state.alerts.open.values()
        if alert.silent and _is_notified(account.person, alert, sites, state)
    )


def is_paged_silently(account: Account, alert: Alert, state: State, at: datetime) -> bool:
    """Return whether it is such an alert."""
    return _is_notified(account.person, alert, _on_call_sites(account, at), state)


def _on_call_sites(account: Account, at: datetime) -> frozenset[str]:
    """Return the sites at which an account is one of on-call staff; the empty one stands for every site."""
    if not account.person:
        return frozenset()
    return frozenset(row.site for row in account.granting("view", at) if row.role == "on_call")


def _is_notified(person: str, alert: Alert, sites: frozenset[str], state: State) -> bool:
    """Return whether a person was notified about an alert, or has it, at one of some sites."""
    if not sites or (alert.site and not sites & {"", alert.site}):
        return False
    escalation = state.paging.escalations.get(alert.id)
    return alert.owner == person or (escalation is not None and person in escalation.notified)
