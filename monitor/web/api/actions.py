"""Reports on corrective actions: begun, done, verified by somebody else, or opened again."""

from collections.abc import Mapping
from typing import Literal, assert_never

from litestar import post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.accounts import Right
from monitor.core.events.inspection import person
from monitor.core.events.vocabulary import Name, Text, When
from monitor.core.events.work import (
    Action,
    ActionDone,
    ActionReopened,
    ActionStarted,
    ActionVerified,
)
from monitor.core.state.work import ActionState
from monitor.web.api.callers import readable
from monitor.web.api.form import Label, read
from monitor.web.api.problem import Refused
from monitor.web.api.receipts import record
from monitor.web.context import Console
from monitor.web.guard import require
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

Act = Literal["started", "done", "verified", "reopened"]
RIGHTS: Mapping[Act, Right] = {
    "started": "inspect",
    "done": "inspect",
    "verified": "approve",
    "reopened": "approve",
}
"""The right that each report needs at the site of the action's zone."""
Stage = Literal["open", "done", "verified", "cancelled"]
FROM: Mapping[Act, frozenset[Stage]] = {
    "started": frozenset({"open"}),
    "done": frozenset({"open"}),
    "verified": frozenset({"open", "done"}),
    "reopened": frozenset({"done", "verified", "cancelled"}),
}
"""The stages in which each report makes sense."""


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody reports about an action."""

    key: Name
    """The same whenever it is sent again."""
    at: When | None = None
    """When it was so; ``None``: now."""
    note: Text = ""
    inspection: Label = ""
    """The one that shows that the work has succeeded, of a verification; empty: any later one does."""


class Reported(Struct, frozen=True, kw_only=True):
    """A report that is in the journal."""

    id: str
    state: Act


def action_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [_route(console, act) for act in RIGHTS]


def _route(console: Console, act: Act) -> HTTPRouteHandler:
    opt = {"right": RIGHTS[act], "serves_phones": RIGHTS[act] == "inspect"}

    @post(f"/actions/{{action:str}}/{act}", opt=opt, status_code=200)
    async def report(request: ConsoleRequest, action: FromPath[str]) -> Reported:
        """Record what somebody reports about an action."""
        body = await request.body()
        given = readable(read(body, Report), console.source, request.user)
        return await report_on(console.source, request.user, action, act, given)

    return report


async def report_on(source: Source, viewer: Viewer, own: str, act: Act, given: Report) -> Reported:
    """Record a report on an action.

    Raises:
        NotFoundException: there is no such action.
        RightMissing: the viewer may not.
        Refused: it makes no sense as things stand, or the viewer would verify their own work.

    """
    state = source.state.work.actions.get(own)
    if state is None:
        raise NotFoundException
    zones = {row.id: row.site for row in source.rule_set.venue.zones}
    require(viewer, RIGHTS[act], zones.get(state.zone, ""))
    if not _is_reported_again(source, viewer, own, act):
        _check(source, viewer, own, state, act)
    await record(source, viewer, given.key, [_event(source, viewer, own, act, given)])
    return Reported(id=own, state=act)


def _is_reported_again(source: Source, viewer: Viewer, own: str, act: Act) -> bool:
    """Return whether the latest report is this one: the answer to it was lost."""
    latest = _latest(source, own)
    return isinstance(latest, _EVENTS[act]) and latest.who == viewer.who


def _check(source: Source, viewer: Viewer, own: str, state: ActionState, act: Act) -> None:
    language = viewer.language
    if act == "verified" and person(state.done_by) == person(viewer.who):
        raise Refused("own-work", language.gettext("Somebody else has to verify your work."))
    if state.stage not in FROM[act]:
        stage = language.word(state.stage)
        latest = _latest(source, own)
        if latest is None or not latest.who:
            raise Refused(
                "refused", language.gettext("The action is: {stage}.").format(stage=stage)
            )
        zone = source.writer.names.timezone
        what = language.gettext("The action is: {stage}, by {name}, {at}.")
        raise Refused(
            "refused",
            what.format(
                stage=stage,
                name=language.inset(source.writer.name(latest.who)),
                at=language.time_of_day(latest.at, zone, None),
            ),
        )


def _latest(source: Source, own: str) -> Action | None:
    """Return the latest report on an action that came in; ``None`` if retention has removed it."""
    rows = source.journal.work_events.of(own)
    return rows[-1].event if rows and isinstance(rows[-1].event, Action) else None


_EVENTS: Mapping[Act, type[Action]] = {
    "started": ActionStarted,
    "done": ActionDone,
    "verified": ActionVerified,
    "reopened": ActionReopened,
}


def _event(source: Source, viewer: Viewer, own: str, act: Act, given: Report) -> Action:
    at, who, note = given.at or source.now(), viewer.who, given.note
    match act:
        case "started":
            return ActionStarted(at=at, action=own, who=who, note=note)
        case "done":
            return ActionDone(at=at, action=own, who=who, note=note)
        case "verified":
            return ActionVerified(
                at=at, action=own, who=who, note=note, inspection=given.inspection
            )
        case "reopened":
            return ActionReopened(at=at, action=own, who=who, note=note)
        case unreachable:
            assert_never(unreachable)
