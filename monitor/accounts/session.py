"""A session: one account at one device, until it signs out."""

from datetime import datetime, timedelta

from msgspec import Struct

from monitor.accounts.account import Account

LONGEST = timedelta(hours=14)
"""A shift of twelve hours and its hand-over; judgement."""
UNATTENDED = timedelta(minutes=30)
"""Without input for so long, whoever acts has to give the PIN (NIST SP 800-63B-4, AAL2: at most an hour)."""


class Session(Struct, frozen=True, kw_only=True):
    """One sign-in, of which the device has the token and we its digest."""

    id: str
    """Names it in lists and in the audit; no secret."""
    account: Account
    device: str
    """What the device says that it is."""
    created_at: datetime
    last_input_at: datetime
    """When a person last did something: what a page asks for by itself does not count."""
    ends_at: datetime

    def needs_pin(self, at: datetime) -> bool:
        """Return whether whoever acts has to give the PIN first; reading goes on without it."""
        return at - self.last_input_at >= UNATTENDED
