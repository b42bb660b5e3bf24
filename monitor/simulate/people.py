"""Ordinary traffic of people: they arrive, have lunch and leave; no zone fills up, and cameras count them."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from monitor.core.events.zone import ZoneCount
from monitor.core.venue.model import Point, SiteKind, Zone
from monitor.simulate.badge import Badge, new_badge
from monitor.simulate.hours import ARRIVAL, CLOSED, CLOSING, Curve, Hours, later, mean, on
from monitor.simulate.message import Draft, in_order
from monitor.simulate.passage import LONGEST, Gateway
from monitor.simulate.reservations import Reservations
from monitor.simulate.venue import SimulatedVenue, staff

FULLEST = 0.85
"""The largest ordinary crowd, as a share of a zone's capacity."""
COUNT_EVERY = 15.0
"""Seconds between two counts of a zone; a count is sent only if it has changed."""
REFUSED = 0.01
"""Share of the people at a reader who are refused."""
TRIES = 6
"""Gates that are tried for one passage before it is given up."""
AGAIN = 0.7
"""Share of the people arriving from outside who have been here before."""
REMEMBERED = 2000
"""The number of people who have left and may return, at most."""

BUSY: Curve = (
    (ARRIVAL, 1.0),
    (0.18, 4.0),
    (0.30, 1.0),
    (0.46, 0.8),
    (0.52, 2.5),
    (0.62, 2.5),
    (0.68, 0.8),
    (0.86, 1.0),
    (0.92, 4.0),
    (CLOSED, 1.0),
)
"""How busy the gates are: peaks in the morning, at lunch and in the evening."""
_SESSION: Curve = (
    (ARRIVAL, 0),
    (0.3, 0.8),
    (0.48, 0.8),
    (0.55, 0.3),
    (0.64, 0.8),
    (0.86, 0.8),
    (CLOSED, 0),
)
_MEALS: Curve = ((0.44, 0.05), (0.53, 0.9), (0.58, 0.9), (0.66, 0.05), (CLOSING, 0.05), (CLOSED, 0))
_LODGING: Curve = ((ARRIVAL, 0.4), (0.3, 0.1), (0.6, 0.1), (0.86, 0.3), (CLOSED, 0))
FILLED: Mapping[SiteKind, Curve] = {
    "venue": _SESSION,
    "press_centre": _SESSION,
    "transport": _SESSION,
    "dining": _MEALS,
    "hotel": _LODGING,
}
"""How full the zones of a site are, as a share of the largest ordinary crowd."""


def people(
    venue: SimulatedVenue, reservations: Reservations, hours: Hours, rng: Random, rate: float
) -> Iterator[Draft]:
    """Yield the messages caused by people moving about, at ``rate`` passages per second on average."""
    return in_order(_Crowd(venue, reservations, hours, rng).bursts(rate)) if rate > 0 else iter(())


class _Crowd:
    """The people in each zone."""

    def __init__(
        self, venue: SimulatedVenue, reservations: Reservations, hours: Hours, rng: Random
    ) -> None:
        self._venue = venue
        self._reservations = reservations
        self._hours = hours
        self._rng = rng
        self._gates = [Gateway(point, venue.takes(point)) for point in venue.passages]
        self._weights = [1 if gate.has_contact else 4 for gate in self._gates]
        kinds = {site.id: site.kind for site in venue.model.sites}
        self._inside: dict[str, list[Badge]] = {zone: [] for zone in venue.zones}
        self._away: dict[str, list[Badge]] = {site: [] for site in kinds}
        """People who have left a site and may return to it."""
        self._leaving: deque[tuple[datetime, str, Badge]] = deque()
        """People who are still walking out, and can't return yet."""
        self._admitted = {zone: venue.admits(zone) for zone in venue.zones}
        self._curve = {zone.id: FILLED[kinds[zone.site]] for zone in venue.zones.values()}
        self._counted: dict[str, int] = {}
        """The latest count of each zone that was sent."""

    def bursts(self, rate: float) -> Iterator[tuple[datetime, Iterator[Draft]]]:
        """Yield bursts of messages in order of the times at which they begin."""
        hours, rng = self._hours, self._rng
        highest = max(height for _, height in BUSY)
        fastest = rate * highest / mean(BUSY)
        t, count_at, end = hours.at(ARRIVAL), hours.at(ARRIVAL), hours.at(CLOSED)
        while (t := t + timedelta(seconds=rng.expovariate(fastest))) < end:
            while count_at < t:
                yield count_at, self._counts(count_at)
                count_at = later(count_at, COUNT_EVERY)
            fraction = hours.fraction(t)
            if self._gates and rng.random() < on(BUSY, fraction) / highest:
                passed_at = later(t, 0)
                yield passed_at, self._pass(passed_at, fraction)
        yield end, self._counts(end)

    def _pass(self, t: datetime, fraction: float) -> Iterator[Draft]:
        """Let one person pass a gate, if one can be found."""
        rng = self._rng
        for gate in rng.choices(self._gates, self._weights, k=TRIES):
            if not self._reservations.is_free("point", gate.point.id, t):
                continue
            zone = self._venue.zones[gate.point.zone]
            goes_in = rng.random() < (
                0.9 if self._fill(zone) < on(self._curve[zone.id], fraction) else 0.1
            )
            if goes_in and not gate.is_free(t):
                continue
            if goes_in and rng.random() < REFUSED and gate.point.controlled:
                yield from gate.refuse(t, new_badge(rng, "unknown"), rng)
                return
            who = self._enters(gate.point, t) if goes_in else self._leaves(gate.point, t)
            if who is not None:
                yield from gate.let_through(t, who, "in" if goes_in else "out", rng)
                return

    def _enters(self, point: Point, t: datetime) -> Badge | None:
        """Move a person in, if the zone has room and a person who may enter is outside."""
        zone, rng = self._venue.zones[point.zone], self._rng
        closing = t >= self._hours.at(CLOSING)
        if (
            closing
            or self._fill(zone) >= 1
            or not self._reservations.is_free("admission", zone.id, t)
        ):
            return None
        admitted = self._admitted[zone.id]
        if point.outer_zone:
            who = _take(self._inside[point.outer_zone], rng)
            if who is not None and who.holder_class not in admitted:
                self._inside[point.outer_zone].append(who)
                return None
        else:
            while self._leaving and self._leaving[0][0] <= t:
                _, site, gone = self._leaving.popleft()
                self._away[site].append(gone)
            who = _take(self._away[zone.site], rng) if rng.random() < AGAIN else None
            if who is None or who.holder_class not in admitted:
                who = new_badge(rng, rng.choice(admitted))
        if who is not None:
            self._inside[zone.id].append(who)
        return who

    def _leaves(self, point: Point, t: datetime) -> Badge | None:
        """Move a person out, if there is one and there is room on the other side."""
        outer = self._venue.zones.get(point.outer_zone)
        if outer is not None and self._fill(outer) >= 1:
            return None
        who = _take(self._inside[point.zone], self._rng)
        if who is None:
            return None
        if outer is not None:
            self._inside[outer.id].append(who)
        else:
            site = self._venue.zones[point.zone].site
            if len(self._away[site]) < REMEMBERED:
                self._leaving.append((t + LONGEST, site, who))
        return who

    def _fill(self, zone: Zone) -> float:
        """Return how full a zone is, as a share of the largest ordinary crowd."""
        return (len(self._inside[zone.id]) + staff(zone)) / (zone.capacity * FULLEST)

    def _counts(self, t: datetime) -> Iterator[Draft]:
        """Yield the counts of the zones in which they have changed."""
        for zone, inside in self._inside.items():
            least = staff(self._venue.zones[zone])
            count = len(inside) + least
            has_changed = self._counted.get(zone, least) != count
            if has_changed and self._reservations.is_free("count", zone, t):
                self._counted[zone] = count
                yield Draft(t, ZoneCount(at=t, zone=zone, count=count))


def _take(people: list[Badge], rng: Random) -> Badge | None:
    """Remove a random person from a crowd, in constant time: its order doesn't matter."""
    if not people:
        return None
    place = rng.randrange(len(people))
    people[place], people[-1] = people[-1], people[place]
    return people.pop()
