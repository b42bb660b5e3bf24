"""The page behind the link in a page: it shows one alert, and one button says «mine». Opening it changes nothing."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html import escape

from litestar import MediaType, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.core.alert import Alert, Handling
from monitor.core.event import StaffAcknowledge
from monitor.texts import Author, Language
from monitor.web.links import Links, Taker

STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.2rem}"
    "h1{font-size:1.5rem;line-height:1.25}dt{opacity:.65;font-size:.9rem}dd{margin:0 0 .7rem}"
    "button{width:100%;padding:1rem;font:inherit;font-weight:600;"
    "color:#fff;background:#0b57d0;border:0;border-radius:.8rem}"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
}
Answer = Response[str]


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
        if not isinstance(read, Taker):
            said = author.language("")
            if read == "expired":
                title = said.gettext("This link has expired")
                more = said.gettext("Ask the control room, or use the link in the latest message.")
                return _page(said, 410, title, more)
            more = said.gettext(
                "Part of it is missing. Open it from the message once more, or ask the control room."
            )
            return _page(said, 404, said.gettext("This link doesn't work"), more)
        said, alert = author.language(read.person), standing(read.alert)
        if alert is None:
            more = said.gettext("Nothing has to be done about it any more.")
            return _page(said, 410, said.gettext("It is closed"), more)
        facts = author.facts(alert, said)
        if alert.owner == read.person:
            return _page(said, 200, said.gettext("Already yours"), author.title(alert, said), facts)
        if alert.handling is not Handling.NEW:
            who = said.inset(author.name(alert.owner))
            more = said.gettext("{name} has taken it.").format(name=who)
            return _page(said, 409, said.gettext("Somebody has it"), more, facts)
        if confirmed:
            take(read)
            more = said.gettext("You have taken it. Nobody else is called about it now.")
            return _page(said, 200, said.gettext("It is yours"), more, facts)
        more = said.gettext(
            "You act as {name}. Taking it stops further calls; it stays on the board until it is dealt with."
        ).format(name=said.inset(author.name(read.person)))
        button = said.gettext("I take it")
        return _page(said, 200, author.title(alert, said), more, facts, button)

    return [show, confirm]


def _page(  # noqa: PLR0913, PLR0917 - what stands on one page
    said: Language,
    status: int,
    title: str,
    more: str,
    facts: list[tuple[str, str]] | None = None,
    button: str = "",
) -> Answer:
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in facts or []
    )
    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    html = (
        f'<!doctype html><html lang="{said.tag}" dir="{"rtl" if said.is_rtl else "ltr"}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f"<h1>{escape(title)}</h1><dl>{rows}</dl><p>{escape(more)}</p>{form}"
    )
    return Response(html, status_code=status, headers=HEADERS, media_type=MediaType.HTML)
