"""An OpenID Connect provider, by the code flow with PKCE (RFC 7636). It needs the extra ``oidc``."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet
from msgspec import Struct

from monitor.accounts import AuthorizationRequest, Grant, Identity
from monitor.errors import IdentityProviderUnavailable, IdentityRefused, SinkUnavailable
from monitor.runtime.http import HttpClient
from monitor.web.id_token import Expected, IdToken, KeyUnknown, verify
from monitor.web.provider_metadata import SUCCESS, ProviderMetadata

LONGEST = 256 * 1024
"""Bytes of an answer of the provider; judgement: twenty keys with their certificates have 60 kB."""
_FORM = "application/x-www-form-urlencoded"
_SERVER_ERROR = 500


class Client(Struct, frozen=True, kw_only=True):
    """The monitor as the provider knows it, and what its groups give here."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    """Where the provider leads browsers back to."""
    scopes: tuple[str, ...]
    groups_claim: str
    grants: Mapping[str, tuple[Grant, ...]]
    """What each group gives."""
    timeout: timedelta
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"Client({self.client_id!r} at {self.issuer!r})"


class _Tokens(Struct, frozen=True):
    id_token: str


class OpenIdProvider:
    """One provider, with its connection.

    Args:
        client: the monitor as the provider knows it.
        now: returns the time.

    """

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._http = HttpClient(
            "identity provider", client.timeout, ca_file=client.ca_file, longest=LONGEST
        )
        self._metadata = ProviderMetadata(client.issuer, self._http, now)

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    async def address(self, request: AuthorizationRequest) -> str:
        """Return where the browser signs in.

        Raises:
            IdentityProviderUnavailable: nobody can sign in there now.

        """
        found = await self._metadata.addresses()
        return str(
            prepare_grant_uri(
                found.authorization_endpoint,
                self._client.client_id,
                "code",
                redirect_uri=self._client.redirect_uri,
                scope=list(self._client.scopes),
                state=request.state,
                nonce=request.nonce,
                code_challenge=create_s256_code_challenge(request.verifier),
                code_challenge_method="S256",
            )
        )

    async def identity(self, code: str, request: AuthorizationRequest) -> Identity:
        """Return for whom the provider vouches.

        Raises:
            IdentityProviderUnavailable: it can't be asked now.
            IdentityRefused: it vouches for nobody, or what it says can't be believed.

        """
        token = await self._redeemed(code, request)
        try:
            found = self._verified(token, request, await self._metadata.keys())
        except KeyUnknown:
            found = self._verified(token, request, await self._metadata.keys(renewed=True))
        return Identity(
            issuer=self._client.issuer,
            subject=found.subject,
            wish=found.wish,
            full_name=found.full_name,
            grants=self._grants(found),
        )

    async def _redeemed(self, code: str, request: AuthorizationRequest) -> str:
        """Return the ID token that a code stands for (RFC 6749, 4.1.3)."""
        found, client = await self._metadata.addresses(), self._client
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=client.redirect_uri,
            code=code,
            code_verifier=request.verifier,
        )
        methods = found.token_endpoint_auth_methods_supported
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        auth = ClientAuth(client.client_id, client.client_secret, method)
        given = {"accept": "application/json", "content-type": _FORM}
        url, headers, sent = auth.prepare("POST", found.token_endpoint, given, body)
        try:
            answer = await self._http.send("POST", url, sent.encode(), headers)
        except SinkUnavailable as error:
            raise IdentityProviderUnavailable(str(error)) from error
        if answer.status >= _SERVER_ERROR:
            raise IdentityProviderUnavailable(f"HTTP {answer.status} for the code")
        if answer.status != SUCCESS:
            raise IdentityRefused(f"the provider refuses the code: HTTP {answer.status}")
        try:
            return msgspec.json.decode(answer.body, type=_Tokens).id_token
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise IdentityRefused(f"the provider sends no ID token: {error}") from error

    def _verified(self, token: str, request: AuthorizationRequest, keys: KeySet) -> IdToken:
        expected = Expected(
            issuer=self._client.issuer,
            client_id=self._client.client_id,
            nonce=request.nonce,
            at=self._now(),
        )
        return verify(token, keys, expected)

    def _grants(self, found: IdToken) -> tuple[Grant, ...]:
        """Return what the groups of the token give, each grant once."""
        groups = found.claims.get(self._client.groups_claim)
        names = groups if isinstance(groups, list) else [groups]
        given = [
            grant
            for name in names
            if isinstance(name, str)
            for grant in self._client.grants.get(name, ())
        ]
        return tuple(dict.fromkeys(given))
