"""The checklists of a zone as rows, each with its last result."""

from collections.abc import Sequence

from msgspec import Struct

from monitor.core.readiness.checklists import verdict
from monitor.core.state.work import ChecklistState
from monitor.core.venue.checklist import Checklist
from monitor.texts import Language
from monitor.web.source import Source


class ChecklistRow(Struct, frozen=True, kw_only=True):
    """A checklist and its last result."""

    name: str
    result: str
    why: str
    last: str
    """When it was last answered; empty: never."""
    lead: str


def checklist_rows(source: Source, zone: str, language: Language) -> Sequence[ChecklistRow]:
    """Return the checklists of a zone."""
    venue = source.rule_set.venue
    return [_row(source, row, language) for row in venue.checklists if zone and row.zone == zone]


def _row(source: Source, checklist: Checklist, language: Language) -> ChecklistRow:
    state, timezone = source.state, source.writer.names.timezone
    result, why = verdict(state, checklist, source.now())
    answers = state.work.checklists.get(checklist.id, ChecklistState()).answers.values()
    last = max((row.at for row in answers), default=None)
    return ChecklistRow(
        name=source.writer.names_in(language).of("checklist", checklist.id),
        result=language.word(result),
        why=source.writer.reason(why, language) if why else "",
        last="" if last is None or timezone is None else language.date_time(last, timezone),
        lead=source.writer.names.of("lead", checklist.lead),
    )
