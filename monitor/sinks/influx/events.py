"""Events as points: one for each, and nothing has to be remembered for it."""

from collections.abc import Iterator, Mapping
from typing import get_args

from msgspec.structs import replace

from monitor.core.events import Event, kind_of
from monitor.core.events.access import (
    AccessDenied,
    AccessGranted,
    AccessMuster,
    AccessNotTaken,
    AccessRead,
    AccessRex,
    AccessTaken,
)
from monitor.core.events.inspection import (
    Inspection,
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.work import Action, ReadingRecorded
from monitor.core.venue.places import Place
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.read_model import Picture
from monitor.sinks.influx.schema import NONE, Measurement
from monitor.sinks.influx.tags import STRANGE, Ground

_RESULTS: Mapping[type, str] = {
    AccessGranted: "granted",
    AccessTaken: "taken",
    AccessNotTaken: "not_taken",
    AccessDenied: "denied",
    AccessMuster: "muster",
    AccessRex: "rex",
    AccessRead: "read",
}
"""Duress is not among them: it is silent."""
TOLD = frozenset((*_RESULTS, *get_args(Inspection), *get_args(Action), ReadingRecorded))
"""The event types that have points of their own."""


def points(said: Event, event_id: str, ground: Ground, picture: Picture) -> Iterator[Measurement]:
    """Yield the points of an event; none for one that only changes how things stand, or that is silent."""
    if (result := _RESULTS.get(type(said))) is not None:
        yield _access(said, result, event_id, ground)  # type: ignore[arg-type]
    elif isinstance(said, Inspection):
        yield from _inspection(said, event_id, ground)
    elif isinstance(said, Action):
        yield _action(said, event_id, ground, picture)
    elif isinstance(said, ReadingRecorded):
        where = ground.zone(said.zone)
        yield to.Reading(
            site=where.site,
            zone=where.zone,
            asset=ground.name("asset", said.asset),
            quantity=ground.name("quantity", said.quantity),
            unit=said.unit,
            value=said.value,
            event_id=event_id,
        )


def is_passage(said: Event, place: Place) -> bool:
    """Tell whether an event counts as a passage, as the core counts it."""
    return place.of_point is not None and (
        type(said) is (AccessTaken if place.passage_sensor else AccessGranted)
    )


def _access(
    said: AccessGranted | AccessRex, result: str, event_id: str, ground: Ground
) -> Measurement:
    place = ground.point(said.point)
    site, zone, point = place.site or NONE, place.zone or NONE, place.point or STRANGE
    if isinstance(said, AccessRex):
        return to.Access(
            site=site,
            zone=zone,
            point=point,
            result=result,
            reason=said.reason if said.refused else NONE,
            event_id=event_id,
            method="rex",
            device=said.device,
        )
    return to.Access(
        site=site,
        zone=zone,
        point=point,
        direction=said.direction,
        result=result,
        reason=said.reason if isinstance(said, AccessDenied) else NONE,
        holder_class=said.holder_class,
        passed=int(is_passage(said, place)),
        event_id=event_id,
        subject=ground.person(said.holder or said.credential),
        method=said.method,
        device=said.device,
    )


def _inspection(said: Inspection, event_id: str, ground: Ground) -> Iterator[Measurement]:
    place = ground.places.checklists.get(said.checklist)
    who = said.inspector
    if isinstance(said, InspectionApproved | InspectionRejected):
        who = said.approver
    common = to.Inspection(
        site=NONE if place is None else place.site or NONE,
        zone=NONE if place is None else place.zone or NONE,
        checklist=STRANGE if place is None else said.checklist,
        lead=NONE if place is None else place.lead or NONE,
        step=_step(said),
        event_id=event_id,
        inspection_id=said.inspection,
        inspector=ground.person(who),
    )
    if isinstance(said, InspectionItem):
        yield _answered(common, said)
        return
    yield common
    if isinstance(said, InspectionSubmitted | InspectionAmended):
        for n, item in enumerate(said.items, 1):
            yield replace(_answered(common, item), event_id=f"{event_id}.{n}")


def _answered(common: to.Inspection, item: Item | InspectionItem) -> to.Inspection:
    return replace(common, step="item", result=item.result, item=item.item, value=item.value)


def _action(said: Action, event_id: str, ground: Ground, picture: Picture) -> Measurement:
    known = picture.work.get(said.action)
    where = ground.zone(said.zone or ("" if known is None else known.zone))
    return to.Action(
        site=where.site,
        zone=where.zone,
        lead=ground.name("lead", "" if known is None else known.lead),
        severity=NONE if known is None else known.severity or NONE,
        step=_step(said),
        event_id=event_id,
        action_id=said.action,
        asset=said.asset,
        actor=ground.person(said.who),
    )


def _step(said: Event) -> str:
    return kind_of(said).rpartition(".")[2]
