"""What waits to be sent: the gravest first, each alert in its latest state, and nothing lost however much changes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.rules.model import Severity
from monitor.web.live_queue import LiveQueue
from monitor.web.live_replay import Replay
from tests.support.pipeline import START


def alert(own: str, severity: Severity = "medium", *, age: int = 0) -> Alert:
    """Return an open alert."""
    at = START - timedelta(minutes=age)
    return Alert(
        id=own,
        rule="r",
        key=own,
        title=own,
        severity=severity,
        do="",
        happened_at=at,
        raised_at=at,
        last_at=at,
    )


def test_after_a_quiet_time_a_change_is_due_at_once_and_the_next_a_little_later() -> None:
    """One sending has an interval to the next, in which only the latest state of an alert is kept."""
    queue = LiveQueue(0.25)
    queue.add(1, alert("a"), 10.0)
    assert queue.due == 10.0
    assert [row.id for row in queue.take(10.0).rows] == ["a"]
    queue.add(2, alert("a", "high"), 10.1)
    queue.add(3, alert("a", "low"), 10.2)
    assert queue.due == 10.25
    assert [row.severity for row in queue.take(10.25).rows] == ["low"]
    assert queue.take(11.0) == ([], [])


def test_in_a_flood_the_gravest_go_first_and_nothing_is_lost() -> None:
    """No more than a bounded number in any second, and in the end every alert."""
    queue = LiveQueue(0.25)
    for n in range(400):
        queue.add(n, alert(f"low-{n}", "low", age=n), 0.0)
    queue.add(400, alert("fire", "life_safety"), 0.0)
    first = queue.take(0.0).rows
    assert len(first) == LiveQueue.ROWS_AT_ONCE
    assert [first[0].id, first[1].id] == ["fire", "low-399"]
    sent, now = len(first), 0.0
    while queue.due <= now + 1:
        now = queue.due
        sent += len(queue.take(now).rows)
    assert sent == 401
    assert now == pytest.approx(101 / LiveQueue.ROWS_A_SECOND, abs=0.5)


def test_alerts_that_leave_wait_for_no_allowance() -> None:
    """They are a few bytes each."""
    queue = LiveQueue(0.25)
    for n in range(600):
        closed = n % 2 == 1
        row = alert(f"a{n}")
        queue.add(n, replace(row, handling=Handling.CLOSED) if closed else row, 0.0)
    queue.take(0.0)
    assert queue.waiting().total() == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["row", "count", "take"])), max_size=60
    )
)
def test_the_oldest_unsent_change_is_known(acts: list[tuple[str, str]]) -> None:
    """A page that comes back asks from there on: no change before it is unsent."""
    queue, unsent = LiveQueue(0.25), dict[str, int]()
    for seq, (own, act) in enumerate(acts):
        if act == "take":
            for row in [row for rows in queue.take(float(seq)) for row in rows]:
                del unsent[row.id]
        else:
            (queue.add if act == "row" else queue.add_count)(seq, alert(own), float(seq))
            unsent.setdefault(own, seq)
        assert queue.oldest == min(unsent.values(), default=float("inf"))


@given(st.lists(st.integers(0, 20)), st.integers(0, 60))
def test_a_page_that_comes_back_learns_what_has_changed_since(
    changes: list[int], since: int
) -> None:
    """As long as all of it is known; otherwise it is told to read itself anew."""
    replay = Replay(0)
    replay.MOST = 10  # type: ignore[misc] # far fewer than in production
    for seq, own in enumerate(changes, 1):
        replay.note(str(own), seq)
    found = replay.since(since)
    changed = {str(own) for own in changes[since:]}
    if len(set(changes)) <= replay.MOST:
        assert found is not None
    if found is not None:
        assert set(found) == changed
        assert len(found) == len(changed)
