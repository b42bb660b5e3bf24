"""What an identity provider publishes about itself: its addresses and its keys, asked for once an hour at most."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key
from msgspec import Struct

from monitor.errors import IdentityProviderUnavailable, SinkUnavailable
from monitor.runtime.http import HttpClient

KEPT = timedelta(hours=1)
"""How long an answer is used; judgement: a provider's addresses change with its version."""
RENEWED_AFTER = timedelta(seconds=30)
"""Keys are asked for again no sooner, however many tokens name one that is unknown; judgement."""
AWAY = timedelta(seconds=5)
"""For so long after a failure nobody waits for the next one."""
SUCCESS = 200
T = TypeVar("T")


class Metadata(Struct, frozen=True):
    """What the monitor uses of a provider's configuration (OpenID Connect Discovery, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Keys(Struct, frozen=True):
    keys: list[dict[str, Any]]


class ProviderMetadata:
    """The addresses and keys of one provider.

    Both raise `IdentityProviderUnavailable`: there is no answer, or another one than the protocol's.

    Args:
        issuer: its address, as it has to name itself.
        client: asks it.
        now: returns the time.

    """

    def __init__(self, issuer: str, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._client = client
        self._addresses = _Kept(self._fetch_addresses, now)
        self._keys = _Kept(self._fetch_keys, now)

    async def addresses(self) -> Metadata:
        """Return its addresses."""
        return await self._addresses.get(KEPT)

    async def keys(self, *, renewed: bool = False) -> KeySet:
        """Return its keys; ``renewed``: because one that it has used isn't among them."""
        return await self._keys.get(RENEWED_AFTER if renewed else KEPT)

    async def _fetch_addresses(self) -> Metadata:
        url = f"{self._issuer.removesuffix('/')}/.well-known/openid-configuration"
        found = _decoded(await self._fetch(url), Metadata)
        if found.issuer != self._issuer:
            raise IdentityProviderUnavailable(f"it names itself {found.issuer}, not {self._issuer}")
        scheme = urlsplit(self._issuer).scheme
        for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            if urlsplit(address).scheme not in {"https", scheme}:
                raise IdentityProviderUnavailable(f"its address {address} is not encrypted")
        return found

    async def _fetch_keys(self) -> KeySet:
        body = await self._fetch((await self.addresses()).jwks_uri)
        keys = [key for row in _decoded(body, _Keys).keys for key in _readable(row)]
        if not keys:
            raise IdentityProviderUnavailable("none of its keys can be read")
        return KeySet(keys)

    async def _fetch(self, url: str) -> bytes:
        try:
            answer = await self._client.send("GET", url)
        except SinkUnavailable as error:
            raise IdentityProviderUnavailable(str(error)) from error
        if answer.status != SUCCESS:
            raise IdentityProviderUnavailable(f"HTTP {answer.status} from {url}")
        return answer.body


class _Kept(Generic[T]):
    """An answer that is kept for a while; whoever asks at the same time waits for the same one."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        self._lock = asyncio.Lock()
        self._answer: tuple[datetime, T] | None = None
        self._failure: tuple[datetime, str] | None = None

    async def get(self, kept: timedelta) -> T:
        """Return the answer, asked for again if it is older than ``kept``."""
        async with self._lock:
            if self._answer is not None and self._is_younger(self._answer[0], kept):
                return self._answer[1]
            if self._failure is not None and self._is_younger(self._failure[0], AWAY):
                raise IdentityProviderUnavailable(self._failure[1])
            try:
                answer = await self._fetch()
            except IdentityProviderUnavailable as error:
                self._failure = self._now(), str(error)
                raise
            self._answer, self._failure = (self._now(), answer), None
            return answer

    def _is_younger(self, at: datetime, age: timedelta) -> bool:
        """Return whether something is so young; a clock that was put back makes nothing younger."""
        return timedelta(0) <= self._now() - at < age


def _readable(row: dict[str, Any]) -> list[Key]:
    """Return a key that signatures may be verified with; nothing for one of another kind (RFC 7517, 5)."""
    try:
        return [import_key(row)] if row.get("kty") in ("RSA", "EC") else []
    except (JoseError, LookupError, TypeError, ValueError):
        return []


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IdentityProviderUnavailable(f"its answer can't be read: {error}") from error
