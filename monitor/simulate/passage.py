"""The messages of one person passing one access point: from its reader, its passage sensor and its door contact."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from monitor.core.events.access import AccessDenied, AccessGranted, AccessRex, AccessTaken
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.vocabulary import DeniedReason, Direction
from monitor.core.venue.model import Point
from monitor.simulate.badge import Badge, reader, shown
from monitor.simulate.hours import later
from monitor.simulate.message import Draft

LONGEST = timedelta(seconds=15)
"""A passage is complete by then."""
MINUTE = timedelta(minutes=1, seconds=5)
"""Slightly more than a minute, because a person who comes later may walk faster."""
APART = 0.01
"""Seconds between two passages: people pass in the order in which they came."""
_REFUSALS: tuple[DeniedReason, ...] = (
    "unknown_credential",
    "no_access_here",
    "outside_schedule",
    "credential_expired",
    "invalid_pin",
)


class Gateway:
    """An access point with its door; people who come while the door is open walk through."""

    def __init__(self, point: Point, at_most: int | None = None) -> None:
        self.point = point
        self.has_contact = point.kind == "door"
        self.open_for = min(5.0, point.held_open_limit.total_seconds() / 2)
        """Seconds for which the door is open, approximately; at most half its limit."""
        self._at_most = at_most
        self._open_until: datetime | None = None
        self._refused_at: datetime | None = None
        self._passed_at: datetime | None = None
        self._latest: deque[datetime] = deque(maxlen=self._at_most)
        """Times of the latest entries, as many as the point admits in a minute."""

    def is_free(self, t: datetime) -> bool:
        """Return whether one more person may enter: a gate admits a limited number of people per minute."""
        latest = self._latest
        return self._at_most is None or len(latest) < self._at_most or t - latest[0] > MINUTE

    def let_through(
        self, t: datetime, who: Badge, direction: Direction, rng: Random
    ) -> Iterator[Draft]:
        """Yield the messages of one passage that begins at ``t``."""
        point = self.point
        if direction == "in":
            self._latest.append(t)
        leaves_by_button = direction == "out" and self.has_contact and rng.random() < 0.5  # noqa: PLR2004
        if point.controlled and leaves_by_button:
            yield Draft(t, AccessRex(at=t, point=point.id, device=reader(point)))
        elif point.controlled:
            yield Draft(t, AccessGranted(at=t, **shown(who, point, direction)))
        walks = later(t, rng.uniform(1, 3))
        if self._passed_at is not None and walks <= self._passed_at:
            walks = later(self._passed_at, APART)
        self._passed_at = walks
        if self.has_contact and (self._open_until is None or self._open_until < t):
            closed = self._open_until = later(walks, self.open_for * rng.uniform(0.7, 1.3))
            yield Draft(walks, DoorOpened(at=walks, point=point.id))
            yield Draft(closed, DoorClosed(at=closed, point=point.id))
        if point.passage_sensor:
            yield Draft(walks, AccessTaken(at=walks, **shown(who, point, direction)))

    def refuse(self, t: datetime, who: Badge, rng: Random) -> Iterator[Draft]:
        """Yield a refusal, at most one per minute, because ten in five minutes raise an alert."""
        if self._refused_at is None or t - self._refused_at > timedelta(minutes=1):
            self._refused_at = t
            reason = rng.choice(_REFUSALS)
            yield Draft(t, AccessDenied(at=t, reason=reason, **shown(who, self.point)))
