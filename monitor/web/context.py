"""What every page of the console is made with: the running monitor, the accounts, the live stream, and the layout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection

from monitor.accounts import Account, Accounts, Right
from monitor.texts import Language, best
from monitor.texts.marked import msgid
from monitor.web.identity_provider import IdentityProvider
from monitor.web.live import LiveStream
from monitor.web.session import SessionCookie
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, html, render
from monitor.web.viewer import Viewer

if TYPE_CHECKING:
    from monitor.web.point_passages import PointPassages  # it names pages of the console itself
    from monitor.web.sites import ReadSites

LANGUAGE_COOKIE, THEME_COOKIE, BOARD_COOKIE = "vm-language", "vm-theme", "vm-board"
"""Preferences of a browser; no secrets."""
SECTIONS: Sequence[tuple[str, str, Right | None]] = (
    ("/sites", msgid("Sites"), "view"),
    ("/board", msgid("Board"), "view"),
    ("/readiness", msgid("Readiness"), "view"),
    ("/inspections", msgid("Inspections"), "view"),
    ("/plan", msgid("Plan"), "view"),
    ("/log", msgid("Log"), "view"),
    ("/oncall", msgid("On call"), "view"),
    ("/masks", msgid("Masks"), "view"),
    ("/me", msgid("My account"), None),
)
"""The navigation: address, name, and the right without which it is left out."""
GO_KEYS: Mapping[str, str] = {
    "/board": "b",
    "/plan": "p",
    "/readiness": "r",
    "/log": "l",
    "/oncall": "o",
}
"""The letter that leads to a page of the navigation after ``g``."""
LANGUAGES: Mapping[str, str] = {"en": "English", "vi": "Tiếng Việt", "ar": "العربية"}
"""Each language by its own name."""


@dataclass(frozen=True, slots=True)
class Console:
    """The web console of one monitor."""

    source: Source
    accounts: Accounts
    live: LiveStream
    passages: "PointPassages"
    cookie: SessionCookie
    grafana_url: str = ""
    """Grafana's address; empty: there is none."""
    provider: IdentityProvider | None = None
    """Where people can sign in as well; ``None``: nowhere else."""
    sites: "ReadSites | None" = None
    """Reads the board of all sites; ``None``: there is this one."""

    def language(
        self, connection: ASGIConnection[Any, Any, Any, Any], account: Account | None = None
    ) -> Language:
        """Return the language of an account, else what its browser has chosen, else the congress's first."""
        chosen = connection.cookies.get(LANGUAGE_COOKIE, "")
        congress = self.source.rule_set.venue.congress.languages
        own = "" if account is None else account.language
        return best([tag for tag in (chosen, own, *congress) if tag])

    def page(
        self,
        request: Request[Any, Any, Any],
        template: str,
        /,
        *,
        status: int = 200,
        language: Language | None = None,
        **values: Any,  # noqa: ANN401 - whatever the template shows
    ) -> HtmlResponse:
        """Return a page in the layout of the console.

        Args:
            request: what is answered.
            template: its file.
            status: of HTTP.
            language: another one than the viewer's, or that of whoever has not signed in.
            values: what the template shows.

        """
        viewer = viewer_of(request)
        if viewer is not None:
            self._touch(viewer)
        if language is None:
            language = self.language(request) if viewer is None else viewer.language
        rendered = render(
            template,
            language,
            viewer=viewer,
            congress=self.source.rule_set.venue.congress.name or "",
            sections=[
                (address, language.gettext(title), GO_KEYS.get(address, ""))
                for address, title, right in SECTIONS
                if viewer is not None
                and (right is None or viewer.has(right))
                and (address != "/sites" or self.sites is not None)
            ],
            here=request.url.path,
            theme="light" if request.cookies.get(THEME_COOKIE) == "light" else "dark",
            position="" if viewer is None else self.live.position(viewer),
            **values,
        )
        return html(rendered, status=status)

    def _touch(self, viewer: Viewer) -> None:
        """Take note that somebody is there; an unattended session stays so until it has the PIN."""
        session = viewer.session
        if session is not None and not viewer.is_wall and not session.needs_pin(viewer.at):
            self.accounts.touch(session)


def viewer_of(request: Request[Any, Any, Any]) -> Viewer | None:
    """Return who has signed in; ``None``: nobody, or a page without sign-in."""
    viewer = request.scope.get("user")
    return viewer if isinstance(viewer, Viewer) else None


def is_fragment(request: Request[Any, Any, Any]) -> bool:
    """Return whether a script asks for a part of a page, to put it into the one that is shown."""
    return request.headers.get("hx-request") == "true"


def login_address(request: Request[Any, Any, Any]) -> str:
    """Return the address of the sign-in that leads back to a page, or to the page with the form that was sent."""
    here = request.url if request.method == "GET" else urlsplit(request.headers.get("referer", ""))
    address = here.path + (f"?{here.query}" if here.query else "")
    return f"/login?{urlencode({'next': address})}" if address not in {"", "/"} else "/login"
