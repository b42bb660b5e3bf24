"""Orders pages, or puts them into the bag of their person: at night, in a flood, after an outage, as a digest.

Nothing is dropped: a bag goes out as one page that names all that is in it.
"""

from datetime import datetime
from hashlib import blake2b
from heapq import heapify, heappush

from monitor.core.alert import Alert
from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.oncall import digest_queue as held
from monitor.core.roster import NO_ROSTER, Ladder, Roster
from monitor.core.state.state import Bag, Climb, HeldBecause, State, Timer
from monitor.core.transitions import PageKind, PageOrdered

MOST_HELD = 2_000
"""A bag that is so full goes out without waiting for more."""
SPARE_TIMERS = 1_000
"""Timers that were overtaken are thrown away when there are so many more than needed."""


class Pages:
    """The pages of a state, on their way out through its desk."""

    __slots__ = ("desk", "state", "t", "together")

    def __init__(self, state: State, desk: AlertDesk) -> None:
        self.state = state
        self.desk = desk
        self.t = state.now
        """The time from which waits are counted: our clock, or when a timer was due."""
        self.together: tuple[HeldBecause, datetime | None] | None = None
        """While set, all that may wait does: why, and until when."""
        heapify(state.paging.timers)

    @property
    def roster(self) -> Roster:
        """Whom there is to tell."""
        return self.state.roster or NO_ROSTER

    def page(  # noqa: PLR0913, PLR0917 - what one page says
        self,
        alert: Alert,
        ladder: Ladder,
        climb: Climb,
        person: str,
        kind: PageKind,
        reason: str,
        others: tuple[str, ...],
    ) -> bool:
        """Order one page, or put it into the person's bag. Return whether it goes out now."""
        waits = self._waits(alert, ladder, person)
        if waits is not None:
            self._hold(alert, person, *waits)
            return False
        climb.told.setdefault(person, climb.step + 1)
        begun = climb.since.isoformat()
        told = f"{alert.id}\0{begun}\0{climb.step}\0{person}\0{climb.turn}\0{kind}".encode()
        page = PageOrdered(
            at=self.state.now,
            id=blake2b(told, digest_size=8).hexdigest(),
            person=person,
            kind=kind,
            reason=reason,
            alerts=(alert,),
            step=climb.step + 1,
            others=others,
        )
        self._order(page)
        return True

    def empty(self, key: str) -> Bag:
        """Send what is in a bag as one page; return what was in it."""
        bag = self.state.paging.bags.pop(key)
        self._order(held.digest(self.state, bag))
        return bag

    def closed(self, alert: Alert) -> set[str]:
        """Note in the bags how an alert stood when it was closed. Return in whose bags it is."""
        found = set[str]()
        for bag in self.state.paging.bags.values():
            if alert.id in bag.rows:
                bag.rows[alert.id] = alert
                found.add(bag.person)
        return found

    def wake(self, timer: Timer) -> None:
        """Have a timer ring when its time has come."""
        paging = self.state.paging
        heappush(paging.timers, timer)
        if len(paging.timers) > 2 * (len(paging.climbs) + len(paging.bags)) + SPARE_TIMERS:
            climbs = [Timer(row.due, "climb", of) for of, row in paging.climbs.items() if row.due]
            bags = [Timer(row.due, "bag", of) for of, row in paging.bags.items() if row.due]
            paging.timers = [*climbs, *bags]
            heapify(paging.timers)

    def _waits(
        self, alert: Alert, ladder: Ladder, person: str
    ) -> tuple[HeldBecause, datetime | None] | None:
        if self.together is not None and alert.severity != "life_safety":
            return self.together
        return held.because(self.state, ladder, alert, person, self.t)

    def _hold(self, alert: Alert, person: str, why: HeldBecause, due: datetime | None) -> None:
        paging, key = self.state.paging, f"{person} {why}"
        bag = paging.bags.get(key)
        if bag is None:
            bag = paging.bags[key] = Bag(person, why, self.t, due)
            if due is not None:
                self.wake(Timer(due, "bag", key))
        if due is None:
            bag.due = None
            paging.behind = paging.behind or self.state.catching_up_until
        bag.rows[alert.id] = None if alert.is_open else alert
        if len(bag.rows) == MOST_HELD:
            bag.due = self.t
            self.wake(Timer(self.t, "bag", key))

    def _order(self, page: PageOrdered) -> None:
        """Let a page out, and count it for the flood limit."""
        recent = self.state.paging.recent.setdefault(page.person, [])
        recent.append(self.t)
        del recent[: -self.roster.flood.pages]
        self.desk.transitions.append(page)
