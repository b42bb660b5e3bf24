"""Whom an account may invite: nobody gives a right that they lack themselves, or for longer than they have it."""

from collections.abc import Sequence
from datetime import datetime

from monitor.accounts.account import Account, Grant
from monitor.accounts.rights import ROLES, Role
from monitor.core.phrase import Phrase, phrase


def objection_to_invitation(
    inviter: Account, grants: Sequence[Grant], at: datetime
) -> Phrase | None:
    """Return why an account may not invite another with these grants; ``None`` if it may.

    Who manages accounts at every site may give everything.
    """
    if inviter.may("people", "", at):
        return None
    for grant in grants:
        if not inviter.may("invite", grant.site, at):
            return phrase("right-missing", right="invite")
        if not _has(inviter, grant, at):
            return phrase("invite-exceeds", role=grant.role)
    return None


def roles_to_give(inviter: Account, site: str, at: datetime) -> list[Role]:
    """Return the roles that an account may give at a site."""
    return [
        role
        for role in ROLES
        if objection_to_invitation(inviter, [Grant(role=role, site=site, until=at)], at) is None
    ]


def _has(inviter: Account, grant: Grant, at: datetime) -> bool:
    """Return whether an account has all that a grant brings, there, and for as long."""
    return all(
        any(
            own.site in {"", grant.site}
            and (own.until is None or (grant.until is not None and grant.until <= own.until))
            and (grant.while_on_call or not own.while_on_call)
            for own in inviter.granting(right, at)
        )
        for right in grant.rights
    )
