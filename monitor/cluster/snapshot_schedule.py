"""When a site's state is written again as a snapshot; until then, its records since the last one are kept beside it."""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct


class _Since(Struct):
    count: int
    began: float
    """By the clock of the schedule."""


class SnapshotSchedule:
    """Counts the records and the time since the last snapshot of each site.

    A snapshot costs as much as some hundred records. By time, a site costs the same whether it is busy or not; the
    number of records limits what has to be read again after a failure. When one is taken changes nothing that a site
    does, so this is the machine's own time and not that of the log.

    Args:
        after: how long after the last one a snapshot is taken, with the next record.
        records: after how many records it is taken at the latest.
        now: returns seconds that never go back.

    """

    def __init__(self, after: timedelta, records: int, now: Callable[[], float]) -> None:
        self._after = after.total_seconds()
        self._records = records
        self._now = now
        self._since: dict[str, _Since] = {}

    def begin(self, site: str, count: int = 0) -> None:
        """Count anew: the site has a snapshot, and so many records since."""
        self._since[site] = _Since(count, self._now())

    def is_due(self, site: str) -> bool:
        """Count one more record; return whether a snapshot is to be taken that has it."""
        since = self._since[site]
        since.count += 1
        return since.count >= self._records or self._now() - since.began >= self._after
