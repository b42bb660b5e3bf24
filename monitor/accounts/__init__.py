"""Who may do what: accounts with their roles, sessions, one-time links and API tokens, in a file beside the journal.

What is secret must be erasable, and the journal is not; so none of this is in it. The journal has who did what.
"""

from monitor.accounts.account import Account, Grant
from monitor.accounts.accounts import Accounts, accounts_path
from monitor.accounts.audit import Actor
from monitor.accounts.authorization_requests import AuthorizationRequest
from monitor.accounts.identities import Identity
from monitor.accounts.password import objection_to_password, objection_to_pin
from monitor.accounts.rights import ALL_RIGHTS, RIGHTS, ROLES, Right, Role
from monitor.accounts.session import Session
from monitor.accounts.tokens import ApiToken

__all__ = [
    "ALL_RIGHTS",
    "RIGHTS",
    "ROLES",
    "Account",
    "Accounts",
    "Actor",
    "ApiToken",
    "AuthorizationRequest",
    "Grant",
    "Identity",
    "Right",
    "Role",
    "Session",
    "accounts_path",
    "objection_to_password",
    "objection_to_pin",
]
