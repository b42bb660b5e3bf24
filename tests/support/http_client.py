"""A client for our own servers on loopback: it waits as long as a busy machine takes."""

import ssl
from collections.abc import Mapping

import httpx

from tests.support.servers import PATIENCE

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""To read the authorities that others trust would take longer than most tests."""


def http_client(
    url: str = "", *, headers: Mapping[str, str] | None = None, token: str = ""
) -> httpx.AsyncClient:
    """Return a client of a server.

    Args:
        url: where its paths begin.
        headers: what each request has.
        token: of a session of the console.

    """
    return httpx.AsyncClient(
        base_url=url,
        headers=headers,
        cookies={"vm": token} if token else None,
        timeout=PATIENCE,
        verify=_TRUSTS_NOBODY,
    )
