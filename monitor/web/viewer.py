"""The viewer of a page: the account that has signed in, its language, and what it may see and do."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from litestar import Request
from msgspec import Struct

from monitor.accounts import Account, Right, Session
from monitor.accounts.rights import ALL_RIGHTS
from monitor.core.alert import Alert
from monitor.core.ids import derived_id
from monitor.runtime.version import program_version
from monitor.texts import Language


class Viewer(Struct, frozen=True, kw_only=True, dict=True):
    """Who asks for a page, as of this request."""

    account: Account
    session: Session | None
    """``None``: a program with an API token."""
    language: Language
    at: datetime
    is_wall: bool = False
    """They look at a wall, past which anybody may walk: it shows nothing silent, and nothing can be done there."""
    is_phone: bool = False
    """They send from a paired phone, which keeps a token as a cookie."""
    paged: frozenset[str] = frozenset()
    """The open silent alerts about which they were notified as on-call staff, by ids."""

    @property
    def who(self) -> str:
        """The name under which their acts are recorded."""
        return self.account.who

    @cached_property
    def sites(self) -> Mapping[Right, frozenset[str] | None]:
        """The sites at which they have each right; ``None``: every site."""
        return {
            right: frozenset()
            if self.is_wall and right != "view"
            else self.account.sites(right, self.at)
            for right in ALL_RIGHTS
        }

    def may(self, right: Right, site: str) -> bool:
        """Return whether they have a right at a site; what belongs to no site is everyone's who has it anywhere."""
        sites = self.sites[right]
        return sites is None or (site in sites if site else bool(sites))

    def has(self, right: Right) -> bool:
        """Return whether they have a right at any site."""
        return self.sites[right] != frozenset()

    def sees(self, alert: Alert) -> bool:
        """Return whether they may see an alert; a silent one needs a right of its own, or that they were paged."""
        return self.sees_at(alert.site, alert.id if alert.silent else "")

    def sees_at(self, site: str, silent: str) -> bool:
        """Return whether they may see an alert at a site; of a silent one the id is given."""
        return self.may("view", site) and (
            not silent or self.may("silent", site) or (silent in self.paged and not self.is_wall)
        )

    @property
    def scope(self) -> str:
        """Stands for the build, the language, all rights and silent pages: viewers with the same see the same."""
        rights = (
            (right, "*" if sites is None else " ".join(sorted(sites)))
            for right in (
                "view",
                "silent",
                "act",
                "close",
                "shelve",
                "lookup",
                "sign_off",
                "withdraw",
                "mask",
            )
            if (sites := self.sites[right]) != frozenset()
        )
        paged = [] if self.is_wall else sorted(self.paged)
        return derived_id(program_version(), self.language.tag, repr((list(rights), paged)))


ConsoleRequest = Request[Viewer, Session | None, Any]
"""A request of a signed-in viewer, who is its ``user``."""
