"""Which alerts have changed: what is still to be sent, the grave ones apart from all others, and what was lately."""

from collections import Counter

from monitor.core.alert import Alert, Change
from monitor.core.transitions import AlertChanged
from monitor.web.live_queue import Due, LiveQueue
from monitor.web.live_replay import Replay

GRAVE_EVERY, OTHERS_EVERY = 0.1, 0.25
"""Seconds between two sendings; what changes meanwhile is sent in its latest state."""
GRAVE = frozenset({"life_safety", "critical"})


class LiveChanges:
    """Changes of alerts since a number.

    Args:
        seq: the number.

    """

    def __init__(self, seq: int) -> None:
        self.seq = seq
        """The number up to which changes are known."""
        self._grave, self._others = LiveQueue(GRAVE_EVERY), LiveQueue(OTHERS_EVERY)
        self._changed, self._recurred = Replay(seq), Replay(seq)
        self._looks: dict[str, object] = {}
        """What the row of each open alert showed last, apart from how often it has occurred."""

    def note(self, seq: int, changed: AlertChanged, now: float) -> bool:
        """Take note of a change; return whether the alert looks different now, or has only recurred."""
        alert, look = changed.alert, _look(changed.alert)
        if changed.change is Change.RECURRED and self._looks.get(alert.id) == look:
            self._recurred.note(alert.id, seq)
            queue = self._grave if alert.id in self._grave else self._others
            queue.add_count(seq, alert, now)
            return False
        self._changed.note(alert.id, seq)
        if alert.is_open:
            self._looks[alert.id] = look
        else:
            self._looks.pop(alert.id, None)
        queue, other = self._grave, self._others
        if alert.severity not in GRAVE:
            queue, other = other, queue
        queue.add(other.discard(alert.id, seq), alert, now)
        return True

    def regroup(self, alert: Alert, now: float) -> None:
        """Take note that an alert follows from another one now, or no longer, or that others follow from it."""
        self._changed.note(alert.id, self.seq)
        queue = self._grave if alert.severity in GRAVE else self._others
        queue.add(self.seq, alert, now)

    @property
    def due(self) -> float:
        """When something is to be sent, by the event loop's clock."""
        return min(self._grave.due, self._others.due)

    def take(self, now: float) -> Due:
        """Return and remove what is due."""
        found = Due([], [])
        for queue in (self._grave, self._others):
            if queue.due <= now:
                taken = queue.take(now)
                found.rows.extend(taken.rows)
                found.counts.extend(taken.counts)
        return found

    @property
    def sent(self) -> int:
        """The number up to which everything has been taken."""
        return int(min(self.seq, self._grave.oldest - 1, self._others.oldest - 1))

    def waiting(self) -> Counter[tuple[str, str]]:
        """Return how many rows wait, by site and, each silent one, by its id."""
        return self._grave.waiting() + self._others.waiting()

    def since(self, seq: int) -> tuple[list[str], list[str]] | None:
        """Return the alerts that have changed since, and that have recurred; ``None`` if not known any more."""
        changed, recurred = self._changed.since(seq), self._recurred.since(seq)
        return None if changed is None or recurred is None else (changed, recurred)


def _look(alert: Alert) -> tuple[object, ...]:
    """Return what a row shows of an alert, apart from how often it has occurred."""
    status = (alert.condition, alert.handling, alert.severity, alert.owner, alert.unverified)
    return (*status, alert.title, alert.values, alert.site, alert.zone, alert.point)
