"""Passages: whether an event is one, who passed, and between which zones."""

from typing import NamedTuple

from monitor.core.events import AnyEvent
from monitor.core.events.access import AccessGranted, AccessMuster, AccessTaken
from monitor.core.events.vocabulary import Direction
from monitor.core.venue.places import Place

_PASSAGES = (AccessGranted, AccessTaken)


class Passage(NamedTuple):
    """One person passed an access point of the venue."""

    site: str
    point: str
    holder: str
    """A pseudonym, see :func:`holder_of`; empty if the system reports none."""
    direction: Direction
    entered: str | None
    """The zone that the person has entered; empty: outside the venue; ``None``: the direction is unknown."""
    left: str | None
    """The zone that the person has left, in the same terms."""


def holder_of(event: AccessGranted | AccessTaken | AccessMuster) -> str:
    """Return the pseudonym of the person; of the badge, which stands for them, where a system reports no person.

    Most readers know the card only.
    """
    return event.holder or event.credential


def is_passage(event: AnyEvent, place: Place) -> bool:
    """Return whether an event counts as a passage.

    A point with a passage sensor reports each passage as ``access.taken``. At the others ``access.granted`` counts.
    """
    return place.of_point is not None and (
        type(event) is (AccessTaken if place.passage_sensor else AccessGranted)
    )


def passage_of(event: AnyEvent, place: Place) -> Passage | None:
    """Return the passage that an event reports; ``None`` if it reports none."""
    if not isinstance(event, _PASSAGES) or not is_passage(event, place):
        return None
    match event.direction:
        case "in":
            return Passage(
                place.site, event.point, holder_of(event), "in", place.zone, place.outer_zone
            )
        case "out":
            return Passage(
                place.site, event.point, holder_of(event), "out", place.outer_zone, place.zone
            )
        case _:
            return Passage(place.site, event.point, holder_of(event), "unknown", None, None)
