"""Derived fields: what one event says between its fields, together with its place; rules name them like any other."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from math import ceil
from typing import Any, Literal, NamedTuple

import msgspec

from monitor.core.events import EVENT_TYPES, kind_of
from monitor.core.events.derived import ZoneOccupancy
from monitor.core.events.inspection import Evidence, InspectionItem, InspectionSubmitted
from monitor.core.utc import utc
from monitor.core.venue import filling_plan as plan
from monitor.core.venue.model import ChecklistItem
from monitor.core.venue.places import Place

FieldType = Literal["text", "number", "yes/no", "time", "list"]
Read = Callable[[Any, Place], Any]
"""Reads a value off an event and its place; ``None`` or an empty text where it is missing. Never raises."""
PEOPLE_PER_MANAGER = 250
"""One trained crowd manager for so many people (NFPA 101)."""


class Derived(NamedTuple):
    """One derived field."""

    kinds: tuple[str, ...]
    """The event types that have it."""
    type: FieldType
    read: Read
    choices: tuple[str, ...] = ()
    """The only values of a text, if they are listed."""


def _with(*names: str) -> tuple[str, ...]:
    """Return the event types that carry all of these fields themselves."""
    return tuple(
        kind
        for kind, struct in EVENT_TYPES.items()
        if all(name in struct.__struct_fields__ for name in names)
    )


def _class_allowed(said: Any, place: Place) -> bool:  # noqa: ANN401 - a derived field reads the types that its row names
    return place.admits is None or said.holder_class in place.admits


def _seconds_per_item(said: InspectionSubmitted, _place: Place) -> float | None:
    answered = _answered(said)
    if not answered or said.started_at is None or said.finished_at is None:
        return None
    return (said.finished_at - said.started_at).total_seconds() / answered


def _answered(said: Any, _place: Place | None = None) -> int:  # noqa: ANN401
    return sum(row.result not in ("not_done", "unknown") for row in said.items)


def _answers(said: Any, _place: Place) -> str:  # noqa: ANN401
    if not said.items:
        return ""
    told = sorted(((row.item, row.result, row.value, row.note) for row in said.items), key=str)
    return blake2b(msgspec.json.encode(told), digest_size=8).hexdigest()


def _seconds(later: str, earlier: str) -> Read:
    """Return what tells the seconds between two times of an event."""

    def read(said: Any, _place: Place) -> float | None:  # noqa: ANN401
        end, start = getattr(said, later), getattr(said, earlier)
        return None if end is None or start is None else (end - start).total_seconds()

    return read


def _self_approved(said: Any, _place: Place) -> bool | None:  # noqa: ANN401
    return said.approver == said.inspector if said.inspector else None


def _photographed(said: Any, _place: Place) -> bool:  # noqa: ANN401
    return any(isinstance(row, Evidence) for row in said.evidence)


def _line(said: InspectionItem, place: Place) -> ChecklistItem | None:
    lines = () if place.of_checklist is None else place.of_checklist.items
    return next((row for row in lines if row.id == said.item), None)


def _out_of_range(said: InspectionItem, place: Place) -> bool | None:
    line = _line(said, place)
    if line is None or said.value is None or said.unit != line.unit:
        return None
    low = line.min is not None and said.value < line.min
    high = line.max is not None and said.value > line.max
    return low or high


def _wrong_unit(said: InspectionItem, place: Place) -> bool | None:
    line = _line(said, place)
    if line is None or not line.unit or said.result in ("na", "not_done"):
        return None
    return said.value is None or said.unit != line.unit


def _percent_full(said: Any, place: Place) -> float | None:  # noqa: ANN401
    return None if place.of_zone is None else float(100 * said.count / place.of_zone.capacity)


def _percent_at_most(said: ZoneOccupancy, place: Place) -> float | None:
    if place.of_zone is None or said.at_most is None:
        return None
    return 100 * said.at_most / place.of_zone.capacity


def _retired(said: Any, place: Place) -> bool | None:  # noqa: ANN401
    wanted = "" if place.of_checklist is None else place.of_checklist.version
    return said.version != wanted if said.version and wanted else None


def _percent_of_plan(said: Any, place: Place) -> float | None:  # noqa: ANN401
    planned = None if place.of_zone is None else plan.persons(place.of_zone.entry, utc(said.at))
    return 100 * said.count / planned if planned else None


def _people(said: Any, place: Place) -> int | None:  # noqa: ANN401
    is_passage = place.passage_sensor == (kind_of(said) == "access.taken")
    return 1 if is_passage and place.of_point is not None else None


def _density(said: Any, place: Place) -> float | None:  # noqa: ANN401
    return None if place.of_zone is None else float(said.count / place.of_zone.area_m2)


def _reading(said: Any, _place: Place) -> str:  # noqa: ANN401
    return "" if said.value is None else f"{said.value:.10g} {said.unit}"


_INSPECTED = _with("inspection", "items")
_COUNTED = ("zone.count", "zone.occupancy")

DERIVED: Mapping[str, Derived] = {
    "class_allowed": Derived(_with("holder_class"), "yes/no", _class_allowed),
    "class_in_hours": Derived(
        _with("holder_class"),
        "yes/no",
        lambda said, place: place.calendar.in_hours(said.holder_class, said.at),
    ),
    "filling": Derived(
        ("access.granted", "access.taken"),
        "yes/no",
        lambda said, place: (
            None if place.of_zone is None else plan.is_filling(place.of_zone.entry, utc(said.at))
        ),
    ),
    "series": Derived(
        ("reading.recorded", "reading.changed"),
        "text",
        lambda said, _: f"{said.asset} / {said.quantity}",
    ),
    "people": Derived(("access.granted", "access.taken"), "number", _people),
    "issue": Derived(
        _with("credential_issue"), "text", lambda said, _: str(said.credential_issue or "")
    ),
    "passage": Derived(
        _with("direction"),
        "text",
        lambda said, _: "" if said.direction == "unknown" else said.direction,
        ("in", "out"),
    ),
    "via": Derived(
        tuple(kind for kind in _with("device") if kind.startswith(("device.", "config."))),
        "text",
        lambda said, place: place.gateway or said.device,
    ),
    "seconds_per_item": Derived(("inspection.submitted",), "number", _seconds_per_item),
    "answered": Derived(_INSPECTED, "number", _answered),
    "failed": Derived(
        _INSPECTED, "number", lambda said, _: sum(row.result == "fail" for row in said.items)
    ),
    "answers": Derived(_INSPECTED, "text", _answers),
    "delay_s": Derived(("inspection.submitted",), "number", _seconds("at", "finished_at")),
    "retired": Derived(("inspection.submitted",), "yes/no", _retired),
    "slot": Derived(
        ("inspection.scheduled",), "text", lambda said, _: f"{utc(said.due_at):%Y-%m-%dT%H:%MZ}"
    ),
    "self_approved": Derived(_with("approver", "inspector"), "yes/no", _self_approved),
    "out_of_range": Derived(("inspection.item",), "yes/no", _out_of_range),
    "wrong_unit": Derived(("inspection.item",), "yes/no", _wrong_unit),
    "photographed": Derived(_with("evidence"), "yes/no", _photographed),
    "reading": Derived(_with("value", "unit"), "text", _reading),
    "due_in_s": Derived(_with("due_at"), "number", _seconds("due_at", "at")),
    "valid_for_s": Derived(_with("expires_at"), "number", _seconds("expires_at", "at")),
    "lapses_early": Derived(
        _with("expires_at"),
        "yes/no",
        lambda said, place: (
            None if place.calendar.ends_at is None else said.expires_at < place.calendar.ends_at
        ),
    ),
    "percent_of_plan": Derived(_COUNTED, "number", _percent_of_plan),
    "percent_full": Derived(_COUNTED, "number", _percent_full),
    "percent_at_most": Derived(("zone.occupancy",), "number", _percent_at_most),
    "density": Derived(_COUNTED, "number", _density),
    "managers_needed": Derived(
        _COUNTED, "number", lambda said, _: ceil(said.count / PEOPLE_PER_MANAGER)
    ),
    "subject": Derived(_with("asset", "zone"), "text", lambda said, _: said.asset or said.zone),
}
"""Every derived field by its name. An event's own field of the same name wins."""


def of_kind(kind: str) -> Mapping[str, Derived]:
    """Return the derived fields of an event type."""
    return {name: row for name, row in DERIVED.items() if kind in row.kinds}
