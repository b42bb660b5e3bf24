"""The worst hour of the simulated morning: a dead gateway, a hall that is too full, and a fire."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from monitor.core.events.device import DeviceOffline
from monitor.core.events.zone import EmergencyFire, ZoneCount
from monitor.core.venue.model import Venue
from monitor.simulate import Planned

GATEWAY, CROWDED, BURNING = "hall-controller", "hall-plenary", "hall-foyer"
DIES, FILLS, BURNS = (timedelta(minutes=minutes) for minutes in (31, 32, 35))
"""When, from the beginning of the morning."""
COUNTS = (1410, 1480, 1530, 1560, 1530, 1180, 640)
"""Persons in the plenary hall, whose capacity is 1,500, minute by minute."""


def worst_hour(plan: Sequence[Planned], venue: Venue, start: datetime) -> list[Planned]:
    """Return the messages of a morning with these three in it; what the dead gateway would have sent is missing."""
    behind = {row.id for row in venue.devices if GATEWAY in (row.id, row.gateway)}
    points = {row.id for row in venue.points if behind & set(row.devices)}
    kept = [
        row
        for row in plan
        if not (row.at >= start + DIES and _is_from(row, behind | points))
        and not (row.at >= start + FILLS and _counts(row, CROWDED))
    ]
    return sorted([*kept, *_planted(start)], key=lambda row: row.at)


def _planted(start: datetime) -> Iterator[Planned]:
    at = start + DIES
    yield _planned(f"device/{GATEWAY}", DeviceOffline(at=at, device=GATEWAY), retain=True)
    for minute, count in enumerate(COUNTS):
        at = start + FILLS + timedelta(minutes=minute)
        yield _planned(f"zone/{CROWDED}", ZoneCount(at=at, zone=CROWDED, count=count))
    at = start + BURNS
    yield _planned(f"emergency/{BURNING}", EmergencyFire(at=at, zone=BURNING, device="foyer-3"))


def _planned(
    topic: str, event: DeviceOffline | ZoneCount | EmergencyFire, *, retain: bool = False
) -> Planned:
    return Planned(event.at, f"venue/hall/{topic}", msgspec.json.encode(event), retain)


def _is_from(row: Planned, senders: set[str]) -> bool:
    event = _event(row)
    return bool(senders & {event.get("device"), event.get("point")})


def _counts(row: Planned, zone: str) -> bool:
    event = _event(row)
    return event.get("type") == "zone.count" and event.get("zone") == zone


def _event(row: Planned) -> dict[str, str]:
    """Return a message in the monitor's own format; nothing for any other."""
    try:
        event = json.loads(row.payload)
    except ValueError:
        return {}
    return event if isinstance(event, dict) and row.id else {}
