"""Events that the monitor notices about accounts: what was done to them, and wrong passwords."""

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import AccountAct, Name, When


class MonitorAccountChanged(Event, frozen=True, kw_only=True, tag="monitor.account_changed"):
    """Someone changed an account: its password, its rights, its sessions or its tokens."""

    act: AccountAct
    account: Name
    """The name with which it signs in."""
    by: Name
    """The account that did it, or the user at the command line."""
    session: str = ""
    """The id of the session in which it was done; empty: at the command line."""
    detail: str = ""
    """The grants, or the id of the session or the token."""
    done_at: When
    """When it was done, which may be before the monitor was started."""


class MonitorSignInsFailed(Event, frozen=True, kw_only=True, tag="monitor.sign_ins_failed"):
    """Many wrong passwords were given in a row: someone guesses, or has forgotten theirs."""

    subject: Name
    """What an alert is about: the account or, if there is none, the address."""
    account: str = ""
    """The account; empty: different ones, or a name that is none."""
    address: str = ""
    """Where the last of them came from; empty: from a session that asked for the PIN."""
    done_at: When
    """When the last of them was given."""


class MonitorEmergencyAct(Event, frozen=True, kw_only=True, tag="monitor.emergency_act"):
    """Root, or the monitor's own user, gave a command without an account."""

    user: Name
    """The user of the operating system."""
    who: Name
    """In whose name."""
    act: Name
    """What was done: the type of the command."""


class MonitorActsRefused(Event, frozen=True, kw_only=True, tag="monitor.acts_refused"):
    """An account asked many times within a minute for what it has no right to."""

    subject: Name
    """What an alert is about: the account or, if there is none, the address."""
    account: str = ""
    """The account; empty: nobody has signed in."""
    address: str = ""
    """Where the last of them came from: an address of the network, or ``cli/`` and a user of the operating system."""
    route: str = ""
    """What was asked for the last time, such as ``POST /alerts/{own:str}/close`` or ``cli staff.close``."""
    right: str = ""
    """The right that was missing then; ``none``: no right would have helped, as for another site's page."""


NoticedOfAccounts = (
    MonitorAccountChanged | MonitorSignInsFailed | MonitorEmergencyAct | MonitorActsRefused
)
"""Every event that the monitor notices about accounts."""
