"""``/alerts/{id}``: one alert, as a responder asks: what, where, who has it, what to do, what was done."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import uuid4

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.accounts.command_rights import may_act_on
from monitor.core.alert import TABLE, Act, Alert
from monitor.core.events.vocabulary import Disposition
from monitor.core.rules.model import SEVERITIES, Rule
from monitor.core.transitions import (
    AlertChanged,
    LogEntry,
    LogNoted,
    MaskChanged,
    OverrideChanged,
)
from monitor.journal.shift_log import LogFilter
from monitor.texts import Language
from monitor.texts.changes import change_in_words
from monitor.texts.words import severity, status, times
from monitor.web.alert_pages import next_step_of, page_rows
from monitor.web.board_alert import MARKS, clock_time
from monitor.web.checklist import checklist_rows
from monitor.web.commands import RIGHTS, Form, proposed_end
from monitor.web.context import Console
from monitor.web.findings import findings_of
from monitor.web.grafana import grafana_links
from monitor.web.guard import require_alert
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.timeline import timeline
from monitor.web.viewer import ConsoleRequest, Viewer

MOST_SHOWN = 100
"""Rows of the history, and pages."""


class StepRow(Struct, frozen=True, kw_only=True):
    """A step of the procedure."""

    number: int
    text: str
    done: str
    """Who has ticked it and when; empty: nobody."""


class HistoryRow(Struct, frozen=True, kw_only=True):
    """One thing that happened to the alert."""

    when: str
    what: str
    note: str
    is_struck: bool = False


class RelatedRow(Struct, frozen=True, kw_only=True):
    """An alert as one line of a list."""

    id: str
    title: str
    shape: str
    code: str
    severity: str


def alert_page(
    console: Console,
    request: ConsoleRequest,
    alert: Alert,
    *,
    refused: str = "",
    form: Form | None = None,
) -> HtmlResponse:
    """Return the page of an alert.

    Args:
        console: has the alert's surroundings.
        request: what is answered.
        alert: the alert, open or closed.
        refused: why an act was refused.
        form: what the person had filled in then, and should not have to write again.

    """
    viewer, source, language = request.user, console.source, request.user.language
    writer = source.writer
    shape, code = MARKS[alert.severity]
    return console.page(
        request,
        "alert.html",
        status=409 if refused else 200,
        alert=alert,
        shape=shape,
        code=code,
        title=writer.title(alert, language),
        where=writer.where(alert, language),
        lead=writer.names.of("lead", alert.lead) if alert.lead else "",
        severity=severity(alert, language),
        state=status(alert, language),
        since=when(source, alert.happened_at, language),
        last_at=when(source, alert.last_at, language),
        times=times(alert, language),
        now=when(source, source.now(), language),
        owner=writer.name(alert.owner),
        owner_since=when(source, alert.acknowledged_at, language),
        shelved_until=when(source, alert.shelved_until, language),
        steps=list(_steps(source, alert, language)),
        history=list(_history(source, viewer, alert)),
        pages=list(page_rows(source, alert, language)),
        timeline=timeline(source, alert, language),
        next_step=next_step_of(source, alert, language),
        rule=rule_of(source, alert),
        **_surroundings(console, viewer, alert),
        acts=_acts(source, viewer, alert),
        mask=_mask(viewer, alert),
        people=sorted(source.people().values(), key=lambda person: person.name),
        dispositions=[(row, language.word(row)) for row in get_args(Disposition)],
        until=proposed_end(source),
        key=uuid4().hex,
        refused=refused,
        form=form,
    )


def alert_route(console: Console) -> HTTPRouteHandler:
    """Return the route."""

    @get("/alerts/{own:str}", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest, own: FromPath[str]) -> HtmlResponse:
        """Show the alert; one that the viewer may not know of looks like an unknown one."""
        alert = require_alert(request.user, find(console.source, own))
        if alert is None:
            raise NotFoundException
        return alert_page(console, request, alert)

    return show


def find(source: Source, own: str) -> Alert | None:
    """Return an alert by its id, open or closed."""
    return source.state.alerts.open.get(own) or source.journal.alert(own)


def rule_of(source: Source, alert: Alert) -> Rule | None:
    """Return the rule of an alert, as it is in force now; ``None`` if it was removed."""
    return next((rule for rule in source.rule_set.rules if rule.id == alert.rule), None)


def _surroundings(console: Console, viewer: Viewer, alert: Alert) -> dict[str, Any]:
    """Return what belongs to an alert: its cause, what follows from it, and what else there is at its place."""
    source, language, causes = console.source, viewer.language, console.live.causes.now()
    cause = source.state.alerts.open.get(causes.of.get(alert.id, ""))
    return {
        "cause": None if cause is None else related_row(cause, source, language),
        "following": causes.following(alert, viewer),
        "related": list(_related(source, viewer, alert, "" if cause is None else cause.id)),
        "checklists": checklist_rows(source, alert.zone, language),
        "findings": findings_of(source, alert.zone, language),
        "dashboards": list(grafana_links(console.grafana_url, alert, source.now(), language)),
    }


def _acts(source: Source, viewer: Viewer, alert: Alert) -> Sequence[str]:
    """Return what the viewer may do with the alert as it is."""
    return [
        act
        for act, right in RIGHTS.items()
        if Act(act) in TABLE[alert.status]
        and may_act_on(viewer.account, right, alert, source.state, viewer.at)
    ]


def _mask(viewer: Viewer, alert: Alert) -> str:
    """Return the query of the form that masks such alerts at the same place; empty: the viewer can't."""
    places = (("point", alert.point), ("zone", alert.zone), ("site", alert.site))
    place = next((f"{table}:{own}" for table, own in places if own), "")
    if not place or alert.severity == "life_safety" or not viewer.may("mask", alert.site):
        return ""
    return urlencode({"what": alert.rule, "place": place})


def _steps(source: Source, alert: Alert, language: Language) -> Iterator[StepRow]:
    ticked = {row.step: row for row in alert.ticked}
    for number, text in enumerate(source.writer.procedure(alert, language), 1):
        tick = ticked.get(number)
        done = ""
        if tick is not None:
            done = language.gettext("{name}, {when}").format(
                name=language.inset(source.writer.name(tick.who)),
                when=clock_time(tick.at, source, language),
            )
        yield StepRow(number=number, text=text, done=done)


def _history(source: Source, viewer: Viewer, alert: Alert) -> Iterator[HistoryRow]:
    language, writer = viewer.language, source.writer
    # Whoever sees the alert sees all that was done about it.
    wanted = LogFilter(alert=alert.id, silent_at=None)
    for row in source.journal.shift_log.rows(wanted, limit=MOST_SHOWN):
        match row.what:
            case AlertChanged() as change:
                yield HistoryRow(
                    when=when(source, change.at, language),
                    what=change_in_words(change, writer.name, language),
                    note=writer.reason(change.note, language) if change.note else "",
                )
            case LogEntry() as entry:
                yield HistoryRow(
                    when=when(source, entry.happened_at, language),
                    what=language.inset(writer.name(entry.who)),
                    note=language.inset(entry.text),
                    is_struck=row.strike is not None,
                )
            case MaskChanged() | OverrideChanged() | LogNoted():
                pass  # of no alert


def _related(source: Source, viewer: Viewer, alert: Alert, cause: str) -> Iterator[RelatedRow]:
    """Yield other open alerts of the same zone or access point, gravest first; its cause stands above them."""
    rows = [
        other
        for other in source.state.alerts.open.values()
        if other.id not in {alert.id, cause}
        and viewer.sees(other)
        and (
            (alert.zone and other.zone == alert.zone)
            or (alert.point and other.point == alert.point)
        )
    ]
    for row in sorted(rows, key=lambda other: SEVERITIES.index(other.severity))[:MOST_SHOWN]:
        yield related_row(row, source, viewer.language)


def related_row(alert: Alert, source: Source, language: Language) -> RelatedRow:
    """Return an alert as one line of a list."""
    shape, code = MARKS[alert.severity]
    title = source.writer.title(alert, language)
    return RelatedRow(id=alert.id, title=title, shape=shape, code=code, severity=alert.severity)


def when(source: Source, at: datetime | None, language: Language) -> str:
    """Return a date and time; empty for none."""
    timezone = source.writer.names.timezone
    return "" if at is None or timezone is None else language.date_time(at, timezone)
