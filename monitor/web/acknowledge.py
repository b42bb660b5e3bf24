"""The view behind the link in a page: it shows one alert, with a button to acknowledge it. Opening changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import MediaType, Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.texts import Language, PageWriter
from monitor.web.guard import TOKEN_IN_REQUEST
from monitor.web.links import Links, Taker, Wrong
from monitor.web.view import HtmlResponse, WebPage
from monitor.web.viewer import Viewer

AnyRequest = Request[Any, Any, Any]


def take_routes(
    links: Links,
    writer: PageWriter,
    find_open: Callable[[str], Alert | None],
    acknowledge: Callable[[Taker], Awaitable[bool]],
    signed_in: Callable[[AnyRequest], Viewer | None] = lambda _: None,
) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        links: reads the token of a link.
        writer: provides the languages, names and titles.
        find_open: returns an alert by its id, if it is open.
        acknowledge: records that a person acknowledges an alert; returns whether it was accepted.
        signed_in: returns who has signed in; the person of the link is led to the alert's page in the console, where
            they may do more. The link itself grants one act, whoever follows it.

    """

    @get("/a/{token:str}", media_type=MediaType.HTML, opt=TOKEN_IN_REQUEST)
    async def show(request: AnyRequest, token: FromPath[str]) -> HtmlResponse | Redirect:
        """Show the alert. Changes nothing, since link scanners fetch it too."""
        read, viewer = links.read(token), signed_in(request)
        if isinstance(read, Taker) and viewer is not None and viewer.who == read.person:
            alert = find_open(read.alert)
            if alert is not None and viewer.sees(alert):
                return Redirect(f"/alerts/{alert.id}", status_code=303)
        return await respond(token, confirmed=False)

    @post(
        "/a/{token:str}",
        media_type=MediaType.HTML,
        status_code=200,
        opt=TOKEN_IN_REQUEST,
    )
    async def confirm(token: FromPath[str]) -> HtmlResponse:
        """Acknowledge the alert."""
        return await respond(token, confirmed=True)

    async def respond(token: str, *, confirmed: bool) -> HtmlResponse:
        read = links.read(token)
        if isinstance(read, Taker) and not writer.knows(read.person):
            read = "wrong"
        if not isinstance(read, Taker):
            return _refused(read, writer).response()
        alert = find_open(read.alert)
        if confirmed and alert is not None and alert.needs_owner:
            is_accepted = await acknowledge(read)
            alert = find_open(read.alert)
            if is_accepted and alert is not None:
                return _taken(read, alert, writer).response()
        return _offered(read, alert, writer).response()

    return [show, confirm]


def _refused(wrong: Wrong, writer: PageWriter) -> WebPage:
    language = writer.language("")
    if wrong == "expired":
        title = language.gettext("This link has expired")
        more = language.gettext("Ask the control room, or use the link in the latest message.")
        return WebPage(language=language, status=410, title=title, more=more)
    title = language.gettext("This link does not work")
    more = language.gettext(
        "Part of it is missing. Open it from the message again, or ask the control room."
    )
    return WebPage(language=language, status=404, title=title, more=more)


def _taken(read: Taker, alert: Alert, writer: PageWriter) -> WebPage:
    language = writer.language(read.person)
    return WebPage(
        language=language,
        title=language.gettext("You have acknowledged it"),
        severity=alert.severity,
        facts=_facts(alert, language, writer),
        more=language.gettext("No one else will be called about it."),
    )


def _offered(read: Taker, alert: Alert | None, writer: PageWriter) -> WebPage:
    language = writer.language(read.person)
    if alert is None:
        title = language.gettext("This alert is closed")
        more = language.gettext("No further action is needed.")
        return WebPage(language=language, status=410, title=title, more=more)
    if not alert.needs_owner and alert.owner == read.person:
        return replace(
            _taken(read, alert, writer), title=language.gettext("You have already acknowledged it")
        )
    if alert.needs_owner:
        title = writer.title(alert, language)
        name = language.inset(writer.name(read.person))
        more = language.gettext(
            "You are acting as {name}. Acknowledging stops further calls; it stays on the board until it is resolved."
        ).format(name=name)
        return WebPage(
            language=language,
            title=title,
            severity=alert.severity,
            facts=writer.facts(alert, language),
            more=more,
            button=language.gettext("Acknowledge"),
        )
    name = language.inset(writer.name(alert.owner))
    return WebPage(
        language=language,
        status=409,
        title=language.gettext("Already acknowledged"),
        severity=alert.severity,
        facts=_facts(alert, language, writer),
        more=language.gettext("{name} has acknowledged it.").format(name=name),
    )


def _facts(alert: Alert, language: Language, writer: PageWriter) -> list[tuple[str, str]]:
    """Return the facts for a view whose title is not that of the alert."""
    return [
        (language.gettext("What"), writer.title(alert, language)),
        *writer.facts(alert, language),
    ]
