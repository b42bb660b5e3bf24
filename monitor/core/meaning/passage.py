"""Passages: whether an event is one, who passed, and between which zones."""

from typing import TypeGuard, get_args

from msgspec import Struct
from msgspec.structs import replace

from monitor.core.events import AnyEvent
from monitor.core.events.access import (
    AccessDenied,
    AccessDuress,
    AccessGranted,
    AccessMuster,
    AccessNotTaken,
    AccessRead,
    AccessTaken,
    ApbForgiven,
)
from monitor.core.events.vocabulary import Direction
from monitor.core.venue.places import Place

_OfBadge = (
    AccessGranted
    | AccessTaken
    | AccessNotTaken
    | AccessDenied
    | AccessDuress
    | AccessMuster
    | AccessRead
    | ApbForgiven
)
OF_BADGES: frozenset[type] = frozenset(get_args(_OfBadge))
"""The event types that name a badge, or its holder."""


class Passage(Struct, frozen=True, gc=False):
    """One person passed an access point of the venue."""

    site: str
    point: str
    holder: str
    """A pseudonym, see :func:`with_holder`; empty if the system reports none."""
    direction: Direction
    entered: str | None
    """The zone that the person has entered; empty: outside the venue; ``None``: the direction is unknown."""
    left: str | None
    """The zone that the person has left, in the same terms."""


def with_holder(event: AnyEvent) -> AnyEvent:
    """Return an event with the badge in place of its holder, where a system reports no person.

    Most readers know the card only. One badge is one person, whom rules and counts then follow by it.
    """
    if _is_of_badge(event) and event.credential and not event.holder:
        return replace(event, holder=event.credential)
    return event


def _is_of_badge(event: AnyEvent) -> TypeGuard[_OfBadge]:
    return type(event) in OF_BADGES


def is_passage(event: AnyEvent, place: Place) -> TypeGuard[AccessGranted | AccessTaken]:
    """Return whether an event counts as a passage.

    A point with a passage sensor reports each passage as ``access.taken``. At the others ``access.granted`` counts.
    """
    return place.of_point is not None and (
        type(event) is (AccessTaken if place.passage_sensor else AccessGranted)
    )


def passage_of(event: AnyEvent, place: Place) -> Passage | None:
    """Return the passage that an event reports; ``None`` if it reports none."""
    if not is_passage(event, place):
        return None
    match event.direction:
        case "in":
            return Passage(
                place.site, event.point, event.holder, "in", place.zone, place.outer_zone
            )
        case "out":
            return Passage(
                place.site, event.point, event.holder, "out", place.outer_zone, place.zone
            )
        case _:
            return Passage(place.site, event.point, event.holder, "unknown", None, None)
