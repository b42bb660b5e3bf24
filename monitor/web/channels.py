"""``/me/channels/test``: a test page through each of one's own channels, and what came of it."""

from collections.abc import Sequence

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from monitor.core.events.people import NotifyTested
from monitor.web.commands import record
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.source import Source, TriedChannel
from monitor.web.viewer import ConsoleRequest, Viewer


def channel_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the route."""

    @post("/me/channels/test", opt={"right": "signed in"}, status_code=200)
    async def test(request: ConsoleRequest) -> Response[str] | Redirect:
        """Send the test pages, wait for what comes of them, and record those that were delivered."""
        viewer, source = request.user, console.source
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        person = source.people().get(viewer.who)
        found = [] if person is None else await source.try_channels(person.id)
        refused = await _record(found, dict(fields).get("key", ""), viewer, source)
        return console.page(
            request,
            "channels.html",
            status=200 if found else 409,
            channels=[(row, source.writer.reason(row.reason, viewer.language)) for row in found],
            refused=refused,
        )

    return [test]


async def _record(found: Sequence[TriedChannel], key: str, viewer: Viewer, source: Source) -> str:
    """Record the channels that work; return why that was refused, or nothing."""
    for row in found:
        if row.result == "delivered":
            event = NotifyTested(
                at=source.now(), person=viewer.who, channel=row.channel, who=viewer.who
            )
            if refused := await record(event, f"{key}.{row.channel}", viewer, source):
                return refused
    return ""
