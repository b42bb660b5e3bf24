"""``/journal/...``: from where a standby copies the journal, the accounts and the photos, with a token."""

from collections.abc import Awaitable, Callable
from secrets import compare_digest
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, post
from litestar.handlers import HTTPRouteHandler

from monitor.errors import AccountsUnusable, JournalError
from monitor.journal import CopyRefused
from monitor.web.guard import TOKEN_IN_REQUEST

LARGEST_REQUEST = 1024 * 1024
"""Bytes of a request: it names the pages under way."""
WRONG_TOKEN = "the token is not the one in [standby] token_file"  # noqa: S105 - what is said about one


def accounts_route(token: str, answer: Callable[[bytes], Awaitable[bytes]]) -> HTTPRouteHandler:
    """Return the route of the accounts.

    Args:
        token: what a standby has to present.
        answer: returns the accounts for the digest of what the standby has; empty if they are the same.

    """

    @post("/journal/accounts", status_code=200, opt=TOKEN_IN_REQUEST)
    async def accounts(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the accounts."""
        if not _has_token(request, token):
            return _text(401, WRONG_TOKEN)
        try:
            content = await answer(await request.body())
        except AccountsUnusable as error:
            return _text(503, str(error))
        return Response(content, media_type="application/vnd.sqlite3")

    return accounts


def photos_route(token: str, answer: Callable[[bytes], Awaitable[bytes]]) -> HTTPRouteHandler:
    """Return the route of the photos.

    Args:
        token: what a standby has to present.
        answer: returns photos for the body of a request.

    """

    @post("/journal/photos", status_code=200, opt=TOKEN_IN_REQUEST)
    async def photos(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return photos that the copy lacks."""
        if not _has_token(request, token):
            return _text(401, WRONG_TOKEN)
        try:
            packed = await answer(await request.body())
        except JournalError as error:
            return _text(503, str(error))
        except msgspec.MsgspecError as error:
            return _text(400, str(error))
        return Response(packed, media_type="application/msgpack")

    return photos


def changes_route(token: str, answer: Callable[[bytes], Awaitable[bytes]]) -> HTTPRouteHandler:
    """Return the route.

    Args:
        token: what a standby has to present.
        answer: returns the changes for the body of a request.

    """

    @post(
        "/journal/changes",
        status_code=200,
        request_max_body_size=LARGEST_REQUEST,
        opt=TOKEN_IN_REQUEST,
    )
    async def changes(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what the copy lacks."""
        if not _has_token(request, token):
            return _text(401, WRONG_TOKEN)
        try:
            packed = await answer(await request.body())
        except CopyRefused as error:
            return _text(409, str(error))
        except JournalError as error:
            return _text(503, str(error))
        except msgspec.MsgspecError as error:
            return _text(400, str(error))
        return Response(packed, media_type="application/msgpack")

    return changes


def _has_token(request: Request[Any, Any, Any], token: str) -> bool:
    given = request.headers.get("authorization", "").encode()
    return compare_digest(given, f"Bearer {token}".encode())


def _text(status: int, reason: str) -> Response[bytes]:
    return Response(reason.encode(), status_code=status, media_type=MediaType.TEXT)
