"""Signed links by which one person acknowledges one alert."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from msgspec import Struct

LASTS = timedelta(hours=24)
"""How long a link is valid: longer than any shift; judgement."""


class Taker(Struct, frozen=True, kw_only=True):
    """What a link grants: this person may acknowledge this alert."""

    alert: str
    person: str


Wrong = Literal["expired", "wrong"]


class Links:
    """The links of one monitor.

    A link grants one action on one alert to one person, and nothing else. The action is part of the signature, so a
    link for one action can't be used for another.

    Args:
        public_url: the address at which people reach the monitor; empty if there are no links.
        key: signs the links.
        now: returns the time.

    """

    def __init__(self, public_url: str, key: bytes, now: Callable[[], datetime]) -> None:
        self._url = public_url
        self._signer = _Signer(
            key, sep=".", salt="acknowledge", key_derivation="hmac", digest_method=sha256
        )
        self._signer.now = now

    def acknowledge(self, alert: str, person: str) -> str:
        """Return the link by which a person acknowledges an alert; empty if there are no links."""
        return (
            f"{self._url}/a/{self._signer.sign(f'{alert}.{person}').decode()}" if self._url else ""
        )

    def read(self, token: str) -> Taker | Wrong:
        """Return what the token of a link grants, or what is wrong with it."""
        try:
            signed = self._signer.unsign(token, max_age=int(LASTS.total_seconds())).decode()
        except SignatureExpired:
            return "expired"
        except BadSignature:
            return "wrong"
        alert, _, person = signed.partition(".")
        return Taker(alert=alert, person=person)


class _Signer(TimestampSigner):
    """Signs with the monitor's clock, which runs faster in a demonstration."""

    now: Callable[[], datetime]

    def get_timestamp(self) -> int:
        return int(self.now().timestamp())
