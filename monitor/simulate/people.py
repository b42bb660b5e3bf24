"""The ordinary day: people come, go to lunch and leave; no zone is full, and cameras count who is in."""

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
from monitor.simulate.reservations import Diary
from monitor.simulate.venue import Ground, staff

FULLEST = 0.85
"""Of a zone's capacity: no ordinary crowd is larger."""
COUNT_EVERY = 15.0
"""Seconds between two counts of a zone, if they differ."""
REFUSED = 0.01
"""Of all who come to a reader."""
TRIES = 6
"""So many gates are looked at for one where somebody can pass; then nobody does."""
AGAIN = 0.7
"""Of those who come from outside, the share that has been here before."""
REMEMBERED = 2000
"""People who have left and may come again."""

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
"""How busy the gates are: a peak in the morning, one at lunch, one in the evening."""
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
"""How full the zones of a site are, as a share of the fullest."""


def people(ground: Ground, diary: Diary, hours: Hours, rng: Random, rate: float) -> Iterator[Draft]:
    """Yield everything that people moving about give rise to, at ``rate`` passages a second on average."""
    return in_order(_Crowd(ground, diary, hours, rng).bursts(rate)) if rate > 0 else iter(())


class _Crowd:
    """Who is in which zone."""

    def __init__(self, ground: Ground, diary: Diary, hours: Hours, rng: Random) -> None:
        self._ground = ground
        self._diary = diary
        self._hours = hours
        self._rng = rng
        self._gates = [Gateway(point, ground.takes(point)) for point in ground.passages]
        self._weights = [1 if gate.has_contact else 4 for gate in self._gates]
        kinds = {site.id: site.kind for site in ground.venue.sites}
        self._inside: dict[str, list[Badge]] = {zone: [] for zone in ground.zones}
        self._away: dict[str, list[Badge]] = {site: [] for site in kinds}
        """Who has left a site, and may come back to it."""
        self._on_the_way: deque[tuple[datetime, str, Badge]] = deque()
        """Who has just left: nobody comes in again before having gone out."""
        self._admitted = {zone: ground.admits(zone) for zone in ground.zones}
        self._curve = {zone.id: FILLED[kinds[zone.site]] for zone in ground.zones.values()}
        self._told: dict[str, int] = {}

    def bursts(self, rate: float) -> Iterator[tuple[datetime, Iterator[Draft]]]:
        """Yield burst after burst, in order of the times at which they begin."""
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
                moment = later(t, 0)
                yield moment, self._somebody(moment, fraction)
        yield end, self._counts(end)

    def _somebody(self, t: datetime, fraction: float) -> Iterator[Draft]:
        """Let one person pass, where there is one who wants to and may."""
        rng = self._rng
        for gate in rng.choices(self._gates, self._weights, k=TRIES):
            if not self._diary.is_free("point", gate.point.id, t):
                continue
            zone = self._ground.zones[gate.point.zone]
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
        """Move somebody in, if the zone has room and a person who may enter stands before it."""
        zone, rng = self._ground.zones[point.zone], self._rng
        closing = t >= self._hours.at(CLOSING)
        if closing or self._fill(zone) >= 1 or not self._diary.is_free("admission", zone.id, t):
            return None
        admitted = self._admitted[zone.id]
        if point.outer_zone:
            who = _take(self._inside[point.outer_zone], rng)
            if who is not None and who.holder_class not in admitted:
                self._inside[point.outer_zone].append(who)
                return None
        else:
            while self._on_the_way and self._on_the_way[0][0] <= t:
                _, site, back = self._on_the_way.popleft()
                self._away[site].append(back)
            who = _take(self._away[zone.site], rng) if rng.random() < AGAIN else None
            if who is None or who.holder_class not in admitted:
                who = new_badge(rng, rng.choice(admitted))
        if who is not None:
            self._inside[zone.id].append(who)
        return who

    def _leaves(self, point: Point, t: datetime) -> Badge | None:
        """Move somebody out, if there is anybody and there is room on the other side."""
        outer = self._ground.zones.get(point.outer_zone)
        if outer is not None and self._fill(outer) >= 1:
            return None
        who = _take(self._inside[point.zone], self._rng)
        if who is None:
            return None
        if outer is not None:
            self._inside[outer.id].append(who)
        else:
            site = self._ground.zones[point.zone].site
            if len(self._away[site]) < REMEMBERED:
                self._on_the_way.append((t + LONGEST, site, who))
        return who

    def _fill(self, zone: Zone) -> float:
        """Return how full a zone is, as a share of the fullest."""
        return (len(self._inside[zone.id]) + staff(zone)) / (zone.capacity * FULLEST)

    def _counts(self, t: datetime) -> Iterator[Draft]:
        """Tell how many persons are in the zones where that has changed."""
        for zone, inside in self._inside.items():
            least = staff(self._ground.zones[zone])
            count = len(inside) + least
            if self._told.get(zone, least) != count and self._diary.is_free("count", zone, t):
                self._told[zone] = count
                yield Draft(t, ZoneCount(at=t, zone=zone, count=count))


def _take(people: list[Badge], rng: Random) -> Badge | None:
    """Take anybody out of a crowd; its order doesn't matter."""
    if not people:
        return None
    place = rng.randrange(len(people))
    people[place], people[-1] = people[-1], people[place]
    return people.pop()
