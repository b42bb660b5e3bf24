"""Climbs the ladders: tells whom the present step of an alert reaches, and says when the next one is due."""

from datetime import datetime

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.oncall import digest_queue as held
from monitor.core.oncall.escalation_policy import holds_for, ladder_of, rung, told
from monitor.core.oncall.pages import Pages
from monitor.core.roster import Ladder
from monitor.core.state.state import Climb, State, Timer
from monitor.core.timing import in_words
from monitor.core.transitions import PageKind

TOLD_ONCE = ("medium", "low")
"""Of these the fallback is told once, and not again and again; judgement."""


class Climber:
    """The ladders of a state's alerts."""

    __slots__ = ("pages", "state")

    def __init__(self, state: State, pages: Pages) -> None:
        self.state = state
        self.pages = pages

    def begin(self, alert: Alert, kind: PageKind, why: str = "") -> None:
        """Start at the bottom of the alert's ladder."""
        ladder, climbs = ladder_of(self.pages.roster, alert), self.state.paging.climbs
        if ladder is None:
            climbs.pop(alert.id, None)
            return
        climb, before = Climb(ladder.id, self.pages.t, alert.severity), climbs.get(alert.id)
        if before is not None:
            climb.told, climb.turn = before.told, before.turn
        climbs[alert.id] = climb
        together = self.pages.together
        if together is None and kind == "raised" and held.is_old(alert):
            self.pages.together = ("behind", self.pages.t + held.GATHER)
        self._tell(alert, climb, kind, why)
        self.pages.together = together
        if alert.handling is Handling.ACKNOWLEDGED:
            self.stop(alert)

    def climb(self, alert: Alert, climb: Climb, why: str = "", also: str = "") -> None:
        """Tell the same people again, or those of the next step."""
        ladder = self.ladder(climb)
        present = rung(self.pages.roster, ladder, climb.step)
        if not climb.times:
            why = why or "it reached nobody before"
        elif climb.step < len(ladder.steps):
            if climb.times >= present.repeat:
                climb.step, climb.times = climb.step + 1, 0
        elif alert.severity in TOLD_ONCE and climb.reached and not also:
            return
        why = why or f"nobody took it for {in_words(present.wait)}"
        self._tell(alert, climb, "escalated", why, also)

    def stop(self, alert: Alert) -> None:
        """Somebody has it: as long as an acknowledgement of such an alert holds."""
        climb = self.state.paging.climbs[alert.id]
        ladder = self.ladder(climb)
        holds = holds_for(ladder, alert)
        runs_out = ladder.steps and holds and alert.condition is Condition.ACTIVE
        self.wait(alert, climb, self.pages.t + holds if runs_out else None)

    def keep(self, alert: Alert) -> None:
        """Somebody has the alert while another roster comes: if its ladder is gone, another takes it from below."""
        ladders, climbs = {row.id for row in self.pages.roster.ladders}, self.state.paging.climbs
        climb = climbs.get(alert.id)
        if climb is None or climb.ladder not in ladders:
            ladder = ladder_of(self.pages.roster, alert)
            if ladder is None:
                climbs.pop(alert.id, None)
                return
            climb = climbs.setdefault(alert.id, Climb(ladder.id, self.pages.t, alert.severity))
            climb.ladder, climb.step, climb.times = ladder.id, 0, 0
        if climb.due is None and alert.handling is Handling.ACKNOWLEDGED:
            self.stop(alert)

    def ladder(self, climb: Climb) -> Ladder:
        """Return the ladder that an alert is on."""
        return next(row for row in self.pages.roster.ladders if row.id == climb.ladder)

    def wait(self, alert: Alert, climb: Climb, due: datetime | None) -> None:
        """Set when the alert climbs, or an acknowledgement runs out; ``None``: not by itself."""
        climb.due = due
        self.state.paging.still.pop(alert.id, None)
        if due is not None:
            self.pages.wake(Timer(due, "climb", alert.id))

    def _tell(
        self, alert: Alert, climb: Climb, kind: PageKind, why: str = "", also: str = ""
    ) -> None:
        """Tell whom the present step reaches, and one person besides; a step that reaches nobody is passed over.

        When none reaches anybody it is tried again from the bottom: when somebody comes on duty, or after the wait.
        """
        ladder, roster, t = self.ladder(climb), self.pages.roster, self.pages.t
        climb.severity = alert.severity
        if not ladder.steps:
            return
        while True:
            present = rung(roster, ladder, climb.step)
            people = told(roster, self.state.overrides, present.tell, alert, t)
            if people or climb.step >= len(ladder.steps):
                break
            climb.step, climb.times = climb.step + 1, 0
            why = "; ".join(filter(None, (why, f"step {climb.step} reaches nobody")))
        if also in roster.by_id:
            people.setdefault(also, "had it")
        climb.times, climb.turn = climb.times + 1, climb.turn + 1
        climb.reached = list(people)
        everybody = dict.fromkeys((*climb.told, *people))
        goes_out = not people
        for person, reason in people.items():
            others = tuple(name for name in everybody if name != person)
            words = "; ".join(filter(None, (reason, why)))
            goes_out |= self.pages.page(alert, ladder, climb, person, kind, words, others)
        due = t + present.wait
        if not people:
            climb.step, climb.times = 0, 0
            due = min((row.starts for row in roster.shifts if t < row.starts < due), default=due)
        self.wait(alert, climb, due if goes_out else None)
