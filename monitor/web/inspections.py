"""``/inspections``: what runs, waits, is due and failed; one inspection with its answers, photos and decisions."""

from typing import get_args

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from monitor.core.events import kind_of
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    person,
)
from monitor.core.venue.checklist import Checklist
from monitor.journal.work_events import WorkRow
from monitor.texts import Language
from monitor.texts.events import EVENTS
from monitor.web.alert import when
from monitor.web.api.checklists import checklist_of
from monitor.web.api.decisions import Decision, Verdict, decide_on
from monitor.web.api.problem import Refused
from monitor.web.context import Console
from monitor.web.findings import answers_of_visit, finding
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.inspection_board import inspections_part, site_of_inspection
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest

Answer = Response[str] | Redirect


class Step(Struct, frozen=True, kw_only=True):
    """Something that happened with an inspection."""

    at: str
    what: str
    note: str


def inspections_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/inspections", opt={"right": "view"}, sync_to_thread=False)
    def show_all(request: ConsoleRequest) -> HtmlResponse:
        """Show the board of inspections."""
        part = inspections_part(console.source, request.user, "")
        return console.page(request, "inspections.html", part=part)

    @get("/inspections/{inspection:str}", opt={"right": "view"}, sync_to_thread=False)
    def show_one(request: ConsoleRequest, inspection: FromPath[str]) -> HtmlResponse:
        """Show one inspection, as a page to work with and to print."""
        return _page(console, request, inspection)

    verdicts: tuple[Verdict, ...] = get_args(Verdict)
    return [show_all, show_one, *(_decision_route(console, verdict) for verdict in verdicts)]


def _decision_route(console: Console, verdict: Verdict) -> HTTPRouteHandler:
    @post(f"/inspections/{{inspection:str}}/{verdict}", opt={"right": "approve"}, status_code=200)
    async def decide(request: ConsoleRequest, inspection: FromPath[str]) -> Answer:
        """Decide about the form that was looked at, or say why that was refused."""
        if console.source.journal.work_events.latest_form(inspection) is None:
            raise NotFoundException
        require(request.user, "approve", site_of_inspection(console.source, inspection) or "")
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        given = dict(fields)
        revision = given.get("revision", "")
        decision = Decision(
            key=f"{verdict}.{inspection}.{revision}"[:100],
            revision=int(revision) if revision.isdecimal() else 0,
            note=given.get("note", "").strip(),
        )
        try:
            await decide_on(console.source, request.user, inspection, verdict, decision)
        except Refused as error:
            return _page(console, request, inspection, refused=error.detail)
        return Redirect(f"/inspections/{inspection}", status_code=303)

    return decide


def _page(
    console: Console, request: ConsoleRequest, inspection: str, *, refused: str = ""
) -> HtmlResponse:
    source, viewer = console.source, request.user
    language = viewer.language
    rows = source.journal.work_events.of(inspection)
    if not rows:
        raise NotFoundException
    site = site_of_inspection(source, inspection)
    require(viewer, "view", site or "")
    checklist = checklist_of(source.state, getattr(rows[0].event, "checklist", ""))
    latest = source.journal.work_events.latest_form(inspection)
    form = None if latest is None else latest.event
    is_own = form is not None and person(getattr(form, "inspector", "")) == person(viewer.who)
    may_decide = form is not None and not is_own and viewer.may("approve", site or "")
    return console.page(
        request,
        "inspection.html",
        status=409 if refused else 200,
        inspection=inspection,
        title=source.writer.names_in(language).of(
            "checklist", getattr(rows[0].event, "checklist", "")
        ),
        zone="" if checklist is None else source.writer.names.of("zone", checklist.zone),
        zone_id="" if checklist is None else checklist.zone,
        form=form,
        inspector=source.writer.name(getattr(form, "inspector", "")) if form else "",
        finished=when(source, getattr(form, "finished_at", None), language),
        answers=_answers(source, inspection, checklist, language),
        history=[_step(source, row, language) for row in rows],
        may_decide=may_decide,
        refused=refused,
        now=when(source, source.now(), language),
    )


def _answers(
    source: Source, inspection: str, checklist: Checklist | None, language: Language
) -> list[object]:
    """Return the answers in the order of the checklist."""
    order = [] if checklist is None else [line.id for line in checklist.items]
    found = answers_of_visit(source, inspection)
    ids = [*(item for item in order if item in found), *(found.keys() - set(order))]
    return [finding(source, checklist, *found[item], language) for item in ids]


def _step(source: Source, row: WorkRow, language: Language) -> Step:
    """Return what happened, in words."""
    note = getattr(row.event, "note", "")
    name = language.inset(source.writer.name(_who(row)))
    match row.event:
        case InspectionItem():
            text = language.gettext("{name} answered one item ahead")
            note = ""
        case InspectionSubmitted(revision=1):
            text = language.gettext("{name} sent the form")
        case InspectionSubmitted(revision=n) | InspectionAmended(revision=n):
            text = language.gettext("{name} corrected it, revision {n}").replace("{n}", str(n))
        case InspectionApproved():
            text = language.gettext("{name} approved it")
        case InspectionRejected():
            text = language.gettext("{name} rejected it")
        case _:
            text = language.gettext(EVENTS[kind_of(row.event)])
    return Step(at=when(source, row.received_at, language), what=text.format(name=name), note=note)


def _who(row: WorkRow) -> str:
    match row.event:
        case InspectionApproved(approver=who) | InspectionRejected(approver=who):
            return who
        case _:
            return str(getattr(row.event, "inspector", ""))
