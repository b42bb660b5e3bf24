"""``/journal/changes``: from where a standby copies the journal, with a token."""

from collections.abc import Awaitable, Callable
from secrets import compare_digest
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, post
from litestar.handlers import HTTPRouteHandler

from monitor.errors import JournalError
from monitor.journal import CopyRefused
from monitor.web.guard import TOKEN_IN_REQUEST

LARGEST_REQUEST = 1024 * 1024
"""Bytes of a request: it names the pages under way."""


def changes_route(token: str, answer: Callable[[bytes], Awaitable[bytes]]) -> HTTPRouteHandler:
    """Return the route.

    Args:
        token: what a standby has to present.
        answer: returns the changes for the body of a request.

    """
    expected = f"Bearer {token}".encode()

    @post(
        "/journal/changes",
        status_code=200,
        request_max_body_size=LARGEST_REQUEST,
        opt=TOKEN_IN_REQUEST,
    )
    async def changes(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what the copy lacks."""
        given = request.headers.get("authorization", "").encode()
        if not compare_digest(given, expected):
            return _text(401, "the token is not the one in [standby] token_file")
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


def _text(status: int, reason: str) -> Response[bytes]:
    return Response(reason.encode(), status_code=status, media_type=MediaType.TEXT)
