"""Second implementations of what the core decides, short and from the promises alone, over a whole day at once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from tests.simulation.packet import Packet

TURNSTILE, COUNTED = "venue/centre/access/g1", "venue/centre/zone/arena"
INSPECTED = "venue/centre/inspection/check"
CRITICAL_ITEMS = {"exits-free": "All exits are free", "cold-store": "Cold store"}
WARMEST = 5.0
"""The limit of the cold store, in degrees Celsius."""


def contents(packets: Iterable[Packet], topic: str) -> list[dict[str, Any]]:
    """Return what was sent on a topic, each message once, in the order of its first acknowledgement."""
    found: dict[bytes, dict[str, Any]] = {}
    for packet in packets:
        if packet.topic != topic or packet.payload in found:
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
