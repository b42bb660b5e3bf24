"""The blank form of a checklist: what an inspector's device needs to ask, in every language at once."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from monitor.core.events.vocabulary import Result
from monitor.core.readiness.standing import standing
from monitor.core.state.state import State
from monitor.core.state.work import Answer, ChecklistState
from monitor.core.venue.checklist import (
    Checklist,
    ChecklistItem,
    Choice,
    Condition,
    ItemKind,
    Texts,
    digest_of,
    in_languages,
)
from monitor.core.venue.model import Venue
from monitor.core.venue.words import Criticality


class Named(Struct, frozen=True, kw_only=True):
    """Something with an id and one name."""

    id: str
    name: str


class NamedPlace(Struct, frozen=True, kw_only=True):
    """A zone, with its name by language."""

    id: str
    name: Texts


class BlankChoice(Struct, frozen=True, kw_only=True):
    """One of the answers that an item offers."""

    id: str
    text: Texts


class BlankItem(Struct, frozen=True, kw_only=True):
    """One item of a form; the fields are those of `ChecklistItem`, with texts by language."""

    id: str
    text: Texts
    criticality: Criticality
    kind: ItemKind
    unit: str
    min: float | None
    max: float | None
    choices: tuple[BlankChoice, ...]
    ask_if: Condition | None
    evidence_on_fail: bool
    other_than: str
    reference: str
    exits: bool


class PreviousAnswer(Struct, frozen=True, kw_only=True):
    """The answer to an item that counts at present."""

    result: Result
    value: float | None
    unit: str
    at: datetime
    by: str
    """The inspector."""


class BlankForm(Struct, frozen=True, kw_only=True):
    """A checklist as it is handed out to be filled in."""

    id: str
    version: str
    """The version's name; empty if it has none."""
    digest: str
    """The version itself: a form names it by this."""
    name: Texts
    zone: NamedPlace
    site: str
    lead: Named
    coordinating: tuple[Named, ...]
    due_at: datetime | None
    """When the first answer that counts expires; ``None``: nothing is answered, so it is due now."""
    previous: dict[str, PreviousAnswer]
    """By item."""
    signers: tuple[str, ...] | Literal["any"] = field(default="any")
    """The agencies whose people may fill it in."""
    items: tuple[BlankItem, ...]


def blank_form(state: State, venue: Venue, checklist: Checklist) -> BlankForm:
    """Return the form of a checklist, with what is known of its items; encoded as JSON, it is what clients receive."""
    language = venue.congress.languages[0]
    zone = next((row for row in venue.zones if row.id == checklist.zone), None)
    agencies = {row.id: row.name for row in venue.agencies}
    record = state.work.checklists.get(checklist.id, ChecklistState())
    found = {line.id: standing(record, line.id) for line in checklist.items}
    known = {item: answer for item, answer in found.items() if answer is not None}
    return BlankForm(
        id=checklist.id,
        version=checklist.version,
        digest=digest_of(checklist),
        name=in_languages(checklist.name, checklist.names, language),
        zone=NamedPlace(
            id=checklist.zone, name={language: checklist.zone if zone is None else zone.name}
        ),
        site="" if zone is None else zone.site,
        lead=_named(checklist.lead, agencies),
        coordinating=tuple(_named(row, agencies) for row in checklist.coordinating),
        due_at=min((row.at + checklist.interval for row in known.values()), default=None),
        previous={item: _previous(answer) for item, answer in known.items()},
        signers=checklist.signers or "any",
        items=tuple(_item(line, language) for line in checklist.items),
    )


def _named(name: str, names: dict[str, str]) -> Named:
    return Named(id=name, name=names.get(name, name))


def _previous(answer: Answer) -> PreviousAnswer:
    return PreviousAnswer(
        result=answer.result,
        value=answer.value,
        unit=answer.unit,
        at=answer.at,
        by=answer.inspector,
    )


def _item(line: ChecklistItem, language: str) -> BlankItem:
    return BlankItem(
        id=line.id,
        text=in_languages(line.text, line.texts, language),
        criticality=line.criticality,
        kind=line.kind,
        unit=line.unit,
        min=line.min,
        max=line.max,
        choices=tuple(_choice(row, language) for row in line.choices),
        ask_if=line.ask_if,
        evidence_on_fail=line.evidence_on_fail,
        other_than=line.other_than,
        reference=line.reference,
        exits=line.exits,
    )


def _choice(row: Choice, language: str) -> BlankChoice:
    return BlankChoice(id=row.id, text=in_languages(row.text, row.texts, language))
