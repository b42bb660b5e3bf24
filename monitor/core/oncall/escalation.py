"""Escalation: notifies the people of an alert's present step, and sets when the next one is due."""

from datetime import datetime

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.oncall import digest_queue
from monitor.core.oncall.escalation_policy import (
    holds_for,
    next_step,
    policy_for,
    recipients,
    step_of,
)
from monitor.core.oncall.pages import Pages
from monitor.core.phrase import Phrase, joined, phrase
from monitor.core.roster import EscalationPolicy
from monitor.core.state.paging import EscalationState
from monitor.core.state.state import State
from monitor.core.state.timers import EscalationTimer
from monitor.core.transitions import PageKind

FALLBACK_ONCE = ("medium", "low")
"""Severities for which the fallback is notified only once; judgement."""


class Escalator:
    """The escalations of a state's alerts."""

    __slots__ = ("pages", "state")

    def __init__(self, state: State, pages: Pages) -> None:
        self.state = state
        self.pages = pages

    def begin(self, alert: Alert, kind: PageKind, why: Phrase | str = "") -> None:
        """Start at the first step of the alert's escalation policy."""
        policy, escalations = policy_for(self.pages.roster, alert), self.state.paging.escalations
        if policy is None:
            escalations.pop(alert.id, None)
            return
        before = escalations.get(alert.id)
        escalation = EscalationState(policy.id, self.pages.t, alert.severity)
        if before is not None:
            escalation.notified = before.notified
            escalation.notifications = before.notifications
        escalations[alert.id] = escalation
        together = self.pages.together
        if together is None and kind == "raised" and digest_queue.is_old(alert):
            self.pages.together = ("behind", self.pages.t + digest_queue.GATHER)
        self._notify(alert, escalation, kind, why)
        self.pages.together = together
        if alert.handling is Handling.ACKNOWLEDGED and not alert.unverified:
            self.stop(alert)

    def escalate(
        self, alert: Alert, escalation: EscalationState, why: Phrase | str = "", also: str = ""
    ) -> None:
        """Notify the same people again, or those of the next step."""
        policy = self.policy(escalation)
        escalation.by_hand = False
        present = step_of(self.pages.roster, policy, escalation.step)
        if not escalation.times:
            why = why or phrase("reached-no-one-before")
        elif escalation.step < len(policy.steps):
            if escalation.times >= present.repeat:
                escalation.step, escalation.times = escalation.step + 1, 0
        elif alert.severity in FALLBACK_ONCE and escalation.reached and not also:
            return
        why = why or phrase("not-taken", wait=round(present.wait.total_seconds()))
        self._notify(alert, escalation, "escalated", why, also)

    def call(self, alert: Alert, escalation: EscalationState, why: Phrase) -> None:
        """Notify the people of the next step now, as a person wants; the acknowledgement of an owner holds on."""
        step = next_step(self.state, alert, escalation)
        if step is None:
            return
        due = escalation.due
        escalation.step, escalation.times, escalation.by_hand = step, 0, True
        self._notify(alert, escalation, "escalated", why)
        if not alert.needs_owner:
            self.wait(alert, escalation, due)

    def stop(self, alert: Alert) -> None:
        """Stop escalating an acknowledged alert, for as long as its acknowledgement holds."""
        escalation = self.state.paging.escalations[alert.id]
        escalation.by_hand = False
        policy = self.policy(escalation)
        holds = holds_for(policy, alert)
        runs_out = policy.steps and holds and alert.condition is Condition.ACTIVE
        self.wait(alert, escalation, self.pages.t + holds if runs_out else None)

    def keep(self, alert: Alert) -> None:
        """Carry an acknowledged alert over to another roster, under which another policy may apply."""
        roster, escalations = self.pages.roster, self.state.paging.escalations
        escalation = escalations.get(alert.id)
        if escalation is None or escalation.policy not in {row.id for row in roster.policies}:
            policy = policy_for(roster, alert)
            if policy is None:
                escalations.pop(alert.id, None)
                return
            escalation = escalations.setdefault(
                alert.id, EscalationState(policy.id, self.pages.t, alert.severity)
            )
            escalation.policy, escalation.step, escalation.times = policy.id, 0, 0
        if escalation.due is None and alert.handling is Handling.ACKNOWLEDGED:
            self.stop(alert)

    def policy(self, escalation: EscalationState) -> EscalationPolicy:
        """Return the escalation policy of an alert."""
        return next(row for row in self.pages.roster.policies if row.id == escalation.policy)

    def wait(self, alert: Alert, escalation: EscalationState, due: datetime | None) -> None:
        """Set when the alert escalates or its acknowledgement runs out; ``None``: neither happens by itself."""
        escalation.due = due
        self.state.paging.postponed.pop(alert.id, None)
        if due is not None:
            self.pages.wake(EscalationTimer(due, alert.id))

    def _notify(
        self,
        alert: Alert,
        escalation: EscalationState,
        kind: PageKind,
        why: Phrase | str = "",
        also: str = "",
    ) -> None:
        """Notify the people of the present step, and one more person; skip steps that reach no one.

        If no step reaches anyone, start again from the first when a shift begins, or after the wait.
        """
        policy, roster, t = self.policy(escalation), self.pages.roster, self.pages.t
        escalation.severity = alert.severity
        if not policy.steps:
            return
        while True:
            present = step_of(roster, policy, escalation.step)
            people = recipients(roster, self.state.paging.overrides, present.notify, alert, t)
            if people or escalation.step >= len(policy.steps):
                break
            escalation.step, escalation.times = escalation.step + 1, 0
            why = joined(why, phrase("step-reached-no-one", step=escalation.step))
        if also in roster.by_id:
            people.setdefault(also, phrase("had-alert"))
        escalation.times += 1
        escalation.notifications += 1
        escalation.reached = list(people)
        everyone = dict.fromkeys((*escalation.notified, *people))
        goes_out = not people
        for person, reason in people.items():
            others = tuple(name for name in everyone if name != person)
            words = joined(reason, why)
            goes_out |= self.pages.page(alert, policy, escalation, person, kind, words, others)
        due = t + present.wait
        if not people:
            escalation.step, escalation.times = 0, 0
            due = min((row.starts for row in roster.shifts if t < row.starts < due), default=due)
        self.wait(alert, escalation, due if goes_out else None)
