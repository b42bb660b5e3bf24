"""What inspections have found in a zone and still stands: failed items, notes and photos, as people read them."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionItem,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result
from monitor.core.state.work import ChecklistState
from monitor.core.venue.checklist import Checklist
from monitor.journal.work_events import WorkRow
from monitor.texts import Language
from monitor.web.source import Source

MOST = 8
"""Findings that are shown of one zone; the inspection has all."""
MARKS: dict[Result, str] = {"pass": "✓", "fail": "✕", "na": "/", "not_done": "?", "unknown": "?"}


class Photo(Struct, frozen=True, kw_only=True):
    """A photo that an answer names."""

    sha256: str
    is_here: bool
    """It has arrived."""


class Finding(Struct, frozen=True, kw_only=True):
    """One answer as people read it."""

    item: str
    """The question."""
    result: Result
    mark: str
    words: str
    """The result and the value with its unit."""
    note: str
    """Also why an item does not apply, and what was written."""
    photos: Sequence[Photo]
    by: str
    at: str
    inspection: str


def findings_of(source: Source, zone: str, language: Language) -> list[Finding]:
    """Return what stands in a zone and is worth a look, the failed first."""
    found = [
        finding
        for checklist in source.rule_set.venue.checklists
        if zone and checklist.zone == zone
        for finding in _standing(source, checklist, language)
    ]
    return sorted(found, key=lambda row: row.result != "fail")[:MOST]


def finding(
    source: Source,
    checklist: Checklist | None,
    row: WorkRow,
    answer: Item | InspectionItem,
    language: Language,
) -> Finding:
    """Return one answer of a form, or one that was sent by itself."""
    names, about = (
        source.writer.names_in(language),
        {} if checklist is None else {"checklist": checklist.id},
    )
    timezone, form = source.writer.names.timezone, row.event
    words = language.word(answer.result)
    if answer.value is not None:
        value = language.inset(f"{language.number(answer.value)} {language.word(answer.unit)}")
        words = language.gettext("{result}: {value}").format(result=words, value=value)
    chosen = _chosen(checklist, answer, language)
    notes = (chosen, answer.asset, answer.text, answer.note, answer.na_reason)
    return Finding(
        item=names.of("item", answer.item, about),
        result=answer.result,
        mark=MARKS[answer.result],
        words=words,
        note=language.list_of(dict.fromkeys(note for note in notes if note)),
        photos=[
            Photo(sha256=photo.sha256, is_here=source.photos.has(photo.sha256))
            for photo in answer.evidence
        ],
        by=source.writer.name(getattr(form, "inspector", "")),
        at="" if timezone is None else language.date_time(form.at, timezone),
        inspection=getattr(form, "inspection", ""),
    )


def _chosen(checklist: Checklist | None, answer: Item | InspectionItem, language: Language) -> str:
    """Return the choice that was made, in words; empty if there was none."""
    items = () if checklist is None else checklist.items
    rows = (row for line in items if line.id == answer.item for row in line.choices)
    found = next((row for row in rows if row.id == answer.choice), None)
    return answer.choice if found is None else found.texts.get(language.tag, found.text)


def _standing(source: Source, checklist: Checklist, language: Language) -> Iterator[Finding]:
    record = source.state.work.checklists.get(checklist.id, ChecklistState())
    by_visit: dict[str, set[str]] = {}
    for item, answer in record.answers.items():
        by_visit.setdefault(answer.inspection, set()).add(item)
    for visit, items in by_visit.items():
        for item, (row, given) in answers_of_visit(source, visit).items():
            if item in items and (given.result == "fail" or given.note or given.evidence):
                yield finding(source, checklist, row, given, language)


def answers_of_visit(
    source: Source, inspection: str
) -> dict[str, tuple[WorkRow, Item | InspectionItem]]:
    """Return the latest answer to each item of a visit, and what it came with."""
    found: dict[str, tuple[WorkRow, Item | InspectionItem]] = {}
    for row in source.journal.work_events.of(inspection):
        match row.event:
            case InspectionItem() as answer:
                found[answer.item] = row, answer
            case InspectionSubmitted(items=items) | InspectionAmended(items=items):
                found |= {answer.item: (row, answer) for answer in items}
            case _:
                pass
    return found
