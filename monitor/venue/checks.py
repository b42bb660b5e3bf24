"""Finds what is wrong in ``venue.toml`` beyond the types of its values: names that lead nowhere, limits upside down."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, get_args
from zoneinfo import available_timezones

from monitor.core.events.vocabulary import Unit
from monitor.core.venue.model import (
    Checklist,
    ChecklistItem,
    Congress,
    Device,
    Point,
    Schedule,
    Venue,
    Way,
    Zone,
)
from monitor.toml import Keys, Reading, no_such, quoted
from monitor.venue.exits import check_exits

Found = Iterator[tuple[str, str]]
"""Keys, with what is wrong there and what to write instead."""

KINDS = (
    "agency",
    "site",
    "zone",
    "point",
    "device",
    "class",
    "schedule",
    "post",
    "round",
    "checklist",
)
"""The tables that have ids."""
REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("zone", "site", "site"),
    ("zone", "lead", "agency"),
    ("zone", "counted_by", "device"),
    ("point", "zone", "zone"),
    ("point", "outer_zone", "zone"),
    ("point", "interlock", "point"),
    ("point", "devices", "device"),
    ("device", "gateway", "device"),
    ("class", "zones", "zone"),
    ("class", "schedule", "schedule"),
    ("way", "sites", "site"),
    ("post", "zone", "zone"),
    ("checklist", "zone", "zone"),
    ("checklist", "lead", "agency"),
    ("checklist", "coordinating", "agency"),
)
"""Which key of which table holds ids, and of what."""
UNITS: tuple[str, ...] = get_args(Unit)
"""What readings come in; in any other unit a value could never be compared."""

_zones = cache(available_timezones)


def check(reading: Reading[Venue]) -> None:
    """Add the mistakes to the reading."""
    for kind in KINDS:
        _check_ids(reading, entries(reading.tables, kind))
    for keys, checklist in entries(reading.tables, "checklist"):
        _check_ids(reading, entries(checklist, "item", keys))
    for kind, key, target in REFERENCES:
        known = ids(reading, target)
        for keys, entry in entries(reading.tables, kind):
            for name in _texts(entry.get(key)):
                if name not in known:
                    reading.wrong((*keys, key), no_such(target, name, known))
    _check_devices(reading)
    check_exits(reading)
    for keys, part in reading.parts.items():
        for key, what in _CHECKS.get(type(part), _nothing)(part):
            reading.wrong((*keys, key), what)


def ids(reading: Reading[Venue], kind: str) -> list[str]:
    """Return the ids of all tables of this kind, those that have mistakes included."""
    return [own for _, entry in entries(reading.tables, kind) for own in _texts(entry.get("id"))]


def entries(
    tables: Mapping[str, Any], kind: str, above: Keys = ()
) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """Yield the tables of one kind, with their places."""
    found = tables.get(kind)
    for place, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, dict):
            yield (*above, kind, place), entry


def _texts(value: object) -> list[str]:
    """Return the texts that a key holds, one or several; an empty one names nothing."""
    several = value if isinstance(value, list) else [value]
    return [text for text in several if isinstance(text, str) and text]


def _check_ids(reading: Reading[Venue], tables: Iterator[tuple[Keys, Mapping[str, Any]]]) -> None:
    first: dict[str, Keys] = {}
    for keys, entry in tables:
        for own in _texts(entry.get("id")):
            if own in first:
                line = reading.line(first[own])
                reading.wrong(
                    (*keys, "id"), f"{quoted(own)} stands on line {line} already; choose another"
                )
            first.setdefault(own, (*keys, "id"))


def _check_devices(reading: Reading[Venue]) -> None:
    point_of: dict[str, str] = {}
    for keys, point in reading.parts.items():
        for device in point.devices if isinstance(point, Point) else ():
            if device in point_of:
                what = f"{quoted(device)} is at {quoted(point_of[device])} already; a device is at one point"
                reading.wrong((*keys, "devices"), what)
            elif isinstance(point, Point):
                point_of[device] = point.id


def _congress(congress: Congress) -> Found:
    if congress.timezone not in _zones():
        yield "timezone", no_such("time zone", congress.timezone, sorted(_zones()))
    if not congress.languages:
        yield "languages", 'none is named; write e.g. ["en"]'


def _zone(zone: Zone) -> Found:
    if list(zone.opens_at) != sorted(set(zone.opens_at)):
        yield "opens_at", "the moments don't stand in order of time; sort them, each once"
    times = [row.at for row in zone.entry]
    if len(times) == 1:
        yield "entry", "one milestone is no plan; give the first and the last one at least"
    if times != sorted(set(times)):
        yield "entry", "the milestones don't stand in order of time; sort them, each once"
    if zone.way_on is not None and zone.way_on <= 0:
        yield "way_on", "it is not more than 0; leave it out where nothing narrows the way"


def _way(way: Way) -> Found:
    if way.sites[0] == way.sites[1]:
        yield "sites", "both are the same site; name two"


def _point(point: Point) -> Found:
    if point.outer_zone == point.zone:
        yield "outer_zone", "is the inner zone too; leave it out where the other side is no zone"
    if point.interlock == point.id:
        yield "interlock", "is the door itself; name the other door of the mantrap"
    for key in ("flow_limit", "flow_limit_5m"):
        if getattr(point, key) <= 0:
            yield key, "it is not more than 0; leave it out for 11 a minute and lane"
            return


def _device(device: Device) -> Found:
    if not device.silence_limit:
        yield (
            "silence_limit",
            'it is 0: the device would be offline at all times; write e.g. "60s"',
        )
    if device.gateway == device.id:
        yield "gateway", "is the device itself; leave it out where it speaks for itself"


def _schedule(schedule: Schedule) -> Found:
    if schedule.closes <= schedule.opens:
        hours = f"{schedule.closes:%H:%M} is not after {schedule.opens:%H:%M}"
        yield "closes", f"{hours}; write the hours after midnight as a schedule of their own"


def _checklist(checklist: Checklist) -> Found:
    if checklist.lead in checklist.coordinating:
        yield "coordinating", f"{quoted(checklist.lead)} leads; name it there alone"
    if not checklist.interval:
        yield "interval", 'it is 0: no inspection would hold; write e.g. "24h"'


def _item(item: ChecklistItem) -> Found:
    if item.unit and item.unit not in UNITS:
        yield "unit", no_such("unit", item.unit, UNITS)
    if not item.unit and (item.min is not None or item.max is not None):
        yield "unit", f'missing; write e.g. unit = "{UNITS[0]}"'
    if item.min is not None and item.max is not None and item.min > item.max:
        yield "min", f"{item.min:g} is more than max, {item.max:g}; change one of them"


def _nothing(_: object) -> Found:
    yield from ()


_CHECKS: Mapping[type, Callable[[Any], Found]] = {
    Congress: _congress,
    Zone: _zone,
    Way: _way,
    Point: _point,
    Device: _device,
    Schedule: _schedule,
    Checklist: _checklist,
    ChecklistItem: _item,
}
