"""The page about one alert, to which the dashboards lead: it shows how the alert stands, and grants nothing."""

from collections.abc import Callable

from litestar import MediaType, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.core.alert import Alert, Handling
from monitor.texts import Author
from monitor.web.view import Answer, Page


def detail_route(author: Author, known: Callable[[str], Alert | None]) -> HTTPRouteHandler:
    """Return the route.

    Args:
        author: knows the languages, names and titles.
        known: tells how an alert stands, or stood when it was closed.

    """

    @get("/alerts/{own:str}", media_type=MediaType.HTML, sync_to_thread=False)
    def show(own: FromPath[str]) -> Answer:
        """Show it in the congress's language; a silent alert is answered as one that never was."""
        said, alert = author.language(""), known(own)
        if alert is None or alert.silent:
            more = said.gettext(
                "The address is wrong, or it is too long ago. Ask the control room."
            )
            title = said.gettext("There is no such alert")
            return Page(said=said, status=404, title=title, more=more).answer()
        more, command = said.gettext("This page only shows it; nothing can be changed here."), ""
        if alert.handling is Handling.NEW:
            more = said.gettext(
                "Nobody can take it here. Whoever is on call uses the link in the message; the control room types:"
            )
            command = f"venue-monitor ack {alert.id}"
        elif not alert.is_open:
            more = said.gettext("Nothing has to be done about it any more.")
        return Page(
            said=said,
            title=author.title(alert, said),
            severity=alert.severity,
            facts=author.facts(alert, said),
            more=more,
            command=command,
        ).answer()

    return show
