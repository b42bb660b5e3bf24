"""The forms that wait for a person's approval, with their answers, as a phone shows them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionSubmitted,
    Item,
    person,
)
from monitor.core.events.vocabulary import Result
from monitor.core.readiness.checklists import is_approved
from monitor.core.state.work import ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.web.api.checklists import site_of
from monitor.web.source import Source
from monitor.web.viewer import Viewer

MOST = 30
"""Forms that are listed; judgement: more than a supervisor decides about on a phone in one go."""
Texts = Mapping[str, str]


class WaitingAnswer(Struct, frozen=True, kw_only=True):
    """One answer of a form."""

    text: Texts
    result: Result
    value: float | None
    unit: str
    note: str
    """Also why it does not apply, and what was written."""
    photos: Sequence[str]
    """The digests of those that have arrived."""


class WaitingForm(Struct, frozen=True, kw_only=True):
    """A form that somebody else has sent."""

    inspection: str
    revision: int
    name: Texts
    zone: str
    by: str
    finished_at: datetime
    answers: Sequence[WaitingAnswer]


def waiting_forms(source: Source, viewer: Viewer) -> list[WaitingForm]:
    """Return the forms that a viewer may decide about, the first received first."""
    if not source.rule_set.venue.readiness.approval:
        return []
    found = [
        row
        for checklist in source.rule_set.venue.checklists
        if viewer.may("approve", site_of(source.state, checklist))
        for row in _of(source, checklist, viewer)
    ]
    return [form for _, form in sorted(found, key=lambda row: row[0])][:MOST]


def unapproved(source: Source, checklist: Checklist) -> list[str]:
    """Return the visits whose answers count and that nobody else has approved yet."""
    record = source.state.work.checklists.get(checklist.id, ChecklistState())
    own = {row.inspection for row in record.answers.values() if not is_approved(record, row)}
    return sorted(own - {""})


def _of(source: Source, checklist: Checklist, viewer: Viewer) -> Iterator[tuple[int, WaitingForm]]:
    for inspection in unapproved(source, checklist):
        latest = source.journal.work_events.latest_form(inspection)
        if latest is None or not isinstance(
            form := latest.event, InspectionSubmitted | InspectionAmended
        ):
            continue
        if person(form.inspector) != person(viewer.who):
            yield latest.seq, _form(source, checklist, form)


def _form(
    source: Source, checklist: Checklist, form: InspectionSubmitted | InspectionAmended
) -> WaitingForm:
    first = source.rule_set.venue.congress.languages[0]
    items = {row.id: row for row in checklist.items}
    return WaitingForm(
        inspection=form.inspection,
        revision=form.revision,
        name={first: checklist.name, **checklist.names},
        zone=source.writer.names.of("zone", checklist.zone),
        by=source.writer.name(form.inspector),
        finished_at=form.finished_at or form.at,
        answers=[_answer(source, items.get(row.item), row, first) for row in form.items],
    )


def _answer(source: Source, asked: ChecklistItem | None, row: Item, first: str) -> WaitingAnswer:
    choices = () if asked is None else asked.choices
    chosen = next((each.text for each in choices if each.id == row.choice), row.choice)
    notes = (chosen, row.asset, row.text, row.note, row.na_reason)
    return WaitingAnswer(
        text={first: row.item} if asked is None else {first: asked.text, **asked.texts},
        result=row.result,
        value=row.value,
        unit="" if row.value is None else row.unit,
        note="; ".join(dict.fromkeys(note for note in notes if note)),
        photos=[photo.sha256 for photo in row.evidence if source.photos.has(photo.sha256)],
    )
