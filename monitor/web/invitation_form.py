"""``/invite``: an account for somebody at one's own site, and the link with which they set a password."""

from datetime import datetime
from typing import NamedTuple

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from monitor.accounts import ROLES, Account, Actor, Grant
from monitor.accounts.directory import NAME
from monitor.accounts.invitation_rights import objection_to_invitation, roles_to_give
from monitor.accounts.sign_in import canonical
from monitor.texts.roles import role_in_words
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

LONGEST_NAME = 200


class Invited(NamedTuple):
    """Who is invited, as it was filled in."""

    name: str = ""
    full_name: str = ""
    person: str = ""
    role: str = ""
    site: str = ""
    until: str = ""


def invite_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/invite", opt={"right": "invite"}, sync_to_thread=False)
    def ask(request: ConsoleRequest) -> HtmlResponse:
        """Show the form."""
        return _show(console, request, Invited())

    @post("/invite", opt={"right": "invite"}, status_code=200)
    async def invite(request: ConsoleRequest) -> Response[str] | Redirect:
        """Add the account, and show its link this once."""
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        given = dict(fields)
        invited = Invited(*(given.get(name, "").strip()[:LONGEST_NAME] for name in Invited._fields))
        invited = invited._replace(name=canonical(invited.name))
        return _invite(console, request, invited)

    return [ask, invite]


def _invite(console: Console, request: ConsoleRequest, invited: Invited) -> HtmlResponse:
    viewer = request.user
    grant = _grant(console, invited)
    refused = _objection(console, viewer, invited, grant)
    if refused or grant is None:
        return _show(console, request, invited, refused=refused)
    accounts = console.accounts
    actor = Actor(viewer.account.name) if request.auth is None else Actor.of(request.auth)
    account = Account(
        name=invited.name,
        full_name=invited.full_name,
        person=invited.person,
        grants=(grant,),
    )
    accounts.add(account, actor)
    link = f"{str(request.base_url).rstrip('/')}/first/{accounts.link(invited.name, actor)}"
    return _show(console, request, Invited(), name=invited.name, link=link)


def _objection(console: Console, viewer: Viewer, invited: Invited, grant: Grant | None) -> str:
    """Return why nobody is invited; empty if nothing speaks against it."""
    language, source = viewer.language, console.source
    if not NAME.fullmatch(invited.name):
        return language.gettext(
            "A name to sign in with has up to 64 of the characters a-z 0-9 . _ -"
        )
    if console.accounts.find(invited.name) is not None:
        return language.gettext("This name is taken.")
    if invited.person and invited.person not in source.people():
        return language.gettext("This person is not in the roster.")
    if grant is None:
        return language.gettext("Choose a role, a site, and an end that is a date and a time.")
    why = objection_to_invitation(viewer.account, [grant], viewer.at)
    return "" if why is None else source.writer.reason(why, language)


def _grant(console: Console, invited: Invited) -> Grant | None:
    """Return the grant that was filled in; ``None`` if it is none."""
    role = next((row for row in ROLES if row == invited.role), None)
    sites = {site.id for site in console.source.rule_set.venue.sites}
    if role is None or invited.site not in sites:
        return None
    if not invited.until:
        return Grant(role=role, site=invited.site)
    try:
        until = datetime.fromisoformat(invited.until)
    except ValueError:
        return None
    timezone = console.source.writer.names.timezone
    return Grant(role=role, site=invited.site, until=until.replace(tzinfo=timezone))


def _show(  # noqa: PLR0913 - what the page shows
    console: Console,
    request: ConsoleRequest,
    invited: Invited,
    *,
    refused: str = "",
    name: str = "",
    link: str = "",
) -> HtmlResponse:
    viewer, source = request.user, console.source
    sites = [
        (site.id, source.writer.names.of("site", site.id))
        for site in source.rule_set.venue.sites
        if viewer.may("invite", site.id)
    ]
    roles = {
        role: role_in_words(role, viewer.language)
        for own, _ in sites
        for role in roles_to_give(viewer.account, own, viewer.at)
    }
    return console.page(
        request,
        "invite.html",
        status=409 if refused else 200,
        invited=invited,
        refused=refused,
        name=name,
        link=link,
        sites=sites,
        roles=roles,
        people=sorted(source.people().values(), key=lambda person: person.name),
    )
