"""``/oncall/{team}``: take a shift, give it to another or give it back, after a look at what that changes."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.accounts.shift_rights import candidates, is_own
from monitor.core.events.commands import StaffOverride, StaffRelease
from monitor.core.roster import Person, Team
from monitor.web.commands import form_time, local_time, record
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.shift_change import ShiftPreview, gap_in, names_in, on_call_now, plan_from, preview
from monitor.web.shift_words import moment, offset, roster_of, shift_row, stretches
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

MOST_SHOWN = 12
"""Stretches of the plan on one page."""


def shift_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/oncall/{team:str}", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest, team: FromPath[str]) -> HtmlResponse:
        """Show the plan of a team and, for a form that is filled in, what it would change."""
        return _page(console, request, _team(console.source, team), request.query_params)

    @post("/oncall/{team:str}/take", opt={"right": "take_shift"}, status_code=200)
    async def take(request: ConsoleRequest, team: FromPath[str]) -> Response[str] | Redirect:
        """Put a person on call in place of the plan: oneself, or another."""
        found, viewer, source = _team(console.source, team), request.user, console.source
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        given = dict(fields)
        refused = await _take(found, given, viewer, source)
        if refused:
            return _page(console, request, found, given, refused=refused)
        return Redirect(f"/oncall/{team}", status_code=303)

    @post("/oncall/{team:str}/release", opt={"right": "take_shift"}, status_code=200)
    async def release(request: ConsoleRequest, team: FromPath[str]) -> Response[str] | Redirect:
        """End a shift that was taken: the plan applies again."""
        found, viewer, source = _team(console.source, team), request.user, console.source
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        refused = await _release(found, dict(fields), viewer, source)
        if refused:
            return _page(console, request, found, {}, refused=refused)
        return Redirect(f"/oncall/{team}", status_code=303)

    return [show, take, release]


def _team(source: Source, own: str) -> Team:
    found = next((row for row in roster_of(source).teams if row.id == own), None)
    if found is None:
        raise NotFoundException
    return found


async def _take(team: Team, given: Mapping[str, str], viewer: Viewer, source: Source) -> str:
    """Put a person on call; return why not, or nothing."""
    language, person = viewer.language, given.get("person") or viewer.who
    if given.get("seen") != on_call_now(source, team.id):
        return language.gettext("Who is on call has changed since it was shown. Look at it again.")
    if (wrong := _unreadable_begin(given, source)) is not None:
        return language.gettext("“{text}” is no time.").format(text=language.inset(wrong))
    command = _command(team, person, given, viewer, source)
    return await record(command, given.get("key", ""), viewer, source)


async def _release(team: Team, given: Mapping[str, str], viewer: Viewer, source: Source) -> str:
    """End a shift that was taken; return why not, or nothing."""
    taken = source.state.paging.overrides.get(team.id)
    if taken is not None and not _may_release(team.id, viewer, source):
        return viewer.language.gettext("Whoever is on call, or has put them there, may end it.")
    event = StaffRelease(at=source.now(), who=viewer.who, team=team.id)
    return await record(event, given.get("key", ""), viewer, source)


def _people(
    team: str, given: Mapping[str, str], viewer: Viewer, source: Source
) -> Mapping[str, Person]:
    """Return whom a viewer may put on call in a team, by id: those who take turns in it first."""
    people, members = source.people(), source.members().get(team, frozenset())
    begin = max(local_time(given.get("since", ""), source) or source.now(), source.now())
    allowed = candidates(viewer.account, viewer.who, team, members, source.state, begin, viewer.at)
    first = {own: people[own] for own in sorted(members) if own in people}
    return {
        own: row for own, row in {**first, **people}.items() if allowed is None or own in allowed
    }


def _may_release(team: str, viewer: Viewer, source: Source) -> bool:
    taken = source.state.paging.overrides.get(team)
    if taken is None or not viewer.has("take_shift"):
        return False
    return is_own(taken, viewer.who) or viewer.has("give_shift")


def _command(
    team: Team, person: str, given: Mapping[str, str], viewer: Viewer, source: Source
) -> StaffOverride:
    return StaffOverride(
        at=source.now(),
        who=viewer.who,
        team=team.id,
        person=person,
        since=local_time(given.get("since", ""), source),
        until=local_time(given.get("until", ""), source),
    )


def _unreadable_begin(given: Mapping[str, str], source: Source) -> str | None:
    """Return what was written as the beginning if it is no time: it must not become "from now on"."""
    since = given.get("since", "").strip()
    return since if since and local_time(since, source) is None else None


def _page(
    console: Console,
    request: ConsoleRequest,
    team: Team,
    given: Mapping[str, str],
    *,
    refused: str = "",
) -> HtmlResponse:
    viewer, source, language = request.user, console.source, request.user.language
    planned = stretches(source, team.id)
    people = _people(team.id, given, viewer, source)
    person, until = given.get("person") or viewer.who, given.get("until", "")
    shown = None
    if until and person in people:
        shown = preview(_command(team, person, given, viewer, source), source, language)
        if (wrong := _unreadable_begin(given, source)) is not None:
            why = language.gettext("“{text}” is no time.").format(text=language.inset(wrong))
            shown = ShiftPreview(refused=why)
        refused = refused or shown.refused
    after = plan_from(source, team.id, source.now())
    taken = source.state.paging.overrides.get(team.id)
    return console.page(
        request,
        "on_call_team.html",
        status=409 if refused and request.method == "POST" else 200,
        team=team,
        plan=_plan(source, team.id, viewer),
        people=people,
        person=person,
        since=given.get("since", ""),
        until=until or ("" if planned[0].is_open else form_time(planned[0].ends, source)),
        preview=None if shown is None or shown.refused else shown,
        taken=None if taken is None else source.writer.name(taken.person),
        taken_since=""
        if taken is None or taken.since <= source.now()
        else moment(source, taken.since, language),
        taken_until="" if taken is None else moment(source, taken.until, language),
        may_release=_may_release(team.id, viewer, source),
        after_release=names_in(after, language),
        gap=next(gap_in(after, source, language), ""),
        refused=refused,
        zone=source.rule_set.venue.congress.timezone,
        offset=offset(source),
        key=uuid4().hex,
    )


def _plan(source: Source, team: str, viewer: Viewer) -> Sequence[object]:
    return [
        shift_row(source, team, stretch, viewer.language, viewer.who)
        for stretch in stretches(source, team)[:MOST_SHOWN]
    ]
