"""``/alerts/{id}/why``: the rule of an alert, the events behind it, and the facts as they stood."""

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.web.alert import find, rule_of
from monitor.web.board_alert import MARKS
from monitor.web.context import Console
from monitor.web.explain import VenuePlaces, explain_alert
from monitor.web.guard import require_alert
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest


def explain_route(console: Console) -> HTTPRouteHandler:
    """Return the route."""
    places = VenuePlaces(console.source)

    @get("/alerts/{own:str}/why", opt={"right": "view"})
    async def show(request: ConsoleRequest, own: FromPath[str]) -> HtmlResponse:
        """Show what led to the alert; one that the viewer may not know of looks like an unknown one."""
        viewer, source = request.user, console.source
        alert = require_alert(viewer, find(source, own))
        if alert is None:
            raise NotFoundException
        rule = rule_of(source, alert)
        shape, code = MARKS[alert.severity]
        return console.page(
            request,
            "explain.html",
            alert=alert,
            shape=shape,
            code=code,
            title=source.writer.title(alert, viewer.language),
            rule=rule,
            found=None
            if rule is None
            else await explain_alert(source, places.now(), alert, rule, viewer.language),
        )

    return show
