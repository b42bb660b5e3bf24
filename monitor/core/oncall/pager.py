"""The pager: notifies people of alerts, escalates those that no one acknowledges, and reports when they are over.

It follows the alerts that an input has changed. Its timers fire by our clock, not by the watermark: a person who waits
for an answer waits by the clock on the wall.
"""

from datetime import datetime
from typing import assert_never

from monitor.core.alert import Alert, Change, Condition, Handling
from monitor.core.alerts.lifecycle import AlertLifecycle
from monitor.core.effects import Effects
from monitor.core.events.monitor_delivery import MonitorPageUndelivered
from monitor.core.oncall import daily_digest, digest_queue, hand_over
from monitor.core.oncall.escalation import Escalator
from monitor.core.oncall.escalation_policy import step_of
from monitor.core.oncall.pages import Pages
from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import Roster
from monitor.core.rules.model import SEVERITIES
from monitor.core.state.paging import EscalationState, PagingState
from monitor.core.state.state import State
from monitor.core.state.timers import EscalationTimer, QueueTimer
from monitor.core.transitions import AlertChanged


class Pager:
    """Pages people about the alerts of a state."""

    __slots__ = ("effects", "escalator", "lifecycle", "pages", "state")

    def __init__(self, state: State, lifecycle: AlertLifecycle, effects: Effects) -> None:
        self.state = state
        self.lifecycle = lifecycle
        self.effects = effects
        self.pages = Pages(state, effects)
        self.escalator = Escalator(state, self.pages)
        self._forget_gone()

    def adopt(self, roster: Roster | None) -> None:
        """Put another roster in force. Open alerts without a policy, or that reached no one, are sent in one digest."""
        state = self.state
        self.pages.t, state.paging.roster = state.time.now, roster
        if roster is None:
            state.paging = PagingState(overrides=state.paging.overrides)
            return
        self.pages.together = ("behind", state.time.now + digest_queue.GATHER)
        policies = {row.id for row in roster.policies}
        for alert in list(state.alerts.open.values()):
            escalation = state.paging.escalations.get(alert.id)
            if not _needs_pages(alert):
                self.escalator.keep(alert)
            elif escalation is None or escalation.policy not in policies or not escalation.times:
                self.escalator.begin(alert, "raised")
        self.pages.together = None
        paging = state.paging
        if paging.digest_due not in roster.digest_times:
            paging.digest_due = daily_digest.next_due(roster, state.time.now)
        counted = {
            digest_queue.allowance(roster, row.id, of) for row in roster.people for of in SEVERITIES
        }
        paging.recent = {key: row for key, row in paging.recent.items() if key in counted}

    def fire_timers(self, until: datetime) -> None:
        """Fire the timers that are due until a time."""
        paging = self.state.paging
        while (due := self.due) is not None and due <= until:
            self.pages.t = due
            if due == paging.digest_due:
                self._send_daily(due)
                continue
            if due == paging.behind_until:
                self._caught_up()
                continue
            match timer := paging.timers.pop():
                case QueueTimer(queue=name):
                    queue = paging.queues.get(name)
                    if queue is not None and queue.due == timer.due:
                        self._empty(name)
                case EscalationTimer(alert=name):
                    escalation = paging.escalations.get(name)
                    if escalation is not None and escalation.due == timer.due:
                        escalation.due = None
                        self._escalate(name, escalation)
                case _:
                    assert_never(timer)

    def notify(self) -> None:
        """Notify people of the alerts that the present input has changed."""
        state = self.state
        if state.paging.roster is None:
            return
        self.pages.t = state.time.now
        for row in self.effects.changed_alerts():
            self._changed(row, state.paging.escalations.get(row.alert.id))
        if state.paging.behind_until is not None and not state.time.is_catching_up:
            self._caught_up()

    def undelivered(self, event: MonitorPageUndelivered) -> None:
        """Escalate the alerts of a page that reached no one, unless their step has reached another person."""
        self.pages.t = self.state.time.now
        self.state.paging.undelivered += 1
        if hand_over.undelivered(self.lifecycle, event):
            return
        for alert_id in event.alerts:
            escalation, alert = self._open(alert_id)
            if escalation is None or alert is None or event.person not in escalation.reached:
                continue
            escalation.reached.remove(event.person)
            steps = self.escalator.policy(escalation).steps
            if escalation.reached or alert.condition is Condition.CLEARED:
                continue
            if not alert.needs_owner:
                if escalation.by_hand:
                    why = phrase("page-not-delivered", person=event.person)
                    self.escalator.call(alert, escalation, why)
            elif escalation.step < len(steps):
                escalation.times = steps[escalation.step].repeat
                self.escalator.escalate(
                    alert, escalation, phrase("page-not-delivered", person=event.person)
                )
            elif escalation.due is None:
                self.escalator.wait(
                    alert, escalation, self.pages.t + self.pages.roster.fallback.every
                )

    @property
    def due(self) -> datetime | None:
        """When something is due next."""
        paging = self.state.paging
        first = paging.timers.due
        for due in (paging.behind_until, paging.digest_due):
            if due is not None and (first is None or due < first):
                first = due
        return first

    def _changed(self, row: AlertChanged, escalation: EscalationState | None) -> None:
        alert = row.alert
        match row.change:
            case Change.RAISED if alert.handling is Handling.NEW:
                self.escalator.begin(alert, "raised")
            case Change.RETURNED:
                self.escalator.begin(alert, "returned", phrase("returned"))
            case Change.UNSHELVED if alert.condition is Condition.ACTIVE:
                self.escalator.begin(alert, "returned", phrase("not-shelved-any-more"))
            case Change.CLEARED | Change.CLOSED:
                self._over(row)
            case Change.HANDED_OVER:
                hand_over.page_owner(self.pages, row)
                if escalation is not None:
                    self.escalator.stop(alert)
            case _ if escalation is not None:
                self._escalated(row, escalation)
            case _:
                pass

    def _escalated(self, row: AlertChanged, escalation: EscalationState) -> None:
        """Continue, stop or resume an escalation that has begun."""
        alert = row.alert
        match row.change:
            case Change.RECURRED if _is_worse(alert, escalation):
                self.escalator.begin(
                    alert, "raised", phrase("severity-now", severity=alert.severity)
                )
            case Change.ACKNOWLEDGED if not alert.unverified:
                self.state.paging.handed_over.pop(alert.id, None)
                self.escalator.stop(alert)
            case Change.ESCALATED:
                why = phrase("escalated-by", person=row.who)
                self.escalator.call(alert, escalation, why)
            case Change.LAPSED:
                escalation.times = step_of(
                    self.pages.roster, self.escalator.policy(escalation), escalation.step
                ).repeat
                match row.note:
                    case Phrase(id="page-not-delivered") as why:
                        self.escalator.escalate(alert, escalation, why)
                    case _:
                        why = phrase("handling-ran-out", person=row.who)
                        self.escalator.escalate(alert, escalation, why, row.who)
            case Change.SHELVED:
                escalation.due, escalation.by_hand = None, False
            case _:
                pass

    def _over(self, row: AlertChanged) -> None:
        """Notify those who were paged that the alert is over; not for low severity, which the board shows."""
        alert = row.alert
        escalation = self.state.paging.escalations.get(alert.id)
        waiting = set[str]()
        if not alert.is_open:
            waiting = self.pages.closed(alert)
            self.state.paging.escalations.pop(alert.id, None)
            self.state.paging.handed_over.pop(alert.id, None)
        if escalation is None:
            return
        escalation.due, escalation.notifications = None, escalation.notifications + 1
        notified, escalation.notified = escalation.notified, {}
        if alert.severity == "low":
            return
        why = phrase("closed-by", person=row.who) if row.who else row.note or phrase("cleared")
        policy, people = self.escalator.policy(escalation), self.pages.roster.by_id
        for person in notified:
            if person in people and person not in waiting and person != row.who:
                others = tuple(name for name in notified if name != person)
                self.pages.page(alert, policy, escalation, person, "cleared", why, others)

    def _escalate(self, alert_id: str, escalation: EscalationState) -> None:
        """Escalate an alert that no one acknowledged in time, or end an acknowledgement that has run out."""
        paging, alert = self.state.paging, self.state.alerts.open.get(alert_id)
        if alert is None or alert.condition is Condition.CLEARED:
            return  # cleared by this input; `notify` handles it
        if alert.handling is Handling.ACKNOWLEDGED and not alert.unverified:
            self.lifecycle.lapse(alert)
        elif alert.severity != "life_safety" and digest_queue.is_catching_up(
            self.state, self.pages.t
        ):
            paging.postponed[alert_id] = None
            paging.behind_until = paging.behind_until or self.state.time.catching_up_until
        else:
            self.escalator.escalate(alert, escalation)

    def _send_daily(self, due: datetime) -> None:
        """Send the daily digest; of several that were due while the monitor was down, only one."""
        paging = self.state.paging
        for page in daily_digest.order(self.state, due):
            self.effects.emit(page)
        paging.undelivered, paging.digest_due = 0, None
        if paging.roster is not None:
            paging.digest_due = daily_digest.next_due(paging.roster, max(due, self.state.time.now))

    def _empty(self, key: str) -> None:
        """Send the pages in a queue; the time to acknowledge starts now."""
        queue = self.pages.empty(key)
        for alert_id in queue.rows:
            escalation, alert = self._open(alert_id)
            if escalation is None or alert is None:
                continue
            escalation.notified.setdefault(queue.person, escalation.step + 1)
            if (
                escalation.due is None
                and _needs_pages(alert)
                and queue.person in escalation.reached
            ):
                wait = step_of(
                    self.pages.roster, self.escalator.policy(escalation), escalation.step
                ).wait
                self.escalator.wait(alert, escalation, self.pages.t + wait)

    def _caught_up(self) -> None:
        """Escalate the alerts postponed while catching up; send each person's waiting pages as one digest."""
        paging = self.state.paging
        self.pages.together = ("behind", None)
        postponed, paging.postponed = paging.postponed, {}
        for alert_id in postponed:
            escalation, alert = self._open(alert_id)
            if escalation is not None and alert is not None and _needs_pages(alert):
                self.escalator.escalate(alert, escalation)
        self.pages.together, paging.behind_until = None, None
        for key in [key for key, queue in paging.queues.items() if queue.reason == "behind"]:
            self._empty(key)

    def _forget_gone(self) -> None:
        """Forget alerts that are not open: after a restart, others may be open than before."""
        paging, alerts = self.state.paging, self.state.alerts.open
        paging.escalations = {key: row for key, row in paging.escalations.items() if key in alerts}
        paging.handed_over = {key: row for key, row in paging.handed_over.items() if key in alerts}
        for key, queue in list(paging.queues.items()):
            queue.rows = {of: row for of, row in queue.rows.items() if row or of in alerts}
            if not queue.rows:
                del paging.queues[key]

    def _open(self, alert_id: str) -> tuple[EscalationState | None, Alert | None]:
        return self.state.paging.escalations.get(alert_id), self.state.alerts.open.get(alert_id)


def _needs_pages(alert: Alert) -> bool:
    """Return whether people are paged until someone in the roster takes it."""
    return alert.condition is Condition.ACTIVE and alert.needs_owner


def _is_worse(alert: Alert, escalation: EscalationState) -> bool:
    return SEVERITIES.index(alert.severity) < SEVERITIES.index(escalation.severity)
