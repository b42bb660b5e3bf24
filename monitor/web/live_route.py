"""``GET /live``: the live stream of one page."""

from collections.abc import AsyncIterator

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec.structs import replace

from monitor.web.context import Console
from monitor.web.subscription import Subscription
from monitor.web.viewer import ConsoleRequest
from monitor.web.wall import WALL


def live_route(console: Console) -> HTTPRouteHandler:
    """Return the route. What it serves is no input of a person: it keeps no session awake."""

    @get("/live", opt={"right": "signed in", "serves_walls": True})
    async def live(request: ConsoleRequest) -> Response[str] | Stream:
        """Stream what changes from the page's place on, named by ``last``, and each part that it ``follows``."""
        cookie = console.cookie.wall if request.auth is None else console.cookie.name
        token = request.cookies.get(cookie, "")
        last, follows = (request.query_params.getall(name, [""]) for name in ("last", "follows"))
        is_wall = request.user.is_wall or any(part.partition("/")[0] == WALL for part in follows)
        viewer = replace(request.user, is_wall=is_wall)
        subscription = console.live.subscribe(viewer, token, last[0], follows)
        if subscription is None:
            return Response("", status_code=503, headers={"retry-after": "5"})
        return Stream(
            _events(console, subscription),
            media_type="text/event-stream",
            # A proxy that collects a response before it passes it on would hold back the stream.
            headers={"x-accel-buffering": "no"},
        )

    return live


async def _events(console: Console, subscription: Subscription) -> AsyncIterator[bytes]:
    try:
        async for event in subscription.events():
            yield event
    finally:
        console.live.unsubscribe(subscription)
