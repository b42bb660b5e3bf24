"""Watches what guards refuse: each refusal is counted and logged, and many of one account are an event."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

import structlog

from monitor.core.events.monitor_accounts import MonitorActsRefused
from monitor.ingest.line import Line
from monitor.web.source import Refusal

log = structlog.get_logger()

BURST = 10
"""Refusals within `WINDOW` that people are informed of; judgement: nobody presses a wrong button so often."""
WINDOW = timedelta(minutes=1)
MOST_WATCHED = 1_000
"""Accounts and addresses; the one that was refused longest ago makes room."""


class RightsWatch:
    """Counts, logs and notices refusals.

    Args:
        pipeline: has the metrics, and takes in what is noticed.

    """

    def __init__(self, pipeline: Line) -> None:
        self._pipeline = pipeline
        self._recent: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._noticed: dict[str, datetime] = {}
        """When a subject in `_recent` was noticed last."""

    def note(self, refusal: Refusal) -> None:
        """Take note of one refusal.

        Raises:
            JournalError: the journal can't be written.

        """
        right = refusal.right or "none"
        self._pipeline.metrics.acts_refused.labels(right).inc()
        log.warning(
            "act_refused",
            account=refusal.account,
            address=refusal.address,
            route=refusal.route,
            right=right,
        )
        subject = refusal.account or refusal.address or "unknown"
        if self._is_burst(subject, self._pipeline.clock.now()):
            event = MonitorActsRefused(
                at=self._pipeline.clock.now(),
                subject=subject,
                account=refusal.account,
                address=refusal.address,
                route=refusal.route,
                right=right,
            )
            self._pipeline.notice(event)

    def _is_burst(self, subject: str, now: datetime) -> bool:
        """Return whether this refusal is the last of many, once a minute: nobody fills the journal by asking."""
        recent = self._recent.setdefault(subject, deque(maxlen=BURST))
        self._recent.move_to_end(subject)
        if len(self._recent) > MOST_WATCHED:
            oldest, _ = self._recent.popitem(last=False)
            self._noticed.pop(oldest, None)
        recent.append(now)
        noticed = self._noticed.get(subject)
        if len(recent) < BURST or now - recent[0] > WINDOW:
            return False
        if noticed is not None and now - noticed < WINDOW:
            return False
        self._noticed[subject] = now
        return True
