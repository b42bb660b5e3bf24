"""The routes of ``/api/v1``, and what is asked of everyone: the time, and one's own checklists."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from monitor.runtime.version import program_version
from monitor.web.api.actions import action_routes
from monitor.web.api.decisions import decision_routes
from monitor.web.api.inspections import inspection_routes
from monitor.web.api.items import item_routes
from monitor.web.api.lists import MyLists, my_lists
from monitor.web.api.openapi import described
from monitor.web.api.phones import phone_routes
from monitor.web.api.photos import photo_routes
from monitor.web.api.problem import PREFIX, problem_responses
from monitor.web.api.zones import zone_routes
from monitor.web.context import Console
from monitor.web.viewer import ConsoleRequest

PUBLIC: Mapping[str, str] = {"cache-control": "public, max-age=3600"}
"""Anybody may keep it for an hour."""
PRIVATE: Mapping[str, str] = {"cache-control": "private, no-cache"}
"""The browser may keep it, and asks each time whether it is still so."""


class Ping(Struct, frozen=True, kw_only=True):
    """That the monitor is there."""

    time: datetime
    """The monitor's clock."""
    build: str
    """Its version."""


def api_router(console: Console) -> Router:
    """Return all routes of the API."""

    @get("/ping", opt={"right": "open"}, sync_to_thread=False)
    def ping() -> Ping:
        """Tell the time."""
        return Ping(time=console.source.now(), build=program_version())

    @get("/my/lists", opt={"right": "inspect", "serves_phones": True}, sync_to_thread=False)
    def show_lists(request: ConsoleRequest) -> Response[MyLists | None]:
        """Return what the caller has to do; nothing if that is what they have."""
        return _lists(console, request)

    @get("/openapi.json", opt={"right": "open"}, include_in_schema=False, sync_to_thread=False)
    def describe() -> Response[dict[str, Any]]:
        """Describe the API; no page, which would load scripts from elsewhere."""
        return Response(described(_router(console, ping, show_lists)), headers=PUBLIC)

    return _router(console, ping, show_lists, describe)


def _router(console: Console, *own: HTTPRouteHandler) -> Router:
    return Router(
        PREFIX,
        route_handlers=[
            *own,
            *inspection_routes(console),
            *item_routes(console),
            *photo_routes(console),
            *decision_routes(console),
            *action_routes(console),
            *phone_routes(console),
            *zone_routes(console),
        ],
        exception_handlers=problem_responses(console),
    )


def _lists(console: Console, request: ConsoleRequest) -> Response[MyLists | None]:
    paired = console.cookie.phone in request.cookies
    found = my_lists(console.source, request.user, paired=paired)
    tag = f'"{sha256(msgspec.json.encode(found)).hexdigest()[:32]}"'
    headers = {**PRIVATE, "etag": tag}
    if _has(request, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(found, headers=headers)


def _has(request: Request[Any, Any, Any], tag: str) -> bool:
    """Return whether the caller has what a tag stands for; a proxy that compresses makes the tag a weak one."""
    known = request.headers.get("if-none-match", "")
    return tag in {row.strip().removeprefix("W/") for row in known.split(",")}
