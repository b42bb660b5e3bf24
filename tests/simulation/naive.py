"""Second implementations of what the core decides, short and from the promises alone, over a whole day at once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from monitor.core.events.inspection import InspectionApproved, InspectionItem
from monitor.core.events.work import ReadinessSigned, ReadinessWithdrawn
from tests.simulation.packet import Packet

TURNSTILE, COUNTED = "venue/centre/access/g1", "venue/centre/zone/arena"
INSPECTED = "venue/centre/inspection/check"
CRITICAL_ITEMS = {"exits-free": "All exits are free", "cold-store": "Cold store"}
WARMEST = 5.0
"""The limit of the cold store, in degrees Celsius."""


def contents(packets: Iterable[Packet], *topics: str) -> list[dict[str, Any]]:
    """Return what was sent on some topics, each message once, in the order of its first acknowledgement."""
    found: dict[bytes, dict[str, Any]] = {}
    for packet in packets:
        if packet.topic not in topics or packet.payload in found:
            continue
        try:
            body = json.loads(packet.payload)
        except (ValueError, RecursionError):
            continue
        if isinstance(body, dict):
            found[packet.payload] = body
    return list(found.values())


def people_inside(passages: Sequence[dict[str, Any]]) -> int | None:
    """Return how many people are inside: those who went in less those who went out, each passage once.

    ``None`` if more went out than in at some time: how many are inside depends then on when who was counted.
    """
    rows = [row for row in passages if row.get("type") == "access.taken"]
    for ordered in (rows, sorted(rows, key=lambda row: str(row["at"]))):
        inside = 0
        for row in ordered:
            inside += 1 if row["direction"] == "in" else -1
            if inside < 0:
                return None
    return sum(1 if row["direction"] == "in" else -1 for row in rows)


def latest_count(counts: Sequence[dict[str, Any]]) -> int | None:
    """Return the count that was made last; ``None`` if there is none, or two of one time."""
    rows = sorted(
        (row for row in counts if row.get("type") == "zone.count"), key=lambda row: str(row["at"])
    )
    if not rows or (len(rows) > 1 and rows[-1]["at"] == rows[-2]["at"]):
        return None
    return int(rows[-1]["count"])


def findings(answers: Sequence[dict[str, Any]]) -> dict[str, bool]:
    """Return whether each item has passed that was answered: the latest finding is the one that counts."""
    latest: dict[str, tuple[str, bool]] = {}
    for row in answers:
        if row.get("type") != "inspection.item":
            continue
        passed = row["result"] == "pass" and row.get("value", 0.0) <= WARMEST
        found = str(row["finished_at"]), passed
        # Of two findings of one time, the worse one counts.
        before = latest.get(row["item"], ("", True))
        if found[0] > before[0] or (found[0] == before[0] and not passed):
            latest[row["item"]] = found
    return {item: passed for item, (_, passed) in latest.items()}


def can_be_ready(findings: Mapping[str, bool]) -> bool:
    """Tell whether a zone can be ready: each critical item was answered, and has passed."""
    return all(findings.get(item, False) for item in CRITICAL_ITEMS)


OfReadiness = InspectionItem | InspectionApproved | ReadinessSigned | ReadinessWithdrawn
"""What readiness rests on."""


def may_open(events: Sequence[OfReadiness], *, is_signed: bool) -> bool:
    """Tell whether the hall can be ready after some events, in the order in which they came.

    Args:
        events: about any checklist and zone.
        is_signed: whether a second person has to approve each finding, and someone to sign the zone off.

    """
    items = [row for row in events if isinstance(row, InspectionItem) and row.checklist == "check"]
    latest: dict[str, InspectionItem] = {}
    for row in items:
        before = latest.get(row.item)
        if before is None or (_found_at(row), not _passed(row)) >= (
            _found_at(before),
            not _passed(before),
        ):
            latest[row.item] = row
    critical = [latest.get(item) for item in CRITICAL_ITEMS]
    if not all(row is not None and _passed(row) for row in critical):
        return False
    if not is_signed:
        return True
    return all(
        row is not None and _is_approved(row, events) for row in critical
    ) and _is_signed_off(events)


def _found_at(row: InspectionItem) -> datetime:
    return row.finished_at or row.at


def _passed(row: InspectionItem) -> bool:
    return row.result == "pass" and (row.value or 0.0) <= WARMEST


def _is_approved(found: InspectionItem, events: Sequence[OfReadiness]) -> bool:
    return any(
        isinstance(row, InspectionApproved)
        and row.inspection == found.inspection
        and row.approver != found.inspector
        and row.at >= found.at
        for row in events
    )


def _is_signed_off(events: Sequence[OfReadiness]) -> bool:
    """Tell whether the latest signature is younger than each withdrawal, and than each failure that was news."""
    signed = [row.at for row in events if isinstance(row, ReadinessSigned) and row.zone == "hall"]
    lost = [row.at for row in events if isinstance(row, ReadinessWithdrawn) and row.zone == "hall"]
    newest: dict[str, datetime] = {}
    for row in events:
        if isinstance(row, InspectionItem) and row.item in CRITICAL_ITEMS:
            found_at = _found_at(row)
            if row.result == "fail" and found_at >= newest.get(row.item, found_at):
                lost.append(found_at)
            newest[row.item] = max(found_at, newest.get(row.item, found_at))
    return bool(signed) and all(t < max(signed) for t in lost)


class Open(NamedTuple):
    """A time in which an alert needed someone, and when people were paged about it."""

    alert: str
    begins: datetime
    ends: datetime
    pages: tuple[datetime, ...]


def longest_silences(times: Iterable[Open]) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield, for each of these times, the spans in which no one was paged about the alert."""
    for row in times:
        marks = [row.begins, *(t for t in row.pages if row.begins <= t <= row.ends), row.ends]
        for before, after in pairwise(marks):
            yield row.alert, before, after
