"""Events as points: one for each, and nothing has to be remembered for it."""

from collections.abc import Iterator, Mapping
from typing import get_args

from msgspec.structs import replace

from monitor.core import event
from monitor.core.event import Action, Event, Inspection, kind_of
from monitor.core.place import Place
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.ground import STRANGE, Ground
from monitor.sinks.influx.measurement import NONE, Measurement
from monitor.sinks.influx.picture import Picture

_RESULTS: Mapping[type, str] = {
    event.AccessGranted: "granted",
    event.AccessTaken: "taken",
    event.AccessNotTaken: "not_taken",
    event.AccessDenied: "denied",
    event.AccessMuster: "muster",
    event.AccessRex: "rex",
    event.AccessRead: "read",
}
"""Duress is not among them: it is silent."""
TOLD = frozenset((*_RESULTS, *get_args(Inspection), *get_args(Action), event.ReadingRecorded))
"""The event types that have points of their own."""


def points(said: Event, event_id: str, ground: Ground, picture: Picture) -> Iterator[Measurement]:
    """Yield the points of an event; none for one that only changes how things stand, or that is silent."""
    if (result := _RESULTS.get(type(said))) is not None:
        yield _access(said, result, event_id, ground)  # type: ignore[arg-type]
    elif isinstance(said, Inspection):
        yield from _inspection(said, event_id, ground)
    elif isinstance(said, Action):
        yield _action(said, event_id, ground, picture)
    elif isinstance(said, event.ReadingRecorded):
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
        type(said) is (event.AccessTaken if place.passage_sensor else event.AccessGranted)
    )


def _access(
    said: event.AccessGranted | event.AccessRex, result: str, event_id: str, ground: Ground
) -> Measurement:
    place = ground.point(said.point)
    site, zone, point = place.site or NONE, place.zone or NONE, place.point or STRANGE
    if isinstance(said, event.AccessRex):
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
        reason=said.reason if isinstance(said, event.AccessDenied) else NONE,
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
    if isinstance(said, event.InspectionApproved | event.InspectionRejected):
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
    if isinstance(said, event.InspectionItem):
        yield _answered(common, said)
        return
    yield common
    if isinstance(said, event.InspectionSubmitted | event.InspectionAmended):
        for n, item in enumerate(said.items, 1):
            yield replace(_answered(common, item), event_id=f"{event_id}.{n}")


def _answered(common: to.Inspection, item: event.Item | event.InspectionItem) -> to.Inspection:
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
