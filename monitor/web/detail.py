"""The view of one alert, to which the dashboards link: it shows the alert's status and changes nothing."""

from collections.abc import Callable

from litestar import MediaType, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.core.alert import Alert
from monitor.texts import PageWriter
from monitor.web.view import HtmlResponse, WebPage


def detail_route(writer: PageWriter, find: Callable[[str], Alert | None]) -> HTTPRouteHandler:
    """Return the route.

    Args:
        writer: provides the languages, names and titles.
        find: returns an alert by its id, open or closed.

    """

    @get("/alerts/{own:str}", media_type=MediaType.HTML, sync_to_thread=False)
    def show(own: FromPath[str]) -> HtmlResponse:
        """Show the alert in the congress's language; answer for a silent alert as if it did not exist."""
        language, alert = writer.language(""), find(own)
        if alert is None or alert.silent:
            more = language.gettext(
                "The address is wrong, or the alert is too old. Ask the control room."
            )
            title = language.gettext("Alert not found")
            return WebPage(language=language, status=404, title=title, more=more).response()
        more = language.gettext("This page is for viewing only.")
        command = ""
        if alert.needs_owner:
            more = language.gettext(
                "You cannot acknowledge here. On call, use the link in your message; in the control room, run:"
            )
            command = f"venue-monitor ack {alert.id}"
        elif not alert.is_open:
            more = language.gettext("No further action is needed.")
        return WebPage(
            language=language,
            title=writer.title(alert, language),
            severity=alert.severity,
            facts=writer.facts(alert, language),
            more=more,
            command=command,
        ).response()

    return show
