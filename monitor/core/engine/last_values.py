"""Last values: the latest event of each type about each subject, for rules that are new or start over."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import get_args

from monitor.core.derive import holders
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
from monitor.core.events.muster import AboutHolders
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place

MOST = 5_000
"""The limit of subjects remembered for one type; beyond it, the one updated longest ago is forgotten."""
MOST_UNKNOWN = 1_000
"""The limit of subjects that are not in the venue file, for one type."""
_MOMENTARY = frozenset(
    (
        *(kind for kind in get_args(Access) if kind is not AccessMuster),
        *get_args(Staff | Masking | Relief | AboutHolders),
        CredentialOutdated,
        DeviceCounted,
        DeviceGap,
        HolderForgotten,
        HolderMoved,
        HolderStrayed,
        InspectionOverlapped,
    )
)
"""Events that describe no state: a passage, a command."""
_OF_MUSTER = frozenset((MusterExpected, MusterOver))
"""Known for every holder from the last location: there may be more holders than subjects here."""
_NAMES = (
    *("point", "zone", "device", "checklist", "inspection", "item", "action", "asset", "kind"),
    *("quantity", "credential", "holder", "report", "request", "order", "post", "round", "watcher"),
    *("schedule", "person", "channel", "broker", "sink", "source", "subject"),
)
"""The fields that name the subject of an event."""


def note(
    state: State, timestamped: TimestampedEvent, place: Place, devices: Container[str]
) -> None:
    """Remember an event as the latest of its type about its subject, unless a later one is known."""
    found = _SUBJECT_OF.get(type(timestamped.event))
    if found is None:
        return
    kind, subject_of = found
    subject, values = subject_of(timestamped.event), state.rules.last_values.get(kind)
    if values is None:
        values = state.rules.last_values[kind] = {}
    known = values.pop(subject, None)
    if known is None and (place.unknown or not _is_of(devices, timestamped.event)):
        _make_room(state, kind, values)
        state.rules.unknown_values[kind][subject] = None
    elif known is None and len(values) >= MOST:
        del values[next(iter(values))]
    values[subject] = timestamped if known is None or timestamped.t >= known.t else known


def _is_of(devices: Container[str], event: AnyEvent) -> bool:
    """Return whether an event names no device, or one of the venue."""
    device = getattr(event, "device", "")
    return not device or device in devices


def _make_room(state: State, kind: str, values: dict[str, TimestampedEvent]) -> None:
    """Forget the oldest unknown subject if there are too many: they never displace a known one."""
    unknown = state.rules.unknown_values.setdefault(kind, {})
    if len(unknown) >= MOST_UNKNOWN:
        oldest = next(iter(unknown))
        del unknown[oldest]
        values.pop(oldest, None)


def are_remembered(kinds: Iterable[str]) -> bool:
    """Return whether events of all these types are remembered."""
    return all(
        (struct := EVENT_TYPES[kind]) in _SUBJECT_OF or struct in _OF_MUSTER for kind in kinds
    )


def all_values(state: State) -> Iterator[TimestampedEvent]:
    """Yield the last values in the order in which they happened."""
    # Other versions may have remembered other types.
    values = (row for rows in state.rules.last_values.values() for row in rows.values())
    rows = [row for row in values if type(row.event) in _SUBJECT_OF]
    rows += holders.awaited(state)
    yield from sorted(rows, key=lambda row: (row.t, row.n))


def _subject(names: tuple[str, ...]) -> Callable[[AnyEvent], str]:
    if len(names) == 1:
        return attrgetter(names[0])
    get = attrgetter(*names)
    return lambda event: " / ".join(get(event))


_SUBJECT_OF: Mapping[type, tuple[str, Callable[[AnyEvent], str]]] = {
    struct: (kind, _subject(names))
    for kind, struct in EVENT_TYPES.items()
    if struct not in _MOMENTARY | _OF_MUSTER
    if (names := tuple(name for name in _NAMES if name in struct.__struct_fields__))
}
