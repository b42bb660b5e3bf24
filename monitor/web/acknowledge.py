"""The page behind the link in a page: it shows one alert, and one button says «mine». Opening it changes nothing."""

from collections.abc import Callable

from litestar import MediaType, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.events.commands import StaffAcknowledge
from monitor.texts import Author, Language
from monitor.web.links import Links, Taker, Wrong
from monitor.web.view import Answer, Page


def take_routes(
    links: Links,
    author: Author,
    standing: Callable[[str], Alert | None],
    take: Callable[[Taker], StaffAcknowledge],
) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        links: reads the end of a link.
        author: knows the languages, names and titles.
        standing: tells how an alert stands, if it is open.
        take: writes down that somebody takes an alert.

    """

    @get("/a/{token:str}", media_type=MediaType.HTML, sync_to_thread=False)
    def show(token: FromPath[str]) -> Answer:
        """Show the alert; link scanners come here, too."""
        return answer(token, confirmed=False)

    @post("/a/{token:str}", media_type=MediaType.HTML, status_code=200, sync_to_thread=False)
    def confirm(token: FromPath[str]) -> Answer:
        """Take it."""
        return answer(token, confirmed=True)

    def answer(token: str, *, confirmed: bool) -> Answer:
        read = links.read(token)
        if isinstance(read, Taker) and not author.knows(read.person):
            read = "wrong"
        if not isinstance(read, Taker):
            return _refused(read, author).answer()
        alert = standing(read.alert)
        if confirmed and alert is not None and alert.handling is Handling.NEW:
            take(read)
            return _taken(read, standing(read.alert) or alert, author).answer()
        return _offered(read, alert, author).answer()

    return [show, confirm]


def _refused(wrong: Wrong, author: Author) -> Page:
    said = author.language("")
    if wrong == "expired":
        title = said.gettext("This link has expired")
        more = said.gettext("Ask the control room, or use the link in the latest message.")
        return Page(said=said, status=410, title=title, more=more)
    title = said.gettext("This link doesn't work")
    more = said.gettext(
        "Part of it is missing. Open it from the message once more, or ask the control room."
    )
    return Page(said=said, status=404, title=title, more=more)


def _taken(read: Taker, alert: Alert, author: Author) -> Page:
    said = author.language(read.person)
    return Page(
        said=said,
        title=said.gettext("It is yours"),
        severity=alert.severity,
        facts=_facts(alert, said, author),
        more=said.gettext("You have taken it. Nobody else is called about it now."),
    )


def _offered(read: Taker, alert: Alert | None, author: Author) -> Page:
    said = author.language(read.person)
    if alert is None:
        title = said.gettext("It is closed")
        more = said.gettext("Nothing has to be done about it any more.")
        return Page(said=said, status=410, title=title, more=more)
    if alert.handling is not Handling.NEW and alert.owner == read.person:
        return replace(_taken(read, alert, author), title=said.gettext("Already yours"))
    if alert.handling is Handling.NEW:
        title = author.title(alert, said)
        name = said.inset(author.name(read.person))
        more = said.gettext(
            "You act as {name}. Taking it stops further calls; it stays on the board until it is dealt with."
        ).format(name=name)
        return Page(
            said=said,
            title=title,
            severity=alert.severity,
            facts=author.facts(alert, said),
            more=more,
            button=said.gettext("I take it"),
        )
    name = said.inset(author.name(alert.owner))
    return Page(
        said=said,
        status=409,
        title=said.gettext("Somebody has it"),
        severity=alert.severity,
        facts=_facts(alert, said, author),
        more=said.gettext("{name} has taken it.").format(name=name),
    )


def _facts(alert: Alert, said: Language, author: Author) -> list[tuple[str, str]]:
    """Return what stands on a page whose title says something else than what is wrong."""
    return [(said.gettext("What"), author.title(alert, said)), *author.facts(alert, said)]
