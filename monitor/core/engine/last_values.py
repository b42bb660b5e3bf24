"""What stands: the latest event of each type about each subject. A rule that is new, or begins anew, is told of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import get_args

from msgspec.structs import replace

from monitor.core.derive import holders as whereabouts
from monitor.core.events import EVENT_TYPES, AnyEvent
from monitor.core.events.access import Access, AccessMuster
from monitor.core.events.commands import Masking, Relief, Staff
from monitor.core.events.derived import DeviceCounted, DeviceGap, InspectionOverlapped
from monitor.core.events.derived_people import (
    CredentialOutdated,
    HolderForgotten,
    HolderMoved,
    HolderStrayed,
    MusterExpected,
    MusterOver,
)
from monitor.core.state.state import Moment, State

MOST = 5_000
"""Subjects of one type that are remembered; of more than these the one that was told of longest ago is forgotten."""
_MOMENTARY = frozenset(
    (
        *(kind for kind in get_args(Access) if kind is not AccessMuster),
        *get_args(Staff | Masking | Relief),
        CredentialOutdated,
        DeviceCounted,
        DeviceGap,
        HolderForgotten,
        HolderMoved,
        HolderStrayed,
        InspectionOverlapped,
    )
)
"""What is over as soon as it has happened: a passage, an order."""
_OF_MUSTER = frozenset((MusterExpected, MusterOver))
"""What is known of every holder by where he or she was seen: there may be more of them than subjects here."""
_NAMES = (
    *("point", "zone", "device", "checklist", "inspection", "item", "action", "asset", "kind"),
    *("quantity", "credential", "holder", "report", "request", "order", "post", "round", "watcher"),
    *("schedule", "person", "channel", "broker", "sink", "source", "subject"),
)
"""The fields that say what an event is about."""


def note(state: State, moment: Moment) -> None:
    """Remember an event as the latest of its type about its subject, unless a later one is known."""
    found = _SUBJECT_OF.get(type(moment.event))
    if found is None:
        return
    kind, subject_of = found
    subject, told = subject_of(moment.event), state.standing.setdefault(kind, {})
    known = told.pop(subject, None)
    if known is None and len(told) >= MOST:
        del told[next(iter(told))]
    told[subject] = moment if known is None or moment.t >= known.t else known


def stands(kinds: Iterable[str]) -> bool:
    """Tell whether events of all these types are remembered."""
    return all(
        (struct := EVENT_TYPES[kind]) in _SUBJECT_OF or struct in _OF_MUSTER for kind in kinds
    )


def all_of(state: State) -> Iterator[Moment]:
    """Yield what stands, in the order in which it happened; it is no news."""
    # Other versions have remembered other types.
    told = (row for rows in state.standing.values() for row in rows.values())
    rows = [row for row in told if type(row.event) in _SUBJECT_OF]
    rows += whereabouts.awaited(state)
    for row in sorted(rows, key=lambda row: (row.t, row.n)):
        yield replace(row, late=False, news=False)


def _subject(names: tuple[str, ...]) -> Callable[[AnyEvent], str]:
    if len(names) == 1:
        return attrgetter(names[0])
    get = attrgetter(*names)
    return lambda said: " / ".join(get(said))


_SUBJECT_OF: Mapping[type, tuple[str, Callable[[AnyEvent], str]]] = {
    struct: (kind, _subject(names))
    for kind, struct in EVENT_TYPES.items()
    if struct not in _MOMENTARY | _OF_MUSTER
    if (names := tuple(name for name in _NAMES if name in struct.__struct_fields__))
}
