"""In whose name a user of this machine acts."""

from typing import NamedTuple

from monitor.accounts import Account


class Signature(NamedTuple):
    """In whose name a user acts, and with which rights."""

    who: str
    user: str
    """The user of the operating system."""
    account: Account | None = None
    """``None``: rights are not asked for."""
    note: str = ""
    is_emergency: bool = False

    @property
    def source(self) -> str:
        """As what it is recorded: ``cli/linh`` with an account, ``cli/root!`` without one in an emergency."""
        if self.account is not None:
            return f"cli/{self.account.name}"
        return f"cli/{self.user}{'!' * self.is_emergency}"
