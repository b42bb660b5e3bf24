"""Computed fields: values worked out from one event and its place, which rules use like the event's own fields."""

from collections.abc import Callable, Mapping
from functools import cache
from math import ceil
from typing import Any, Literal, NamedTuple

import msgspec

from monitor.core.events import EVENT_TYPES
from monitor.core.events.derived import DeviceGap, ZoneOccupancy
from monitor.core.events.inspection import Evidence, InspectionItem, InspectionSubmitted
from monitor.core.ids import content_id
from monitor.core.meaning.checklist import checklist_item, is_out_of_limits
from monitor.core.meaning.passage import is_passage
from monitor.core.utc import utc
from monitor.core.venue import filling_plan
from monitor.core.venue.checklist import is_digest
from monitor.core.venue.places import Place

FieldType = Literal["text", "number", "yes/no", "time", "list"]
Read = Callable[[Any, Place], Any]
"""Returns a value of an event and its place; ``None`` or an empty text if it is missing. Never raises."""
PEOPLE_PER_MANAGER = 250
"""The number of people for each trained crowd manager (NFPA 101)."""


class ComputedField(NamedTuple):
    """One computed field."""

    kinds: tuple[str, ...]
    """The event types that have it."""
    type: FieldType
    read: Read
    choices: tuple[str, ...] = ()
    """The values that a text may have, if they are listed."""
    of_place: bool = False
    """All events of one type at one place have the same value."""


def _with(*names: str) -> tuple[str, ...]:
    """Return the event types that have all of these fields."""
    return tuple(
        kind
        for kind, struct in EVENT_TYPES.items()
        if all(name in struct.__struct_fields__ for name in names)
    )


def _class_allowed(event: Any, place: Place) -> bool:  # noqa: ANN401 - each field reads the types that its row names
    return place.admits is None or event.holder_class in place.admits


def _seconds_per_item(event: InspectionSubmitted, _place: Place) -> float | None:
    answered = _answered(event)
    if not answered or event.started_at is None or event.finished_at is None:
        return None
    return (event.finished_at - event.started_at).total_seconds() / answered


def _answered(event: Any, _place: Place | None = None) -> int:  # noqa: ANN401
    return sum(row.result not in ("not_done", "unknown") for row in event.items)


def _answers(event: Any, _place: Place) -> str:  # noqa: ANN401
    if not event.items:
        return ""
    answers = sorted(((row.item, row.result, row.value, row.note) for row in event.items), key=str)
    return content_id(msgspec.json.encode(answers))


def _seconds(later: str, earlier: str) -> Read:
    """Return the reader of the seconds between two times of an event."""

    def read(event: Any, _place: Place) -> float | None:  # noqa: ANN401
        end, start = getattr(event, later), getattr(event, earlier)
        return None if end is None or start is None else (end - start).total_seconds()

    return read


def _self_approved(event: Any, _place: Place) -> bool | None:  # noqa: ANN401
    return event.approver == event.inspector if event.inspector else None


def _photographed(event: Any, _place: Place) -> bool:  # noqa: ANN401
    return any(isinstance(row, Evidence) for row in event.evidence)


def _out_of_range(event: InspectionItem, place: Place) -> bool | None:
    line = checklist_item(place, event.item)
    return None if line is None else is_out_of_limits(line, event.value, event.unit)


def _known_item(event: InspectionItem, place: Place) -> bool | None:
    return None if place.of_checklist is None else checklist_item(place, event.item) is not None


def _wrong_unit(event: InspectionItem, place: Place) -> bool | None:
    line = checklist_item(place, event.item)
    if line is None or not line.unit or event.result in ("na", "not_done"):
        return None
    return event.value is None or event.unit != line.unit


def _percent_full(event: Any, place: Place) -> float | None:  # noqa: ANN401
    return None if place.of_zone is None else float(100 * event.count / place.of_zone.capacity)


def _percent_at_most(event: ZoneOccupancy, place: Place) -> float | None:
    if place.of_zone is None or event.at_most is None:
        return None
    return 100 * event.at_most / place.of_zone.capacity


def _retired(event: Any, place: Place) -> bool | None:  # noqa: ANN401
    if is_digest(event.version):
        return event.version != place.digest if place.digest else None
    wanted = "" if place.of_checklist is None else place.of_checklist.version
    return event.version != wanted if event.version and wanted else None


def _lacks_evidence(event: InspectionItem, place: Place) -> bool | None:
    line = checklist_item(place, event.item)
    if line is None:
        return None
    return line.evidence_on_fail and event.result == "fail" and not event.evidence


def _percent_of_plan(event: Any, place: Place) -> float | None:  # noqa: ANN401
    planned = (
        None if place.of_zone is None else filling_plan.persons(place.of_zone.entry, utc(event.at))
    )
    return 100 * event.count / planned if planned else None


def _people(event: Any, place: Place) -> int | None:  # noqa: ANN401
    return 1 if is_passage(event, place) else None


def _density(event: Any, place: Place) -> float | None:  # noqa: ANN401
    return None if place.of_zone is None else float(event.count / place.of_zone.area_m2)


def _numbers(event: DeviceGap, _place: Place) -> str:
    return str(event.first) if event.first == event.last else f"{event.first}-{event.last}"


def _reading(event: Any, _place: Place) -> str:  # noqa: ANN401
    return "" if event.value is None else f"{event.value:.10g} {event.unit}"


_INSPECTED = _with("inspection", "items")
_COUNTED = ("zone.count", "zone.occupancy")

COMPUTED: Mapping[str, ComputedField] = {
    "class_allowed": ComputedField(_with("holder_class"), "yes/no", _class_allowed),
    "class_in_hours": ComputedField(
        _with("holder_class"),
        "yes/no",
        lambda event, place: place.calendar.in_hours(event.holder_class, event.at),
    ),
    "filling": ComputedField(
        ("access.granted", "access.taken"),
        "yes/no",
        lambda event, place: (
            None
            if place.of_zone is None
            else filling_plan.is_filling(place.of_zone.entry, utc(event.at))
        ),
    ),
    "series": ComputedField(
        ("reading.recorded", "reading.changed"),
        "text",
        lambda event, _: f"{event.asset} / {event.quantity}",
    ),
    "people": ComputedField(("access.granted", "access.taken"), "number", _people, of_place=True),
    "issue": ComputedField(
        _with("credential_issue"), "text", lambda event, _: str(event.credential_issue or "")
    ),
    "passage": ComputedField(
        _with("direction"),
        "text",
        lambda event, _: "" if event.direction == "unknown" else event.direction,
        ("in", "out"),
    ),
    "via": ComputedField(
        tuple(kind for kind in _with("device") if kind.startswith(("device.", "config."))),
        "text",
        lambda event, place: place.gateway or event.device,
    ),
    "seconds_per_item": ComputedField(("inspection.submitted",), "number", _seconds_per_item),
    "answered": ComputedField(_INSPECTED, "number", _answered),
    "failed": ComputedField(
        _INSPECTED, "number", lambda event, _: sum(row.result == "fail" for row in event.items)
    ),
    "answers": ComputedField(_INSPECTED, "text", _answers),
    "delay_s": ComputedField(("inspection.submitted",), "number", _seconds("at", "finished_at")),
    "retired": ComputedField(("inspection.submitted",), "yes/no", _retired),
    "slot": ComputedField(
        ("inspection.scheduled",), "text", lambda event, _: f"{utc(event.due_at):%Y-%m-%dT%H:%MZ}"
    ),
    "self_approved": ComputedField(_with("approver", "inspector"), "yes/no", _self_approved),
    "out_of_range": ComputedField(("inspection.item",), "yes/no", _out_of_range),
    "known_item": ComputedField(("inspection.item",), "yes/no", _known_item),
    "wrong_unit": ComputedField(("inspection.item",), "yes/no", _wrong_unit),
    "lacks_evidence": ComputedField(("inspection.item",), "yes/no", _lacks_evidence),
    "photographed": ComputedField(_with("evidence"), "yes/no", _photographed),
    "reading": ComputedField(_with("value", "unit"), "text", _reading),
    "numbers": ComputedField(("device.gap",), "text", _numbers),
    "due_in_s": ComputedField(_with("due_at"), "number", _seconds("due_at", "at")),
    "valid_for_s": ComputedField(_with("expires_at"), "number", _seconds("expires_at", "at")),
    "lapses_early": ComputedField(
        _with("expires_at"),
        "yes/no",
        lambda event, place: (
            None if place.calendar.ends_at is None else event.expires_at < place.calendar.ends_at
        ),
    ),
    "percent_of_plan": ComputedField(_COUNTED, "number", _percent_of_plan),
    "percent_full": ComputedField(_COUNTED, "number", _percent_full),
    "percent_at_most": ComputedField(("zone.occupancy",), "number", _percent_at_most),
    "density": ComputedField(_COUNTED, "number", _density),
    "managers_needed": ComputedField(
        _COUNTED, "number", lambda event, _: ceil(event.count / PEOPLE_PER_MANAGER)
    ),
    "subject": ComputedField(
        _with("asset", "zone"), "text", lambda event, _: event.asset or event.zone
    ),
}
"""Every computed field by name. An event's own field of the same name takes precedence."""


@cache
def of_kind(kind: str) -> Mapping[str, ComputedField]:
    """Return the computed fields of an event type."""
    return {name: row for name, row in COMPUTED.items() if kind in row.kinds}
