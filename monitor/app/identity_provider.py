"""Opens the identity provider with which people can sign in, if the deployment has one."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime

import msgspec

from monitor.accounts import Grant
from monitor.config.http import Http
from monitor.web.identity_provider import IdentityProvider
from monitor.web.identity_sign_in import CALLBACK


def open_identity_provider(
    http: Http, now: Callable[[], datetime], stack: AsyncExitStack
) -> IdentityProvider | None:
    """Return the provider; ``None`` if there is none. Nothing is asked of it before somebody signs in.

    Args:
        http: describes it.
        now: returns the real time.
        stack: closes the connection.

    """
    table = http.oidc
    if table is None:
        return None
    # Its packages are an extra.
    from monitor.web.openid_connect import Client, OpenIdProvider  # noqa: PLC0415

    client = Client(
        issuer=table.issuer,
        client_id=table.client_id,
        client_secret=table.client_secret.reveal(),
        redirect_uri=f"{http.public_url}{CALLBACK}",
        scopes=table.scopes,
        groups_claim=table.groups_claim,
        grants=grants_of(table.groups),
        timeout=table.timeout,
        ca_file=table.ca_file,
    )
    made = OpenIdProvider(client, now)
    stack.push_async_callback(made.close)
    return made


def grants_of(groups: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[Grant, ...]]:
    """Return what each group gives, of words such as ``officer@hall`` that are valid."""
    return {group: tuple(map(_grant, words)) for group, words in groups.items()}


def _grant(word: str) -> Grant:
    role, _, site = word.partition("@")
    return msgspec.convert({"role": role, "site": site}, Grant)
