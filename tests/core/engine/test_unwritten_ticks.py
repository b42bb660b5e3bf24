"""A tick from which nothing follows is not written: with and without it, the same follows, in the same order."""

from collections.abc import Sequence

import pytest

from monitor.core.events.zone import ZoneCount
from monitor.core.inputs import Tick
from monitor.core.transitions import ZoneChanged
from tests.support.engine import EngineHarness, at, rule_set


def published(*ticks: float) -> Sequence[ZoneChanged]:
    """What is published of two zones when there are ticks at these times, and at the end."""
    harness = EngineHarness(rule_set())
    counts = [(0.0, "foyer", 5), (10.2, "foyer", 6), (10.3, "foyer", 5), (11.9, "hall", 3)]
    for t, zone, count in (*counts, (12.0, "foyer", 7)):
        harness.receive(ZoneCount(at=at(t), zone=zone, count=count), seconds=t)
    for t in (*ticks, 15.0):
        harness.step(Tick(received_at=at(t)))
    return [row for row in harness.seen if isinstance(row, ZoneChanged) and row.at > at(14)]


@pytest.mark.parametrize("ticks", [(12.4,), (12.4, 12.5)])
def test_zones_are_published_in_the_same_order(ticks: Sequence[float]) -> None:
    """A number that went up and down again is not published; the zones after it are, in an order of their own."""
    rows = published(*ticks)

    assert rows == published()
    assert [(row.status.zone, row.status.occupancy) for row in rows] == [("foyer", 7), ("hall", 3)]


def test_what_a_step_has_left_does_not_wait_until_the_backlog_is_there() -> None:
    """A step may be cut while the monitor catches up: the next tick is due at once; the clock loop would spin."""
    harness = EngineHarness(rule_set())
    time = harness.engine.state.time
    time.catching_up_until, time.is_cut = at(600), True

    assert harness.engine.deadline == time.now
