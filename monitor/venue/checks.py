"""Checks of ``venue.toml`` beyond the types of its values: undefined names, repeated ids, contradictory limits."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from monitor.checklists.read import check_tables
from monitor.core.venue.accreditation import UNKNOWN
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.model import (
    AccreditationClass,
    Assignment,
    Congress,
    Device,
    Point,
    Schedule,
    Venue,
    Way,
    Zone,
)
from monitor.toml import KeyMistakes, Keys, ParseResult, no_such, quoted
from monitor.venue.exits import check_exits
from monitor.venue.occupancy import check_occupancy
from monitor.venue.plan import check_plan

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
"""The tables whose entries have ids."""
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
    ("checklist", "signers", "agency"),
    ("assignment", "zone", "zone"),
    ("assignment", "lead", "agency"),
    ("assignment", "coordinating", "agency"),
    ("assignment", "signers", "agency"),
)
"""References by id: the table, its key, and the table it refers to."""

_zones = cache(available_timezones)


def check(parsed: ParseResult[Venue]) -> None:
    """Add the mistakes found to the result."""
    for kind in KINDS:
        _check_ids(parsed, entries(parsed.tables, kind))
    for keys, _ in entries(parsed.tables, "checklist"):
        check_tables(parsed, keys)
    for kind, key, target in REFERENCES:
        known = dict.fromkeys(ids(parsed, target))
        for keys, entry in entries(parsed.tables, kind):
            for name in _texts(entry.get(key)):
                if name not in known:
                    parsed.wrong((*keys, key), no_such(target, name, known))
    _check_devices(parsed)
    check_exits(parsed)
    check_occupancy(parsed)
    check_plan(parsed)
    for keys, part in parsed.parts.items():
        for key, what in _CHECKS.get(type(part), _nothing)(part):
            parsed.wrong((*keys, key), what)


def ids(parsed: ParseResult[Venue], kind: str) -> list[str]:
    """Return the ids of all tables of this kind, including tables with mistakes."""
    return [own for _, entry in entries(parsed.tables, kind) for own in _texts(entry.get("id"))]


def entries(
    tables: Mapping[str, Any], kind: str, above: Keys = ()
) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """Yield the tables of one kind with their positions."""
    found = tables.get(kind)
    for place, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, dict):
            yield (*above, kind, place), entry


def _texts(value: object) -> list[str]:
    """Return the texts that a key holds, one or several; empty texts are left out, since they name nothing."""
    several = value if isinstance(value, list) else [value]
    return [text for text in several if isinstance(text, str) and text]


def _check_ids(
    parsed: ParseResult[Venue], tables: Iterator[tuple[Keys, Mapping[str, Any]]]
) -> None:
    first: dict[str, Keys] = {}
    for keys, entry in tables:
        for own in _texts(entry.get("id")):
            if own in first:
                line = parsed.line(first[own])
                parsed.wrong(
                    (*keys, "id"), f"{quoted(own)} is already used on line {line}; choose another"
                )
            first.setdefault(own, (*keys, "id"))


def _check_devices(parsed: ParseResult[Venue]) -> None:
    point_of: dict[str, str] = {}
    for keys, point in parsed.parts.items():
        for device in point.devices if isinstance(point, Point) else ():
            if device in point_of:
                what = f"{quoted(device)} is already at point {quoted(point_of[device])}; list it at one point only"
                parsed.wrong((*keys, "devices"), what)
            elif isinstance(point, Point):
                point_of[device] = point.id


def _congress(congress: Congress) -> KeyMistakes:
    if congress.timezone not in _zones():
        yield "timezone", no_such("time zone", congress.timezone, sorted(_zones()))
    if not congress.languages:
        yield "languages", 'is empty; write e.g. ["en"]'


def _zone(zone: Zone) -> KeyMistakes:
    if list(zone.opens_at) != sorted(set(zone.opens_at)):
        yield "opens_at", "the times are not in order; sort them and remove duplicates"
    times = [row.at for row in zone.entry]
    if len(times) == 1:
        yield "entry", "a plan needs at least two milestones; add the first or the last one"
    if times != sorted(set(times)):
        yield "entry", "the milestones are not in order of time; sort them and remove duplicates"
    if zone.way_on is not None and zone.way_on <= 0:
        yield "way_on", "must be more than 0; leave it out where nothing narrows the way on"


def _way(way: Way) -> KeyMistakes:
    if way.sites[0] == way.sites[1]:
        yield "sites", "both are the same site; name two different ones"


def _point(point: Point) -> KeyMistakes:
    if point.outer_zone == point.zone:
        yield "outer_zone", "is the same as zone; leave it out if the outer side is not a zone"
    if point.interlock == point.id:
        yield "interlock", "is the door itself; name the other door of the mantrap"
    for key in ("flow_limit", "flow_limit_5m"):
        if getattr(point, key) <= 0:
            yield key, "must be more than 0; leave it out for 11 persons a minute and lane"
            return


def _device(device: Device) -> KeyMistakes:
    if not device.silence_limit:
        yield (
            "silence_limit",
            'must be more than 0, or the device would always be offline; write e.g. "60s"',
        )
    if device.gateway == device.id:
        yield "gateway", "is the device itself; leave it out for a device without a gateway"


def _schedule(schedule: Schedule) -> KeyMistakes:
    if schedule.closes <= schedule.opens:
        hours = f"{schedule.closes:%H:%M} is not after {schedule.opens:%H:%M}"
        yield "closes", f"{hours}; put the hours after midnight in a schedule of their own"


def _class(row: AccreditationClass) -> KeyMistakes:
    if row.id == UNKNOWN:
        yield "id", f"{quoted(UNKNOWN)} is the class of an event that gives none; choose another"


def _checklist(checklist: Checklist | Assignment) -> KeyMistakes:
    if checklist.lead in checklist.coordinating:
        yield "coordinating", f"{quoted(checklist.lead)} is already the lead; remove it here"
    if checklist.interval is not None and not checklist.interval:
        yield "interval", 'must be more than 0, or no inspection would stay valid; write e.g. "24h"'


def _nothing(_: object) -> KeyMistakes:
    yield from ()


_CHECKS: Mapping[type, Callable[[Any], KeyMistakes]] = {
    Congress: _congress,
    Zone: _zone,
    Way: _way,
    Point: _point,
    Device: _device,
    Schedule: _schedule,
    AccreditationClass: _class,
    Checklist: _checklist,
    Assignment: _checklist,
}
