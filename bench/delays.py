"""How long changes took from the journal to screens: each screen's rows and counts, against the transitions."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from monitor.core.alert import Alert, Change
from monitor.core.transitions import AlertChanged
from monitor.journal import Journal
from monitor.web.board_alert import group_of

TIMES = re.compile("\N{MULTIPLICATION SIGN}(\\d+)")
State = tuple[int, str | None]
"""How often an alert has occurred, and its group on the board; ``None``: only the number was sent."""
CLOSED: State = (0, "")


class Kind(StrEnum):
    """What is measured apart."""

    LIFE_SAFETY = "life safety"
    OTHER = "other changes"
    RECURRED = "recurrences"


class Changed(NamedTuple):
    """A change of an alert, as it was committed."""

    at: float
    """When the journal had it, in seconds since 1970: seen by polling, so a few milliseconds late."""
    kind: Kind


class Seen(NamedTuple):
    """A state of an alert that a screen showed."""

    at: float
    own: str
    state: State


class Journalled(NamedTuple):
    """The changes of each alert, in order."""

    changes: Mapping[str, Sequence[Changed]]
    shown_by: Mapping[str, Mapping[State, int]]
    """Up to which change each state of an alert shows them."""
    sites: Mapping[str, str]


def journalled(journal: Journal, seen: Sequence[tuple[int, float]], after: int) -> Journalled:
    """Return what was committed after a number.

    Args:
        journal: has the transitions.
        seen: the latest numbers in the journal, each with when it was first seen.
        after: the number.

    """
    numbers = [seq for seq, _ in seen]
    changes = defaultdict[str, list[Changed]](list)
    shown_by = defaultdict[str, dict[State, int]](dict)
    sites: dict[str, str] = {}
    while rows := journal.transitions(after):
        for row in rows:
            place = bisect_left(numbers, row.seq)
            if isinstance(row.transition, AlertChanged) and place < len(seen):
                alert, kind = row.transition.alert, _kind(row.transition)
                changes[alert.id].append(Changed(seen[place][1], kind))
                for state in _states_of(alert, kind):
                    shown_by[alert.id][state] = len(changes[alert.id])
                sites[alert.id] = alert.site
        after = rows[-1].seq
    return Journalled(changes, shown_by, sites)


def _kind(changed: AlertChanged) -> Kind:
    if changed.change is Change.RECURRED:
        return Kind.RECURRED
    return Kind.LIFE_SAFETY if changed.alert.severity == "life_safety" else Kind.OTHER


def _states_of(alert: Alert, kind: Kind) -> Iterator[State]:
    if not alert.is_open:
        yield CLOSED
        return
    yield alert.occurrences, group_of(alert)
    if kind is Kind.RECURRED:
        yield alert.occurrences, None


class StreamReader:
    """Reads chunks of streams; many viewers have the same, which are read once."""

    def __init__(self) -> None:
        self._known: dict[bytes, Sequence[Seen]] = {}

    def states(self, at: float, content: bytes) -> Iterator[Seen]:
        """Yield the states of alerts that a chunk brought."""
        if content not in self._known:
            self._known[content] = list(_states_in(content))
        for row in self._known[content]:
            yield row._replace(at=at)


def _states_in(content: bytes) -> Iterator[Seen]:
    for block in content.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line)
        match fields.get("event"):
            case "rows":
                yield from map(_row, msgspec.json.decode(fields["data"]))
            case "counts":
                counts: dict[str, int] = msgspec.json.decode(fields["data"])
                yield from (Seen(0.0, own, (n, None)) for own, n in counts.items())
            case _:
                pass


def _row(row: dict[str, Any]) -> Seen:
    if row["key"] is None:
        return Seen(0.0, row["id"], CLOSED)
    times = TIMES.search(row["html"])
    return Seen(0.0, row["id"], (int(times[1]) if times else 1, row["key"]["group"]))


class Delays(NamedTuple):
    """Seconds from the journal to screens."""

    took: Mapping[Kind, list[float]]
    missing: int
    """Changes of which a screen never showed the state, nor a later one."""


def delays(journal: Journalled, seen: Iterable[Seen], site: str, until: float) -> Delays:
    """Return how long each change took to one screen.

    Args:
        journal: what was committed.
        seen: what the screen showed, in order.
        site: the site that it shows; empty: all.
        until: changes after this time are left out: they may have been on the way at the end.

    """
    took: dict[Kind, list[float]] = {kind: [] for kind in Kind}
    shown = defaultdict[str, int](int)
    for at, own, state in seen:
        begin, end = shown[own], journal.shown_by.get(own, {}).get(state, 0)
        for change in journal.changes.get(own, ())[begin:end]:
            if change.at < until:
                took[change.kind].append(max(0.0, at - change.at))
        shown[own] = max(begin, end)
    missing = sum(
        change.at < until
        for own, where in journal.sites.items()
        if site in {"", where}
        for change in journal.changes[own][shown[own] :]
    )
    return Delays(took, missing)
