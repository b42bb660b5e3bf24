"""The board of inspections: what runs, waits for approval, is due or failed twice, and the work that is open."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, assert_never

from msgspec import Struct

from monitor.core.events.inspection import InspectionAmended, InspectionSubmitted
from monitor.core.readiness.checklists import verdict
from monitor.core.state.work import ActionState, ChecklistState
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.display_names import DisplayNames
from monitor.texts import Language
from monitor.texts.marked import msgid
from monitor.web.alert import when
from monitor.web.api.checklists import checklist_of, site_of
from monitor.web.api.lists import due_at
from monitor.web.api.waiting import unapproved
from monitor.web.board_alert import age
from monitor.web.source import Source
from monitor.web.template import render
from monitor.web.viewer import Viewer

SOON = timedelta(hours=2)
"""A checklist that is due within this time is marked; judgement: a round and its repairs."""
LONGEST_RUN = timedelta(hours=12)
"""A visit that began longer ago was given up; judgement: a shift."""
FORMS_READ = 12
"""Forms and single answers that are looked through for items that failed twice."""
Due = Literal["overdue", "soon", "later", "open"]
MARKS: Mapping[Due, str] = {"overdue": "✕", "soon": "!", "later": "○", "open": "·"}

STAGES: Mapping[str, str] = {
    "open": msgid("not done yet"),
    "done": msgid("done, to be inspected again"),
}


class Running(Struct, frozen=True, kw_only=True):
    """A visit that has begun and whose form has not arrived."""

    inspection: str
    checklist: str
    by: str
    since: str
    done: int
    of: int


class Waiting(Struct, frozen=True, kw_only=True):
    """A form that somebody else has to approve."""

    inspection: str
    checklist: str
    zone: str
    by: str
    at: str
    failed: int


class MatrixRow(Struct, frozen=True, kw_only=True):
    """One checklist: its verdict, when it is due, and what failed twice in a row."""

    name: str
    zone: str
    zone_id: str
    lead: str
    verdict: str
    has_failed: bool
    due: Due
    mark: str
    due_in_words: str
    last: str
    """The latest visit; empty: none is known."""
    twice: Sequence[str]


class WorkRow(Struct, frozen=True, kw_only=True):
    """An action that is not verified."""

    what: str
    zone: str
    stage: str
    due: str
    is_overdue: bool


class Board(Struct, frozen=True, kw_only=True):
    """All of it, as one viewer may see it."""

    running: Sequence[Running]
    waiting: Sequence[Waiting]
    matrix: Sequence[MatrixRow]
    work: Mapping[str, Sequence[WorkRow]]
    """By the agency that leads."""


def inspections_part(source: Source, viewer: Viewer, about: str) -> str:
    """Return what the page of inspections shows, of one site or with an empty name of all, as HTML."""
    return render("inspections_part.html", viewer.language, board=board_of(source, viewer, about))


def board_of(source: Source, viewer: Viewer, site: str = "") -> Board:
    """Return the board of the sites that a viewer may see, or of one of them."""
    language = viewer.language
    lists = [
        row
        for row in source.rule_set.venue.checklists
        if viewer.may("view", own := site_of(source.state, row)) and site in {"", own}
    ]
    matrix = [_matrix_row(source, row, language) for row in lists]
    order = ("overdue", "soon", "later", "open")
    return Board(
        running=list(_running(source, lists, language)),
        waiting=[row for checklist in lists for row in _waiting(source, checklist, language)],
        matrix=sorted(matrix, key=lambda row: (not row.has_failed, order.index(row.due))),
        work=_work(source, viewer, site),
    )


def _running(source: Source, lists: Sequence[Checklist], language: Language) -> Iterator[Running]:
    known = {row.id: row for row in lists}
    by_zone = {row.zone: row for row in reversed(lists)}
    now, work = source.now(), source.state.work
    for inspector, visits in work.visits.items():
        for own, visit in visits.items():
            if visit.ended is not None or visit.begun < now - LONGEST_RUN:
                continue
            record = work.inspections.get(own)
            checklist = by_zone.get(visit.zone) if record is None else known.get(record.checklist)
            if checklist is None:
                continue
            yield Running(
                inspection=own,
                checklist=source.writer.names_in(language).of("checklist", checklist.id),
                by=source.writer.name(inspector),
                since=when(source, visit.begun, language),
                done=0 if record is None else len(record.answers),
                of=len(checklist.items),
            )


def _waiting(source: Source, checklist: Checklist, language: Language) -> Iterator[Waiting]:
    if not source.rule_set.venue.readiness.approval:
        return
    for inspection in unapproved(source, checklist):
        latest = source.journal.work_events.latest_form(inspection)
        if latest is None:
            continue
        form = latest.event
        if isinstance(form, InspectionSubmitted | InspectionAmended):
            yield Waiting(
                inspection=inspection,
                checklist=source.writer.names_in(language).of("checklist", checklist.id),
                zone=source.writer.names.of("zone", checklist.zone),
                by=source.writer.name(form.inspector),
                at=when(source, latest.received_at, language),
                failed=sum(row.result == "fail" for row in form.items),
            )


def _matrix_row(source: Source, checklist: Checklist, language: Language) -> MatrixRow:
    names, now = source.writer.names_in(language), source.now()
    ends = due_at(source, checklist)
    due = _due(ends, now)
    record = source.state.work.checklists.get(checklist.id, ChecklistState())
    latest = max(record.answers.values(), key=lambda row: row.at, default=None)
    result, _ = verdict(source.state, checklist, now)
    return MatrixRow(
        name=names.of("checklist", checklist.id),
        zone=names.of("zone", checklist.zone),
        zone_id=checklist.zone,
        lead=names.of("lead", checklist.lead),
        verdict=language.word(result),
        has_failed=result == "failed",
        due=due,
        mark=MARKS[due],
        due_in_words=_due_in_words(source, due, ends, language),
        last="" if latest is None else latest.inspection,
        twice=list(_failed_twice(source, checklist, names)) if result == "failed" else (),
    )


def _due(ends: datetime | None, now: datetime) -> Due:
    if ends is None:
        return "open"
    if ends <= now:
        return "overdue"
    return "soon" if ends <= now + SOON else "later"


def _due_in_words(source: Source, due: Due, ends: datetime | None, language: Language) -> str:
    if ends is None:
        return language.gettext("no time is set")
    at = when(source, ends, language)
    now = source.now()
    apart = age(min(ends, now), max(ends, now), language)
    match due:
        case "overdue":
            text = language.gettext("overdue since {when} ({time})")
        case "soon" | "later" | "open":
            text = language.gettext("due {when} (in {time})")
        case unreachable:
            assert_never(unreachable)
    return text.format(when=at, time=apart)


def _failed_twice(source: Source, checklist: Checklist, names: DisplayNames) -> Iterator[str]:
    """Yield the questions to which the latest two visits that answered them both found a failure."""
    results: dict[str, dict[str, str]] = defaultdict(dict)
    for row in source.journal.work_events.latest(checklist.id, FORMS_READ):
        event = row.event
        answers = event.items if isinstance(event, InspectionSubmitted | InspectionAmended) else ()
        for answer in answers:
            results[answer.item].setdefault(getattr(event, "inspection", ""), answer.result)
    for line in checklist.items:
        first_two = list(results.get(line.id, {}).values())[:2]
        if first_two == ["fail", "fail"]:
            yield names.of("item", line.id, {"checklist": checklist.id})


def _work(source: Source, viewer: Viewer, site: str) -> Mapping[str, Sequence[WorkRow]]:
    names, language = source.writer.names, viewer.language
    sites = {row.id: row.site for row in source.rule_set.venue.zones}
    found: dict[str, list[WorkRow]] = defaultdict(list)
    for own, action in source.state.work.actions.items():
        place = sites.get(action.zone, "")
        if action.stage not in STAGES or site not in {"", place}:
            continue
        if viewer.may("view", place):
            agency = names.of("lead", action.lead) if action.lead else language.gettext("nobody")
            found[agency].append(_work_row(source, own, action, language))
    return {
        agency: sorted(found[agency], key=lambda row: not row.is_overdue)
        for agency in sorted(found)
    }


def _work_row(source: Source, own: str, action: ActionState, language: Language) -> WorkRow:
    names = source.writer.names_in(language)
    what = names.of("from_item", action.from_item, {"zone": action.zone}) or own
    is_overdue = action.due_at is not None and action.due_at <= source.now()
    due = "" if action.due_at is None else when(source, action.due_at, language)
    if due and is_overdue:
        due = language.gettext("overdue since {when}").format(when=due)
    return WorkRow(
        what=what,
        zone=names.of("zone", action.zone),
        stage=language.gettext(STAGES[action.stage]),
        due=due,
        is_overdue=is_overdue,
    )


def site_of_inspection(source: Source, inspection: str) -> str | None:
    """Return the site of an inspection; ``None`` if nothing is known of it."""
    for row in source.journal.work_events.of(inspection):
        checklist = checklist_of(source.state, getattr(row.event, "checklist", ""))
        if checklist is not None:
            return site_of(source.state, checklist)
    return None
