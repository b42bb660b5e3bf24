"""Who may call which route. Each names the right that it needs in its ``opt``; one that names none serves nobody."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Any, get_args
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from monitor.accounts import Right
from monitor.core.alert import Alert
from monitor.web.viewer import Viewer

RIGHT = "right"
"""The key in a route's ``opt``: a `Right`, ``open`` or ``signed in``."""
OPEN, SIGNED_IN = "open", "signed in"
KNOWN = {*get_args(Right), OPEN, SIGNED_IN}
TOKEN_IN_REQUEST = {RIGHT: OPEN, "is_same_origin": False}
"""The ``opt`` of a route that serves whoever has a token, which no browser adds by itself."""
LOCAL = "is_local_enough"
"""The key in the ``opt`` of a route that also serves programs on this machine, whoever they are."""
IDENTIFIED = "is_identified"
"""The key in the ``opt`` of an open route that tells more to some."""
_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
_PORT = re.compile(r":[0-9]+$")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
Connection = ASGIConnection[Any, Any, Any, Any]


class RightMissing(PermissionDeniedException):
    """The viewer lacks a right."""

    def __init__(self, right: Right | None = None, site: str = "") -> None:
        self.right = right
        """``None``: no right would help."""
        self.site = site
        """Where it is missing; empty: everywhere."""
        super().__init__()


def require(viewer: Viewer, right: Right, site: str) -> None:
    """Go on only if the viewer has a right at a site.

    Raises:
        RightMissing: they lack it.

    """
    if not viewer.may(right, site):
        raise RightMissing(right, site)


def require_any(viewer: Viewer, right: Right, sites: Sequence[str]) -> None:
    """Go on only if the viewer has a right at one of some sites; where there are none, anywhere.

    Raises:
        RightMissing: they lack it.

    """
    if not any(viewer.may(right, site) for site in sites or ("",)):
        raise RightMissing(right, sites[0] if sites else "")


def require_alert(viewer: Viewer, alert: Alert | None) -> Alert | None:
    """Return an alert if the viewer may see it; of a silent one they don't learn that it exists.

    Raises:
        RightMissing: it is of a site that they may not see.

    """
    if alert is None or (alert.silent and not viewer.sees(alert)):
        return None
    require(viewer, "view", alert.site)
    return alert


def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a request pass that may call the route.

    Raises:
        NotAuthorizedException: nobody has signed in.
        RightMissing: the viewer lacks the right at every site, or the route names none.

    """
    right: Any = handler.opt.get(RIGHT)
    if right == OPEN:
        return
    if handler.opt.get(LOCAL) and is_local(connection):
        return
    viewer = connection.scope.get("user")
    if not isinstance(viewer, Viewer):
        raise NotAuthorizedException
    if right not in KNOWN:
        raise RightMissing
    if right != SIGNED_IN and not viewer.has(right):
        raise RightMissing(right)


def is_local(connection: Connection) -> bool:
    """Return whether a program on this machine asks, directly: not through a proxy, nor a page in a browser.

    A page of another site may reach this machine under a name of its own (DNS rebinding), but not under ours.
    """
    client = connection.client
    host = connection.headers.get("host", "")
    return (
        client is not None
        and is_loopback(client.host)
        and _PORT.sub("", host) in _HOSTS
        and not any(name in connection.headers for name in _FORWARDED)
    )


def is_loopback(address: str) -> bool:
    """Return whether an address is of this machine alone."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


class SameOrigin:
    """Refuses what another site's page makes a browser send (cross-site request forgery).

    Args:
        public_url: the address under which browsers reach the console; empty: that of the request.

    """

    def __init__(self, public_url: str) -> None:
        self._host = urlsplit(public_url).netloc

    def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let a request pass that changes nothing, comes from our own page, or carries a token in place of a cookie.

        Raises:
            RightMissing: it may come from elsewhere.

        """
        if (
            connection.scope.get("method") not in UNSAFE
            or handler.opt.get("is_same_origin") is False
        ):
            return
        viewer = connection.scope.get("user")
        if isinstance(viewer, Viewer) and viewer.session is None and not viewer.is_phone:
            return
        fetched, origin = (connection.headers.get(name) for name in ("sec-fetch-site", "origin"))
        if fetched == "same-origin":
            return
        # Over plain HTTP browsers send no `Sec-Fetch-Site`.
        if fetched is None and origin and self._is_ours(origin, connection):
            return
        raise RightMissing

    def _is_ours(self, origin: str, connection: Connection) -> bool:
        return urlsplit(origin).netloc in {self._host, connection.headers.get("host")} - {""}


def without_right(app: Litestar) -> Iterable[str]:
    """Return the routes that name no known right."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                # Litestar answers OPTIONS by itself.
                if handler.http_methods != {"OPTIONS"} and handler.opt.get(RIGHT) not in KNOWN:
                    yield f"{', '.join(sorted(handler.http_methods))} {route.path}"
