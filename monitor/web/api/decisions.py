"""Approves and rejects inspections: never one's own, and only the revision that was looked at."""

from typing import Literal, assert_never

from litestar import post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionRejected,
    InspectionSubmitted,
    person,
)
from monitor.core.events.vocabulary import Name, Text
from monitor.journal.work_events import WorkRow
from monitor.web.api.callers import readable
from monitor.web.api.checklists import checklist_of, site_of
from monitor.web.api.form import read
from monitor.web.api.inspections import newer_form
from monitor.web.api.problem import Refused
from monitor.web.api.receipts import record
from monitor.web.context import Console
from monitor.web.guard import require
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

Verdict = Literal["approve", "reject"]
Form = InspectionSubmitted | InspectionAmended


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody decides about the form of another."""

    key: Name
    """The same whenever it is sent again."""
    revision: int | None = None
    """The one that was looked at; ``None``: the latest."""
    note: Text = ""


class Decided(Struct, frozen=True, kw_only=True):
    """The decision that is in the journal."""

    inspection: str
    revision: int
    verdict: Verdict
    by: str


def decision_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""
    verdicts: tuple[Verdict, ...] = ("approve", "reject")
    return [_route(console, verdict) for verdict in verdicts]


def _route(console: Console, verdict: Verdict) -> HTTPRouteHandler:
    @post(f"/inspections/{{inspection:str}}/{verdict}", opt={"right": "approve"}, status_code=200)
    async def decide(request: ConsoleRequest, inspection: FromPath[str]) -> Decided:
        """Decide about the latest form of an inspection."""
        body = await request.body()
        given = readable(read(body, Decision), console.source, request.user)
        return await decide_on(console.source, request.user, inspection, verdict, given)

    return decide


async def decide_on(
    source: Source, viewer: Viewer, inspection: str, verdict: Verdict, given: Decision
) -> Decided:
    """Record a decision.

    Raises:
        NotFoundException: there is no form of this inspection.
        RightMissing: the viewer may not.
        Refused: the form is their own, there is a later one, or a reason is missing.

    """
    row, language = source.journal.work_events.latest_form(inspection), viewer.language
    if row is None or not isinstance(form := row.event, InspectionSubmitted | InspectionAmended):
        raise NotFoundException
    checklist = checklist_of(source.state, form.checklist)
    require(viewer, "approve", "" if checklist is None else site_of(source.state, checklist))
    if given.revision not in {None, form.revision}:
        what = language.gettext("The form has been corrected since you looked. Look again.")
        raise Refused("revision-superseded", what, newer=newer_form(source, row))
    if person(form.inspector) == person(viewer.who):
        raise Refused("own-work", language.gettext("Somebody else has to decide about your form."))
    if verdict == "reject" and not given.note.strip():
        raise Refused("invalid", language.gettext("Rejecting a form needs a reason."))
    event = _event(source, viewer, row, form, verdict, given.note)
    await record(source, viewer, given.key, [event])
    return Decided(
        inspection=inspection,
        revision=form.revision,
        verdict=verdict,
        by=source.writer.name(viewer.who),
    )


def _event(  # noqa: PLR0913, PLR0917 - what a decision is about
    source: Source, viewer: Viewer, row: WorkRow, form: Form, verdict: Verdict, note: str
) -> InspectionApproved | InspectionRejected:
    # A form that was sent by a clock ahead of ours is decided about after it all the same.
    at = max(source.now(), row.received_at)
    match verdict:
        case "approve":
            return InspectionApproved(
                at=at,
                checklist=form.checklist,
                inspection=form.inspection,
                inspector=form.inspector,
                approver=viewer.who,
            )
        case "reject":
            return InspectionRejected(
                at=at,
                checklist=form.checklist,
                inspection=form.inspection,
                inspector=form.inspector,
                approver=viewer.who,
                note=note,
            )
        case unreachable:
            assert_never(unreachable)
