"""Events as points: one point for each event, written at once."""

from collections.abc import Iterator, Mapping
from typing import get_args

from msgspec.structs import replace

from monitor.core.events import ReceivedEvent, kind_of
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
)
from monitor.core.events.work import Action, ReadingRecorded
from monitor.core.meaning.checklist import answers_of
from monitor.core.meaning.passage import is_passage
from monitor.sinks.influx.event_measurements import (
    AccessMeasurement,
    ActionMeasurement,
    InspectionMeasurement,
    ReadingMeasurement,
)
from monitor.sinks.influx.read_model import ReadModel
from monitor.sinks.influx.schema import NONE, Measurement
from monitor.sinks.influx.tags import UNKNOWN, TagSource

_RESULTS: Mapping[type, str] = {
    AccessGranted: "granted",
    AccessTaken: "taken",
    AccessNotTaken: "not_taken",
    AccessDenied: "denied",
    AccessMuster: "muster",
    AccessRex: "rex",
    AccessRead: "read",
}
"""The values of the tag `result`. Duress is not among them: it is silent."""
PROJECTED = frozenset((*_RESULTS, *get_args(Inspection), *get_args(Action), ReadingRecorded))
"""The event types that `points` takes."""


def points(
    event: ReceivedEvent, event_id: str, tags: TagSource, model: ReadModel, topic: str = ""
) -> Iterator[Measurement]:
    """Yield the points of an event; none if it only changes a state, or is silent.

    Args:
        event: the event.
        event_id: its identity.
        tags: where the tags are from.
        model: what earlier events say.
        topic: where it was received, which names the site of a reading without a zone.

    """
    if (result := _RESULTS.get(type(event))) is not None:
        yield _access(event, result, event_id, tags)  # type: ignore[arg-type]
    elif isinstance(event, Inspection):
        yield from _inspection(event, event_id, tags)
    elif isinstance(event, Action):
        yield _action(event, event_id, tags, model)
    elif isinstance(event, ReadingRecorded):
        where = tags.zone(event.zone)
        yield ReadingMeasurement(
            site=where.site if event.zone else tags.site_of_topic(topic),
            zone=where.zone,
            asset=tags.name("asset", event.asset),
            quantity=tags.name("quantity", event.quantity),
            unit=event.unit,
            value=event.value,
            event_id=event_id,
        )


def _access(
    event: AccessGranted | AccessRex, result: str, event_id: str, tags: TagSource
) -> Measurement:
    place = tags.point(event.point)
    site, zone, point = place.site or NONE, place.zone or NONE, place.point or UNKNOWN
    if isinstance(event, AccessRex):
        return AccessMeasurement(
            site=site,
            zone=zone,
            point=point,
            result=result,
            reason=event.reason if event.refused else NONE,
            event_id=event_id,
            method="rex",
            device=event.device,
        )
    return AccessMeasurement(
        site=site,
        zone=zone,
        point=point,
        direction=event.direction,
        result=result,
        reason=event.reason if isinstance(event, AccessDenied) else NONE,
        holder_class=tags.holder_class(event.holder_class),
        passed=int(is_passage(event, place)),
        event_id=event_id,
        subject=tags.person(event.holder or event.credential),
        method=event.method,
        device=event.device,
    )


def _inspection(event: Inspection, event_id: str, tags: TagSource) -> Iterator[Measurement]:
    place = tags.places.checklists.get(event.checklist)
    who = event.inspector
    if isinstance(event, InspectionApproved | InspectionRejected):
        who = event.approver
    common = InspectionMeasurement(
        site=NONE if place is None else place.site or NONE,
        zone=NONE if place is None else place.zone or NONE,
        checklist=UNKNOWN if place is None else event.checklist,
        lead=NONE if place is None else place.lead or NONE,
        step=_step(event),
        event_id=event_id,
        inspection_id=event.inspection,
        inspector=tags.person(who),
    )
    if isinstance(event, InspectionItem):
        yield _answer(common, event)
        return
    yield common
    if isinstance(event, InspectionSubmitted | InspectionAmended):
        for n, answer in enumerate(answers_of(event), 1):
            yield replace(_answer(common, answer), event_id=f"{event_id}.{n}")


def _answer(common: InspectionMeasurement, answer: InspectionItem) -> InspectionMeasurement:
    return replace(common, step="item", result=answer.result, item=answer.item, value=answer.value)


def _action(event: Action, event_id: str, tags: TagSource, model: ReadModel) -> Measurement:
    known = model.actions.get(event.action)
    where = tags.zone(event.zone or ("" if known is None else known.zone))
    return ActionMeasurement(
        site=where.site,
        zone=where.zone,
        lead=tags.name("lead", "" if known is None else known.lead),
        severity=NONE if known is None else known.severity or NONE,
        step=_step(event),
        event_id=event_id,
        action_id=event.action,
        asset=event.asset,
        actor=tags.person(event.who),
    )


def _step(event: ReceivedEvent) -> str:
    return kind_of(event).rpartition(".")[2]
