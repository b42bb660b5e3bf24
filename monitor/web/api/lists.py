"""The checklists that a person may answer, with the answers before and when they are due, as a phone keeps them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from msgspec import Struct

from monitor.core.events.vocabulary import ReadinessState, Result
from monitor.core.readiness.checklists import BLOCKING
from monitor.core.readiness.standing import standing
from monitor.core.state.work import ActionState, ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem, Condition, ItemKind, digest_of
from monitor.core.venue.model import Venue
from monitor.core.venue.words import Criticality
from monitor.web.api.checklists import all_checklists, may_inspect, site_of
from monitor.web.api.waiting import WaitingForm, waiting_forms
from monitor.web.api.zones import ZoneToSign, zones_to_sign
from monitor.web.openings import next_opening
from monitor.web.readiness_board import status_of
from monitor.web.source import Source
from monitor.web.viewer import Viewer

Texts = Mapping[str, str]
"""A text by the tags of its languages."""
NO_TEXTS: Texts = MappingProxyType({})


class Named(Struct, frozen=True, kw_only=True):
    """An id and what people call it."""

    id: str
    name: str


class NamedZone(Struct, frozen=True, kw_only=True):
    """A zone and its readiness as of now."""

    id: str
    name: Texts
    state: ReadinessState


class Previous(Struct, frozen=True, kw_only=True):
    """The answer before, which stands beside the question."""

    result: Result
    value: float | None = None
    unit: str = ""
    at: datetime
    by: str


class ListChoice(Struct, frozen=True, kw_only=True):
    """One of the answers that a question offers."""

    id: str
    text: Texts


class ListItem(Struct, frozen=True, kw_only=True):
    """One question."""

    id: str
    text: Texts
    criticality: Criticality
    kind: ItemKind
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: Sequence[ListChoice] = ()
    ask_if: Condition | None = None
    evidence_on_fail: bool = False
    other_than: str = ""
    """For a signature: the one that must be of another person."""
    reference: str = ""
    exits: bool = False


class List(Struct, frozen=True, kw_only=True):
    """One checklist, ready to be answered."""

    id: str
    version: str
    digest: str
    name: Texts
    zone: NamedZone
    site: str
    lead: Named
    coordinating: Sequence[Named]
    due_at: datetime | None
    """When it has to be answered again; ``None``: no time is set."""
    previous: Mapping[str, Previous]
    signers: str | Sequence[str]
    items: Sequence[ListItem]


class OpenAction(Struct, frozen=True, kw_only=True):
    """Corrective work that is not verified yet."""

    id: str
    checklist: str
    item: str
    text: Texts
    zone: NamedZone
    lead: Named
    due_at: datetime | None
    state: str
    note: str = ""
    opened_by: str = ""
    done_by: str = ""


class MyLists(Struct, frozen=True, kw_only=True):
    """What a person has to do."""

    person: str
    account: str
    language: str
    timezone: str
    congress: str
    agencies: Sequence[Named]
    paired: bool
    """Whether this phone was paired: if it has forgotten that, it has forgotten all that lay on it."""
    lists: Sequence[List]
    actions: Sequence[OpenAction]
    waiting: Sequence[WaitingForm]
    zones: Sequence[ZoneToSign]


def my_lists(source: Source, viewer: Viewer, *, paired: bool = False) -> MyLists:
    """Return what a viewer has to do; ``paired``: on a phone that is paired with them."""
    venue = source.rule_set.venue
    mine = [row for row in all_checklists(source.state) if may_inspect(viewer, row, source.state)]
    return MyLists(
        person=source.writer.name(viewer.who),
        account=viewer.account.name,
        language=viewer.language.tag,
        timezone=venue.congress.timezone,
        congress=venue.congress.name,
        agencies=[Named(id=row.id, name=row.name) for row in venue.agencies],
        lists=[_list(source, row) for row in mine if venue.congress.phase in row.phases],
        actions=list(_actions(source, viewer)),
        paired=paired,
        waiting=waiting_forms(source, viewer),
        zones=zones_to_sign(source, viewer),
    )


def _list(source: Source, checklist: Checklist) -> List:
    venue = source.rule_set.venue
    record = source.state.work.checklists.get(checklist.id, ChecklistState())
    return List(
        id=checklist.id,
        version=checklist.version,
        digest=digest_of(checklist),
        name=_texts(venue, checklist.name, checklist.names),
        zone=_zone(source, checklist.zone),
        site=site_of(source.state, checklist),
        lead=_agency(venue, checklist.lead),
        coordinating=[_agency(venue, row) for row in checklist.coordinating],
        due_at=due_at(source, checklist),
        previous={
            item: Previous(
                result=answer.result,
                value=answer.value,
                unit=answer.unit,
                at=answer.at,
                by=source.writer.name(answer.inspector),
            )
            for item, answer in record.answers.items()
        },
        signers=checklist.signers or "any",
        items=[_item(venue, row) for row in checklist.items],
    )


def due_at(source: Source, checklist: Checklist) -> datetime | None:
    """Return by when a checklist has to be answered again.

    That is when an inspection of it is scheduled, and when the first answer that keeps its zone open expires; if one is
    missing, the next opening of the zone. The earliest counts.
    """
    record = source.state.work.checklists.get(checklist.id, ChecklistState())
    needed = _needed_by(source, checklist, record)
    return min([*record.due.values(), *([] if needed is None else [needed])], default=None)


def _needed_by(source: Source, checklist: Checklist, record: ChecklistState) -> datetime | None:
    """Return by when the zone needs its answers."""
    needed = [row.id for row in checklist.items if row.criticality in BLOCKING]
    found = [standing(record, item) for item in needed]
    ends = [answer.at + checklist.interval for answer in found if answer is not None]
    if found and len(ends) == len(found):
        return min(ends)
    venue = source.rule_set.venue
    zones = [row for row in venue.zones if row.id == checklist.zone]
    opening = next_opening(venue, zones, source.now() - timedelta.resolution)
    return None if opening is None else opening.at


def _actions(source: Source, viewer: Viewer) -> Sequence[OpenAction]:
    venue = source.rule_set.venue
    zones = {row.id: row.site for row in venue.zones}
    return [
        _action(source, name, action)
        for name, action in source.state.work.actions.items()
        if action.stage in {"open", "done"} and viewer.may("inspect", zones.get(action.zone, ""))
    ]


def _action(source: Source, name: str, action: ActionState) -> OpenAction:
    venue = source.rule_set.venue
    found = next(
        (
            (row.id, item.text)
            for row in venue.checklists
            if row.zone == action.zone
            for item in row.items
            if item.id == action.from_item
        ),
        ("", action.from_item),
    )
    return OpenAction(
        id=name,
        checklist=found[0],
        item=action.from_item,
        text=_texts(venue, found[1]),
        zone=_zone(source, action.zone),
        lead=_agency(venue, action.lead),
        due_at=action.due_at,
        state=action.stage,
        note=action.note,
        opened_by=source.writer.name(action.opened_by),
        done_by=source.writer.name(action.done_by),
    )


def _item(venue: Venue, item: ChecklistItem) -> ListItem:
    return ListItem(
        id=item.id,
        text=_texts(venue, item.text, item.texts),
        criticality=item.criticality,
        kind=item.kind,
        unit=item.unit,
        min=item.min,
        max=item.max,
        choices=[
            ListChoice(id=row.id, text=_texts(venue, row.text, row.texts)) for row in item.choices
        ],
        ask_if=item.ask_if,
        evidence_on_fail=item.evidence_on_fail,
        other_than=item.other_than,
        reference=item.reference,
        exits=item.exits,
    )


def _zone(source: Source, own: str) -> NamedZone:
    venue = source.rule_set.venue
    zone = next((row for row in venue.zones if row.id == own), None)
    if zone is None:
        return NamedZone(id=own, name=_texts(venue, own), state="unknown")
    state = status_of(source, zone.site, own).state
    return NamedZone(id=own, name=_texts(venue, zone.name), state=state)


def _agency(venue: Venue, own: str) -> Named:
    name = next((row.name for row in venue.agencies if row.id == own), own)
    return Named(id=own, name=name)


def _texts(venue: Venue, text: str, texts: Texts = NO_TEXTS) -> Texts:
    """Return a text of the venue file by its languages."""
    return {venue.congress.languages[0]: text, **texts}
