"""The pager: tells people of alerts, climbs the ladders of those that nobody takes, and says when it is over.

It follows what the desk writes down. Its timers ring by our clock, not in their turn: who waits for an answer waits by
the clock on the wall.
"""

from datetime import datetime
from heapq import heappop

from monitor.core.alert import Alert, Change, Condition, Handling
from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.events.monitor import MonitorPageUndelivered
from monitor.core.oncall import digest_queue as held
from monitor.core.oncall.escalation import Climber
from monitor.core.oncall.escalation_policy import rung
from monitor.core.oncall.pages import Pages
from monitor.core.roster import Roster
from monitor.core.rules.model import SEVERITIES
from monitor.core.state.state import Climb, Paging, State
from monitor.core.transitions import AlertChanged

OPEN_TO_ALL = (Condition.ACTIVE, Handling.NEW)
"""It is so, and nobody has taken it."""


class Pager:
    """Follows the alerts of a state's desk."""

    __slots__ = ("climber", "desk", "pages", "state")

    def __init__(self, state: State, desk: AlertDesk) -> None:
        self.state = state
        self.desk = desk
        self.pages = Pages(state, desk)
        self.climber = Climber(state, self.pages)
        self._forget_gone()

    # What happens -----------------------------------------------------------------------------------------------

    def adopt(self, roster: Roster | None) -> None:
        """Put another roster in force. What is open and was on no ladder, or reached nobody, is told in one digest."""
        state = self.state
        self.pages.t, state.roster = state.now, roster
        if roster is None:
            state.paging = Paging()
            return
        self.pages.together = ("behind", state.now + held.GATHER)
        ladders = {row.id for row in roster.ladders}
        for alert in list(state.alerts.values()):
            climb = state.paging.climbs.get(alert.id)
            if alert.standing != OPEN_TO_ALL:
                self.climber.keep(alert)
            elif climb is None or climb.ladder not in ladders or not climb.times:
                self.climber.begin(alert, "raised")
        self.pages.together = None
        people = roster.by_id
        paging = state.paging
        paging.recent = {name: row for name, row in paging.recent.items() if name in people}

    def ring(self, upto: datetime) -> None:
        """Do what was due until a time."""
        paging = self.state.paging
        while (due := self.due) is not None and due <= upto:
            self.pages.t = due
            if due == paging.behind:
                self._caught_up()
                continue
            timer = heappop(paging.timers)
            if timer.what == "bag":
                bag = paging.bags.get(timer.of)
                if bag is not None and bag.due == timer.due:
                    self._empty(timer.of)
            else:
                climb = paging.climbs.get(timer.of)
                if climb is not None and climb.due == timer.due:
                    climb.due = None
                    self._rang(timer.of, climb)

    def follow(self) -> None:
        """Tell people of what the desk has written down in this step."""
        state = self.state
        if state.roster is None:
            return
        self.pages.t = state.now
        for row in list(self.desk.transitions):
            if type(row) is AlertChanged:
                self._changed(row, state.paging.climbs.get(row.alert.id))
        if state.paging.behind is not None and state.catching_up_until is None:
            self._caught_up()

    def undelivered(self, said: MonitorPageUndelivered) -> None:
        """A page reached nobody: its alerts climb, unless the same step has reached somebody else."""
        self.pages.t = self.state.now
        for alert_id in said.alerts:
            climb, alert = self._open(alert_id)
            if climb is None or alert is None or said.person not in climb.reached:
                continue
            climb.reached.remove(said.person)
            steps = self.climber.ladder(climb).steps
            if alert.standing != OPEN_TO_ALL or climb.reached:
                continue
            if climb.step < len(steps):
                climb.times = steps[climb.step].repeat
                self.climber.climb(alert, climb, f"the page to {said.person} was not delivered")
            elif climb.due is None:
                self.climber.wait(alert, climb, self.pages.t + self.pages.roster.fallback.every)

    @property
    def due(self) -> datetime | None:
        """When something has to be done next, if nothing happens before."""
        paging = self.state.paging
        ring = paging.timers[0].due if paging.timers else None
        return min(filter(None, (ring, paging.behind)), default=None)

    # Alerts -----------------------------------------------------------------------------------------------------

    def _changed(self, row: AlertChanged, climb: Climb | None) -> None:
        alert = row.alert
        match row.change:
            case Change.RAISED if alert.handling is Handling.NEW:
                self.climber.begin(alert, "raised")
            case Change.RETURNED:
                self.climber.begin(alert, "returned", "it is so again")
            case Change.UNSHELVED if alert.condition is Condition.ACTIVE:
                self.climber.begin(alert, "returned", "it is not shelved any more")
            case Change.CLEARED | Change.CLOSED:
                self._over(row)
            case _ if climb is None:
                pass
            case Change.RECURRED if _is_worse(alert, climb):
                self.climber.begin(alert, "raised", f"it is {alert.severity} now")
            case Change.ACKNOWLEDGED:
                self.climber.stop(alert)
            case Change.LAPSED:
                climb.times = rung(self.pages.roster, self.climber.ladder(climb), climb.step).repeat
                self.climber.climb(alert, climb, f"{row.who} had it, and that has run out", row.who)
            case Change.SHELVED:
                climb.due = None
            case _:
                pass

    def _over(self, row: AlertChanged) -> None:
        """Tell those who were told that it is over; of what is low only the board tells."""
        alert = row.alert
        climb = self.state.paging.climbs.get(alert.id)
        waiting = set[str]()
        if not alert.is_open:
            waiting = self.pages.closed(alert)
            self.state.paging.climbs.pop(alert.id, None)
        if climb is None:
            return
        climb.due, climb.turn = None, climb.turn + 1
        been_told, climb.told = climb.told, {}
        if alert.severity == "low":
            return
        why = f"closed by {row.who}" if row.who else row.note or "it is over"
        ladder, people = self.climber.ladder(climb), self.pages.roster.by_id
        for person in been_told:
            if person in people and person not in waiting and person != row.who:
                others = tuple(name for name in been_told if name != person)
                self.pages.page(alert, ladder, climb, person, "cleared", why, others)

    # Ladders ----------------------------------------------------------------------------------------------------

    def _rang(self, alert_id: str, climb: Climb) -> None:
        """Nobody took it in time, or whoever did has had it for long enough."""
        paging, alert = self.state.paging, self.state.alerts.get(alert_id)
        if alert is None or alert.condition is Condition.CLEARED:
            return  # just now, in this very step; `follow` tells so
        if alert.handling is Handling.ACKNOWLEDGED:
            self.desk.lapse(alert)
        elif alert.severity != "life_safety" and held.is_catching_up(self.state, self.pages.t):
            paging.still[alert_id] = None
            paging.behind = paging.behind or self.state.catching_up_until
        else:
            self.climber.climb(alert, climb)

    def _empty(self, key: str) -> None:
        """Send what is in a bag; those whom the ladder has told by that may answer from now on."""
        bag = self.pages.empty(key)
        for alert_id in bag.rows:
            climb, alert = self._open(alert_id)
            if climb is None or alert is None:
                continue
            climb.told.setdefault(bag.person, climb.step + 1)
            if climb.due is None and alert.standing == OPEN_TO_ALL and bag.person in climb.reached:
                wait = rung(self.pages.roster, self.climber.ladder(climb), climb.step).wait
                self.climber.wait(alert, climb, self.pages.t + wait)

    def _caught_up(self) -> None:
        """We know again how things stand: climb where that was due; what waited goes out in one digest each."""
        paging = self.state.paging
        self.pages.together = ("behind", None)
        still, paging.still = paging.still, {}
        for alert_id in still:
            climb, alert = self._open(alert_id)
            if climb is not None and alert is not None and alert.standing == OPEN_TO_ALL:
                self.climber.climb(alert, climb)
        self.pages.together, paging.behind = None, None
        for key in [key for key, bag in paging.bags.items() if bag.why == "behind"]:
            self._empty(key)

    def _forget_gone(self) -> None:
        """Forget alerts that are not open any more: a start may find others open than those that were followed."""
        paging, alerts = self.state.paging, self.state.alerts
        paging.climbs = {key: row for key, row in paging.climbs.items() if key in alerts}
        for key, bag in list(paging.bags.items()):
            bag.rows = {of: row for of, row in bag.rows.items() if row or of in alerts}
            if not bag.rows:
                del paging.bags[key]

    def _open(self, alert_id: str) -> tuple[Climb | None, Alert | None]:
        return self.state.paging.climbs.get(alert_id), self.state.alerts.get(alert_id)


def _is_worse(alert: Alert, climb: Climb) -> bool:
    return SEVERITIES.index(alert.severity) < SEVERITIES.index(climb.severity)
