"""``/oncall``: who is on call now and next in each team and why, one's own shifts first."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from monitor.web.alert import RelatedRow, related_row
from monitor.web.context import Console
from monitor.web.on_call_changes import OnCallChanges, paged_alerts
from monitor.web.shift_words import ShiftRow, offset, roster_of, shift_row, stretches
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer


class TeamRow(Struct, frozen=True, kw_only=True):
    """A team with who is on call in it."""

    now: ShiftRow
    next: ShiftRow | None
    """``None``: nothing changes as far as it is planned."""
    is_mine: bool
    """The viewer takes turns in it, or is on call in it."""


def on_call_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""
    changes = OnCallChanges(console.source)

    @get("/oncall", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse:
        """Show who is on call."""
        viewer, source, language = request.user, console.source, request.user.language
        person = source.people().get(viewer.who)
        teams = sorted(_teams(source, viewer), key=lambda row: not row.is_mine)
        troubles = [
            (
                source.writer.names.of("subject", row.subject),
                source.writer.reason(row.reason, language),
            )
            for row in roster_of(source).troubles
        ]
        return console.page(
            request,
            "on_call.html",
            teams=teams,
            shifts=list(_shifts(source, viewer)),
            paged=list(_paged(source, viewer)),
            is_known=person is not None,
            channels=() if person is None else person.channels,
            key=uuid4().hex,
            troubles=troubles,
            zone=source.rule_set.venue.congress.timezone,
            offset=offset(source),
            follows=changes.follows(viewer),
        )

    return [show]


def _teams(source: Source, viewer: Viewer) -> Iterator[TeamRow]:
    members = source.members()
    for team in roster_of(source).teams:
        first, *later = stretches(source, team.id)
        rows = [
            shift_row(source, team.id, stretch, viewer.language, viewer.who)
            for stretch in (first, *later[:1])
        ]
        yield TeamRow(
            now=rows[0],
            next=rows[1] if later else None,
            is_mine=rows[0].is_mine or viewer.who in members.get(team.id, ()),
        )


def _shifts(source: Source, viewer: Viewer) -> Sequence[ShiftRow]:
    """Return the viewer's own shifts in all teams, in order."""
    mine = [
        (stretch, team.id)
        for team in roster_of(source).teams
        for stretch in stretches(source, team.id)
        if stretch.has(viewer.who)
    ]
    mine.sort(key=lambda row: (row[0].begins, row[1]))
    return [shift_row(source, team, stretch, viewer.language, viewer.who) for stretch, team in mine]


def _paged(source: Source, viewer: Viewer) -> Iterator[RelatedRow]:
    """Yield the alerts for which the viewer is paged and which nobody has, gravest first."""
    for alert in paged_alerts(source, viewer, viewer.who):
        yield related_row(alert, source, viewer.language)
