"""``/people``: where a holder or a badge was last seen; shown against a reason only, which is recorded first."""

from uuid import uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from monitor.core.bounded_text import cut
from monitor.core.events.muster import StaffLookup
from monitor.web.commands import record
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.holder import HolderView, look_up
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest

LONGEST = 128
"""Characters of what is looked up."""


def people_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/people", opt={"right": "lookup"}, sync_to_thread=False)
    def ask(request: ConsoleRequest) -> HtmlResponse:
        """Ask whom to look up, and why."""
        return _page(console, request)

    @post("/people", opt={"right": "lookup"}, status_code=200)
    async def search(request: ConsoleRequest) -> Response[str] | Redirect:
        """Record the search, then show what is known."""
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        given, viewer, source = dict(fields), request.user, console.source
        subject, reason = given.get("subject", "").strip(), given.get("reason", "").strip()
        subject = cut(subject, LONGEST)
        event = StaffLookup(at=source.now(), who=viewer.who, subject=subject, reason=reason)
        # Sent again at once it counts once; read again later, it is another search.
        key = f"{given['key'][:32]}.{source.now():%Y%m%d%H%M}" if given.get("key") else ""
        if refused := await record(event, key, viewer, source):
            return _page(console, request, subject=subject, reason=reason, refused=refused)
        found = await look_up(source, viewer, subject)
        return _page(console, request, subject=subject, reason=reason, found=found)

    return [ask, search]


def _page(  # noqa: PLR0913 - what the page has
    console: Console,
    request: ConsoleRequest,
    *,
    subject: str = "",
    reason: str = "",
    refused: str = "",
    found: HolderView | None = None,
) -> HtmlResponse:
    return console.page(
        request,
        "people.html",
        status=409 if refused else 200,
        subject=subject,
        reason=reason,
        refused=refused,
        found=found,
        key=uuid4().hex,
    )
