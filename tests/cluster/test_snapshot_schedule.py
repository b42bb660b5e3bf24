"""Snapshots of a site are taken by time, and earlier if it is busy."""

from datetime import timedelta

from monitor.cluster.snapshot_schedule import SnapshotSchedule


def due_at(every: float, count: int, begin: int = 0) -> list[int]:
    """After which of so many records a snapshot is taken, with a record each so many seconds."""
    now = [0.0]
    schedule = SnapshotSchedule(timedelta(seconds=60), 100, lambda: now[0])
    schedule.begin("hall", begin)
    schedule.begin("annex")
    found = []
    for n in range(1, count + 1):
        now[0] += every
        if schedule.is_due("hall"):
            found.append(n)
            schedule.begin("hall")
    return found


def test_by_time() -> None:
    """Each minute, and for a site that sends less, with each record."""
    assert due_at(10, 20) == [6, 12, 18]
    assert due_at(90, 3) == [1, 2, 3]


def test_a_busy_site_does_not_wait() -> None:
    """A failure never makes it read more than so many records again; those from before the start count."""
    assert due_at(0.1, 250) == [100, 200]
    assert due_at(0.1, 250, begin=80) == [20, 120, 220]
