"""Pages: each is sent immediately or added to a digest queue of its person: at night, in a flood, after an outage.

Nothing is dropped: a queue is sent as one page that names everything in it.
"""

from datetime import datetime

from monitor.core.alert import Alert
from monitor.core.effects import Effects
from monitor.core.ids import derived_id
from monitor.core.oncall import digest_queue
from monitor.core.phrase import Phrase
from monitor.core.roster import NO_ROSTER, EscalationPolicy, Roster
from monitor.core.rules.model import SEVERITIES
from monitor.core.state.paging import DigestQueue, EscalationState, QueueReason
from monitor.core.state.state import State
from monitor.core.state.timers import (
    EscalationTimer,
    QueueTimer,
    WallClockHeap,
    WallClockTimer,
)
from monitor.core.transitions import PageKind, PageOrdered

MOST_HELD = 2_000
"""A queue this long is sent without waiting for more."""
SPARE_TIMERS = 1_000
"""Outdated timers are removed when there are this many more than needed."""


class Pages:
    """The pages of a state."""

    __slots__ = ("effects", "state", "t", "together")

    def __init__(self, state: State, effects: Effects) -> None:
        self.state = state
        self.effects = effects
        self.t = state.time.now
        """The time from which waits are counted: our clock, or when a timer was due."""
        self.together: tuple[QueueReason, datetime | None] | None = None
        """While set, all pages that can wait do so: why, and until when."""

    @property
    def roster(self) -> Roster:
        """The roster in force; an empty one if there is none."""
        return self.state.paging.roster or NO_ROSTER

    def page(  # noqa: PLR0913, PLR0917 - the parts of a page
        self,
        alert: Alert,
        policy: EscalationPolicy,
        escalation: EscalationState,
        person: str,
        kind: PageKind,
        reason: Phrase | str,
        others: tuple[str, ...],
    ) -> bool:
        """Emit one page, or add it to a queue of the person. Return whether it is sent now.

        A step that a person has called never waits.
        """
        waits = None if escalation.by_hand else self._waits(alert, policy, person)
        if waits is not None:
            self._queue(alert, person, *waits)
            return False
        escalation.notified.setdefault(person, escalation.step + 1)
        begun, step = escalation.since.isoformat(), escalation.step
        page = PageOrdered(
            at=self.state.time.now,
            id=derived_id(alert.id, begun, str(step), person, str(escalation.notifications), kind),
            person=person,
            kind=kind,
            reason=reason,
            alerts=(alert,),
            step=escalation.step + 1,
            others=others,
            by_hand=escalation.by_hand,
        )
        self._emit(page)
        return True

    def page_owner(self, alert: Alert, reason: Phrase, step: int, others: tuple[str, ...]) -> str:
        """Emit the page to the new owner of an alert, which never waits; return its id."""
        paging = self.state.paging
        paging.hand_overs += 1
        now = self.state.time.now
        page = PageOrdered(
            at=now,
            id=derived_id(alert.id, "hand-over", now.isoformat(), str(paging.hand_overs)),
            person=alert.owner,
            kind="handed_over",
            reason=reason,
            alerts=(alert,),
            step=step,
            others=others,
            by_hand=True,
        )
        self._emit(page)
        return page.id

    def empty(self, key: str) -> DigestQueue:
        """Send a queue as one page; return the queue."""
        queue = self.state.paging.queues.pop(key)
        self._emit(digest_queue.digest(self.state, queue))
        return queue

    def closed(self, alert: Alert) -> set[str]:
        """Keep a closed alert in the queues as it was. Return the people whose queues contain it."""
        found = set[str]()
        for queue in self.state.paging.queues.values():
            if alert.id in queue.rows:
                queue.rows[alert.id] = alert
                found.add(queue.person)
        return found

    def wake(self, timer: WallClockTimer) -> None:
        """Set a timer that fires by our clock."""
        paging = self.state.paging
        paging.timers.push(timer)
        if len(paging.timers) > 2 * (len(paging.escalations) + len(paging.queues)) + SPARE_TIMERS:
            escalations = [
                EscalationTimer(row.due, of) for of, row in paging.escalations.items() if row.due
            ]
            queues = [QueueTimer(row.due, of) for of, row in paging.queues.items() if row.due]
            paging.timers = WallClockHeap([*escalations, *queues])

    def _waits(
        self, alert: Alert, policy: EscalationPolicy, person: str
    ) -> tuple[QueueReason, datetime | None] | None:
        if self.together is not None and alert.severity != "life_safety":
            return self.together
        return digest_queue.reason_to_wait(self.state, policy, alert, person, self.t)

    def _queue(self, alert: Alert, person: str, reason: QueueReason, due: datetime | None) -> None:
        paging = self.state.paging
        key = digest_queue.queue_key(self.roster, person, reason, alert.severity)
        queue = paging.queues.get(key)
        if queue is None:
            queue = paging.queues[key] = DigestQueue(person, reason, self.t, due)
            if due is not None:
                self.wake(QueueTimer(due, key))
        if due is None:
            queue.due = None
            paging.behind_until = paging.behind_until or self.state.time.catching_up_until
        queue.rows[alert.id] = None if alert.is_open else alert
        if len(queue.rows) == MOST_HELD:
            queue.due = self.t
            self.wake(QueueTimer(self.t, key))

    def _emit(self, page: PageOrdered) -> None:
        """Emit a page, and count it for the flood limit of its severity, the worst of several."""
        worst = min((row.severity for row in page.alerts), key=SEVERITIES.index)
        key = digest_queue.allowance(self.roster, page.person, worst)
        recent = self.state.paging.recent.setdefault(key, [])
        recent.append(self.t)
        del recent[: -self.roster.flood.pages]
        self.effects.emit(page)
