"""Where the console's buttons lead: one route for each act on one alert, and one for many alerts at once."""

import asyncio
from collections.abc import Sequence

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.texts import Language
from monitor.web.alert import alert_page, find
from monitor.web.commands import RIGHTS, Act, Form, execute, objection, read_form
from monitor.web.context import Console, is_fragment
from monitor.web.forms import Fields, ask_pin, fields_of
from monitor.web.guard import require, require_alert
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, html, render
from monitor.web.viewer import ConsoleRequest, Viewer

MOST_AT_ONCE = 500
"""Alerts of one request: it takes less than a second."""
Answer = Response[str] | Redirect


class Refused(Struct, frozen=True, kw_only=True):
    """An alert with which an act was not done, and why."""

    title: str
    reason: str


def command_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @post("/alerts", opt={"right": "act"}, status_code=200)
    async def act_on_many(request: ConsoleRequest) -> Answer:
        """Do one act with all alerts that were selected, and say honestly with how many it was done."""
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        return await _act_on_many(console, request, fields)

    return [*(_route(console, act) for act in RIGHTS), act_on_many]


def _route(console: Console, act: Act) -> HTTPRouteHandler:
    @post(f"/alerts/{{own:str}}/{act}", opt={"right": RIGHTS[act]}, status_code=200)
    async def act_on_one(request: ConsoleRequest, own: FromPath[str]) -> Answer:
        """Do it, or say why it was refused."""
        alert = require_alert(request.user, find(console.source, own))
        if alert is None:
            raise NotFoundException
        require(request.user, RIGHTS[act], alert.site)
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        return await _act_on_one(console, request, alert, act, fields)

    return act_on_one


async def _act_on_one(
    console: Console, request: ConsoleRequest, alert: Alert, act: Act, fields: Fields
) -> Answer:
    viewer, source = request.user, console.source
    form = read_form(act, dict(fields), source)
    if form is None:
        raise NotFoundException
    refused = await execute(form, alert, viewer, source)
    current = find(source, alert.id) or alert
    if is_fragment(request):
        return _result(viewer.language, source.writer.title(current, viewer.language), refused)
    if refused:
        return alert_page(console, request, current, refused=refused, form=form)
    # On-call staff see a silent alert for which they were paged until it is closed.
    is_gone = current.silent and not current.is_open and not viewer.may("silent", current.site)
    return Redirect("/board" if is_gone else f"/alerts/{alert.id}", status_code=303)


def _result(language: Language, title: str, refused: str) -> HtmlResponse:
    rows = [Refused(title=title, reason=refused)] if refused else []
    rendered = render("result.html", language, done=1 - len(rows), total=1, refused=rows)
    return html(rendered, status=409 if refused else 200)


async def _act_on_many(console: Console, request: ConsoleRequest, fields: Fields) -> Answer:
    viewer, source = request.user, console.source
    language = viewer.language
    chosen = list(dict.fromkeys(value for name, value in fields if name == "alert"))
    form = read_form(dict(fields).get("act", ""), dict(fields), source)
    reason = _objection_to_many(form, chosen, language)
    if form is None or reason:
        rendered = render("result.html", language, done=0, total=0, refused=[], reason=reason)
        return html(rendered, status=409)
    refused = await _refusals(console, request, form, chosen)
    rendered = render(
        "result.html",
        language,
        done=len(chosen) - len(refused),
        total=len(chosen),
        refused=refused,
    )
    if is_fragment(request):
        return html(rendered, status=409 if refused else 200)
    status = 409 if refused else 200
    return console.page(request, "many.html", status=status, result=rendered)


def _objection_to_many(form: Form | None, chosen: Sequence[str], language: Language) -> str:
    """Return why nothing is done with any alert; empty if nothing speaks against it."""
    if form is None:
        return language.gettext("This act does not exist.")
    if not chosen:
        return language.gettext("Select at least one alert.")
    if len(chosen) > MOST_AT_ONCE:
        most = language.inset(str(MOST_AT_ONCE))
        return language.gettext("Select at most {n} alerts.").format(n=most)
    return objection(form, language)


async def _refusals(
    console: Console, request: ConsoleRequest, form: Form, chosen: Sequence[str]
) -> list[Refused]:
    """Do an act with each alert, all at the same time; return those with which it was not done."""
    viewer, source = request.user, console.source
    done = await asyncio.gather(*(_refusal(form, own, viewer, source) for own in chosen))
    return [row for row in done if row is not None]


async def _refusal(form: Form, own: str, viewer: Viewer, source: Source) -> Refused | None:
    """Do an act with one alert; return why it was not done."""
    alert, language = find(source, own), viewer.language
    if alert is None or not viewer.sees(alert):
        return Refused(title=language.inset(own), reason=language.gettext("It is closed."))
    if not alert.is_open:
        reason = language.gettext("It is closed.")
    elif not viewer.may(RIGHTS[form.act], alert.site):
        reason = language.gettext("You may not do this at this site.")
    else:
        reason = await execute(form, alert, viewer, source)
    return Refused(title=source.writer.title(alert, language), reason=reason) if reason else None
