"""An account, and what its grants allow it where and when."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from monitor.accounts.rights import RIGHTS, Right, Role


class Grant(Struct, frozen=True, kw_only=True):
    """A role at a site for a time."""

    role: Role
    site: str = ""
    """The site's id; empty: every site."""
    from_: datetime | None = None
    """When it begins; ``None``: it has begun."""
    until: datetime | None = None
    """When it ends; ``None``: never."""
    silent: bool = False
    """Whether silent alerts are seen, too: by name, no role brings it."""
    while_on_call: bool = False
    """Whether it counts only while the account's person is on call in some team."""
    only: frozenset[Right] | None = None
    """The rights to which it is narrowed, as an API token narrows those of its account; ``None``: none is left out."""

    @property
    def rights(self) -> frozenset[Right]:
        """What it allows, at its site and in its time."""
        allowed = RIGHTS[self.role]
        if self.silent:
            allowed |= {"silent"}
        return allowed if self.only is None else allowed & self.only

    def is_valid(self, at: datetime) -> bool:
        """Return whether it has begun and has not ended."""
        has_begun = self.from_ is None or self.from_ <= at
        return has_begun and (self.until is None or at < self.until)


class Account(Struct, frozen=True, kw_only=True):
    """Someone, or a program, that may sign in."""

    name: str
    """What is typed at sign-in: lower case."""
    person: str = ""
    """The id of the person in the roster; empty: none."""
    full_name: str = ""
    language: str = ""
    """The language to read in; empty: the site's."""
    os_user: str = ""
    """The user of the monitor's operating system who acts as it at the command line; empty: none."""
    is_disabled: bool = False
    has_password: bool = False
    """Without a password, only a link leads in."""
    has_pin: bool = False
    """Without a PIN, a session that asks for one is continued by signing in again."""
    grants: tuple[Grant, ...] = ()
    is_on_call: bool = False
    """Whether the person is on call, as the running monitor knows; commands don't."""

    @property
    def who(self) -> str:
        """The name under which its acts are recorded: the person's, as in the roster."""
        return self.person or self.name

    def may(self, right: Right, site: str, at: datetime) -> bool:
        """Return whether it has a right at a site, where an empty site stands for the whole congress."""
        return any(grant.site in {"", site} for grant in self.granting(right, at))

    def sites(self, right: Right, at: datetime) -> frozenset[str] | None:
        """Return the sites at which it has a right; ``None``: every site."""
        sites = frozenset(grant.site for grant in self.granting(right, at))
        return None if "" in sites else sites

    def granting(self, right: Right, at: datetime) -> Iterator[Grant]:
        """Yield the grants that bring a right."""
        if not self.is_disabled:
            yield from (
                row
                for row in self.grants
                if right in row.rights
                and row.is_valid(at)
                and (self.is_on_call or not row.while_on_call)
            )
