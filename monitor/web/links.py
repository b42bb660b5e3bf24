"""Signs the links by which one person takes one alert, and reads them again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from msgspec import Struct

LASTS = timedelta(hours=24)
"""Longer than any shift; judgement."""


class Taker(Struct, frozen=True, kw_only=True):
    """What a link allows: this person may take this alert."""

    alert: str
    person: str


Wrong = Literal["expired", "wrong"]


class Links:
    """The links of one monitor.

    A link is for one alert, one person and one act, and holds nothing else: whoever has it can do only that. The act is
    part of what is signed, so that a link for one can never serve for another.

    Args:
        public_url: where people reach the monitor; empty: there are no links.
        key: signs.
        now: tells the time.

    """

    def __init__(self, public_url: str, key: bytes, now: Callable[[], datetime]) -> None:
        self._url = public_url
        self._signer = _Signer(
            key, sep=".", salt="acknowledge", key_derivation="hmac", digest_method=sha256
        )
        self._signer.now = now

    def acknowledge(self, alert: str, person: str) -> str:
        """Return the link by which somebody takes an alert; empty where there are none."""
        return (
            f"{self._url}/a/{self._signer.sign(f'{alert}.{person}').decode()}" if self._url else ""
        )

    def read(self, token: str) -> Taker | Wrong:
        """Return what the end of a link allows, or what is wrong with it."""
        try:
            told = self._signer.unsign(token, max_age=int(LASTS.total_seconds())).decode()
        except SignatureExpired:
            return "expired"
        except BadSignature:
            return "wrong"
        alert, _, person = told.partition(".")
        return Taker(alert=alert, person=person)


class _Signer(TimestampSigner):
    """Signs with the monitor's time, which a demonstration lets run faster."""

    now: Callable[[], datetime]

    def get_timestamp(self) -> int:
        return int(self.now().timestamp())
