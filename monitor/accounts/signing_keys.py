"""The keys with which phones sign forms: one for each person and phone, for two weeks."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from monitor.accounts.database import Database, read_time, stored
from monitor.accounts.secret import new_id

LASTS = timedelta(days=14)
"""How long a key signs; judgement: longer than a shift without network, shorter than a congress."""


class SigningKey(Struct, frozen=True, kw_only=True):
    """A new key, which the phone is shown once."""

    id: str
    secret: bytes
    ends_at: datetime


class SigningKeys:
    """The keys in the accounts' file."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def make(self, account: str, device: str) -> SigningKey:
        """Return a new key for a phone of an account; the one before signs no more."""
        key = SigningKey(id=new_id(), secret=secrets.token_bytes(32), ends_at=self._now() + LASTS)
        with self._db.transaction():
            self._db.change(
                "DELETE FROM signing_key WHERE (account = ? AND device = ?) OR ends_at <= ?",
                account,
                device,
                stored(self._now() - LASTS),
            )
            self._db.change(
                "INSERT INTO signing_key VALUES (?, ?, ?, ?, ?)",
                key.id,
                account,
                device,
                key.secret,
                stored(key.ends_at),
            )
        return key

    def is_signed(self, account: str, own: str, digest: str, mac: str, at: datetime) -> bool:
        """Return whether a code over a digest was made with a key of an account that was valid then.

        Args:
            account: whose key.
            own: its id.
            digest: of what is signed, in hexadecimal digits.
            mac: HMAC-SHA256 over the digest, in base64.
            at: when it was signed.

        """
        row = self._db.row(
            "SELECT secret, ends_at FROM signing_key WHERE id = ? AND account = ?", own, account
        )
        if row is None or at >= read_time(row[1]):
            return False
        made = b64encode(hmac.new(row[0], digest.encode(), sha256).digest())
        return hmac.compare_digest(made, mac.encode(errors="replace"))

    def end(self, account: str) -> None:
        """End the keys of an account."""
        self._db.change("DELETE FROM signing_key WHERE account = ?", account)
