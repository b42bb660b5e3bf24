"""An OpenID Connect provider on loopback: it signs in whoever comes, and lies where a test asks it to."""

import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.util import urlsafe_b64encode

from monitor.config import Secret
from monitor.config.openid_connect import OpenIdConnect
from tests.support.http_stub import HttpStub, ReceivedRequest, StubResponse, http_stub

CLIENT, SECRET = "venue-monitor", "the-secret-of-the-client"
GROUPS: dict[str, tuple[str, ...]] = {
    "hall-officers": ("officer@centre",),
    "leads": ("supervisor",),
}
UNKNOWN: Sequence[dict[str, Any]] = (
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "later"},
    {"kty": "EC", "crv": "unheard-of", "x": "A", "y": "A"},
    {"kty": "RSA", "n": "!", "e": 7, "exp": 4102444800},
    {"kty": ["RSA"]},
)
"""Keys that are none to a monitor of today, beside those that are."""
NOT_FOUND, REFUSED = StubResponse(404), StubResponse(400, body=b'{"error": "invalid_grant"}')


@cache
def rsa_key(kid: str = "first") -> RSAKey:
    """Return a key with which tokens are signed; it takes time to make."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass
class ProviderServer:
    """The provider; a test changes who comes, the keys, and what a token says."""

    stub: HttpStub
    claims: dict[str, Any] = field(default_factory=dict)
    """Who comes, and in which groups they are."""
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims of the next tokens that are not as they should be; ``None`` leaves one out."""
    key: RSAKey | ECKey = field(default_factory=rsa_key)
    algorithm: str = "RS256"
    """How its tokens are signed; ``none``: not at all."""
    published: KeySet | None = None
    """The keys that it shows; by default the one that it signs with."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What its configuration says besides."""
    issued: dict[str, dict[str, str]] = field(default_factory=dict)
    """The requests by the code that was given for them."""

    @property
    def settings(self) -> OpenIdConnect:
        """How the monitor is told of it."""
        return OpenIdConnect(
            issuer=self.stub.url, client_id=CLIENT, client_secret=Secret(SECRET), groups=GROUPS
        )

    def decide(self, request: ReceivedRequest) -> StubResponse:
        """Respond to one request."""
        parts = urlsplit(request.path)
        match parts.path:
            case "/.well-known/openid-configuration":
                return _json(self._configuration())
            case "/keys":
                keys = self.published or KeySet([self.key])
                return _json({"keys": [*keys.as_dict(private=False)["keys"], *UNKNOWN]})
            case "/authorize":
                return self._authorize(dict(parse_qsl(parts.query)))
            case "/token" if request.method == "POST":
                return self._redeem(request, dict(parse_qsl(request.body.decode())))
            case _:
                return NOT_FOUND

    def _configuration(self) -> dict[str, Any]:
        url = self.stub.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        } | self.metadata

    def _authorize(self, asked: dict[str, str]) -> StubResponse:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = token_urlsafe()
        self.issued[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return StubResponse(303, {"location": f"{asked['redirect_uri']}?{query}"})

    def _redeem(self, request: ReceivedRequest, given: dict[str, str]) -> StubResponse:
        login = b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.issued.pop(given.get("code", ""), None)
        if asked is None or request.headers.get("authorization") != f"Basic {login}":
            return REFUSED
        digest = sha256(given["code_verifier"].encode()).digest()
        is_the_same = urlsafe_b64encode(digest).decode() == asked["code_challenge"]
        if not is_the_same or given["redirect_uri"] != asked["redirect_uri"]:
            return REFUSED
        return _json(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self._token(asked)}
        )

    def _token(self, asked: dict[str, str]) -> str:
        now = int(datetime.now(UTC).timestamp())
        said = {
            "iss": self.stub.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        said |= self.claims | self.lies
        claims = {name: value for name, value in said.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid or ""}
        if self.algorithm in {"none", "HS256"}:
            return _forged(header, claims, self.key)
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


def _forged(header: dict[str, str], claims: dict[str, Any], key: RSAKey | ECKey) -> str:
    """Return a token that anybody can make: not signed, or by the public key as a shared secret (RFC 8725, 2.1)."""
    parts = [urlsafe_b64encode(json.dumps(row).encode()) for row in (header, claims)]
    secret, signed = key.as_pem(private=False), b".".join(parts)
    made = b"" if header["alg"] == "none" else hmac.digest(secret, signed, "sha256")
    return b".".join([*parts, urlsafe_b64encode(made)]).decode()


@asynccontextmanager
async def identity_provider() -> AsyncIterator[ProviderServer]:
    """A running provider, to which Mai comes, an officer."""
    async with http_stub() as stub:
        made = ProviderServer(stub)
        made.claims = {
            "sub": "248289761001",
            "preferred_username": "Mai",
            "name": "Mai Trần",
            "groups": ["everybody", "hall-officers"],
        }
        stub.decide = made.decide
        yield made


def _json(body: object) -> StubResponse:
    return StubResponse(200, {"content-type": "application/json"}, json.dumps(body).encode())
