"""Time as an input: whose turn it is, whose clock is wrong, when to ring, and the hour in which we were deaf."""

from datetime import timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.engine.engine import CLOCK_NEVER_SET
from monitor.core.events import Event
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.monitor import MonitorCaughtUp, MonitorConnected, MonitorStarted
from monitor.core.events.zone import ZoneCount
from monitor.core.inputs import Arrival, Tick
from monitor.core.rules.model import Count, Hold, Match
from monitor.core.state.state import Moment
from tests.support.engine import BOOK, Stage, at, book, on, rule

HELD = rule(hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"))
SKEW = rule(by="source", id="skew", match=Match(of=on("monitor.clock_skew")))


def opened(seconds: float, point: str = "d1") -> DoorOpened:
    """A door was opened."""
    return DoorOpened(at=at(seconds), point=point)


def closed(seconds: float, point: str = "d1") -> DoorClosed:
    """A door was closed."""
    return DoorClosed(at=at(seconds), point=point)


# Whose turn it is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arrives", "late"), [(2, False), (2.001, True)])
def test_late_is_what_has_missed_its_turn(arrives: float, late: bool) -> None:
    """More than the lateness after it happened, whatever else came before."""
    stage = Stage(book(HELD))
    stage.say(opened(0), seconds=arrives)
    waiting = stage.engine.state.waiting

    assert bool(waiting) is not late


def test_what_is_late_happens_once() -> None:
    """At once, and not again when others have their turn."""
    twice = Count(of=on("access.granted"), at_least=2, within=timedelta(seconds=60))
    stage = Stage(book(rule(count=twice)))
    event = {"type": "access.granted", "at": at(0), "point": "d1", "direction": "in"}
    stage.say(msgspec.convert(event, Event), seconds=100)
    stage.tick(200)

    assert stage.changes() == []
    assert stage.engine.state.zones["hall"].standing.occupancy == 1


def test_events_before_timers_of_the_same_instant() -> None:
    """Closed exactly when the limit is up: in time."""
    stage = Stage(book(HELD))
    stage.say(opened(0))
    stage.say(closed(30), seconds=32)
    stage.tick(40)

    assert stage.changes() == []


def test_of_one_instant_the_order_of_arrival_does_not_matter() -> None:
    """Two counts with one time stamp: whichever comes first, the same is told."""
    counts = [ZoneCount(at=at(5), zone="hall", count=n) for n in (0, 11, 30)]
    told = []
    for order in permutations(counts):
        stage = Stage(BOOK)
        for event in order:
            stage.say(event, seconds=6)
        stage.tick(20)
        told.append((stage.changes("zone-over-capacity"), stage.standings("hall")[-1]))

    assert all(row == told[0] for row in told)


def test_what_is_due_comes_before_what_arrives() -> None:
    """Whether or not the clock has ticked in between."""
    stage = Stage(book(HELD))
    stage.say(opened(0))
    stage.say(closed(100))

    assert stage.changes() == ["raised"]


# Clocks that are wrong ------------------------------------------------------------------------------------------

DAYS = 24 * 3600


@pytest.mark.parametrize(
    "wrong",
    [
        2 * DAYS,
        -2 * 365 * DAYS,
        -56 * 365 * DAYS,
    ],
)
def test_one_crazy_clock_changes_nothing_else(wrong: float) -> None:
    """Two days ahead, two years behind, 1970: it is said, our time counts, and everybody else goes on."""
    sane, crazy = Stage(book(HELD, SKEW)), Stage(book(HELD, SKEW))
    for stage in (sane, crazy):
        stage.say(opened(0))
    crazy.say(opened(5 + wrong, "d2"), seconds=5)
    for stage in (sane, crazy):
        stage.say(closed(20))
        stage.say(opened(40))
        stage.tick(75)

    assert sane.changes() == ["raised"]
    assert [(row.key, row.happened_at) for row in crazy.alerts()] == [
        ("d2", at(35)),
        ("d1", at(70)),
    ]
    assert [row.key for row in crazy.alerts("skew")] == ["test"]


@pytest.mark.parametrize(("ahead", "skewed"), [(2, 0), (2.001, 1)])
def test_a_little_ahead_is_tolerated(ahead: float, skewed: int) -> None:
    """And its own time counts."""
    stage = Stage(book(HELD, SKEW))
    stage.say(opened(10 + ahead), seconds=10)
    (moment,) = stage.engine.state.waiting

    assert len(stage.alerts("skew")) == skewed
    assert moment.t == (at(10) if skewed else at(10 + ahead))


@pytest.mark.parametrize("behind", [timedelta(), timedelta(seconds=1)])
def test_a_year_behind_is_a_lost_clock(behind: timedelta) -> None:
    """Until then it is only late."""
    stage = Stage(book(HELD, SKEW))
    event = DoorOpened(at=at(0) - CLOCK_NEVER_SET - behind, point="d1")
    stage.say(event, seconds=0)

    assert len(stage.alerts("skew")) == bool(behind)


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "0001-01-01T00:00:00-23:59",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.999999+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        "1969-12-31T23:59:59+05:45",
    ],
)
def test_the_edge_of_the_calendar_is_a_wrong_clock(when: str) -> None:
    """No date makes the engine stumble."""
    stage = Stage(book(HELD, SKEW))
    stage.say(msgspec.convert({"type": "door.opened", "at": when, "point": "d1"}, Event), seconds=1)
    stage.tick(60)

    assert [alert.happened_at for alert in stage.alerts()] == [at(31)]
    assert len(stage.alerts("skew")) == 1


def test_two_at_the_same_instant_are_never_compared() -> None:
    """An unknown door with a wrong clock: the event, and what is said of it, all happen now."""
    of = Count(of=on("monitor.unknown"), at_least=3, within=timedelta(seconds=1))
    stage = Stage(book(rule(by="kind", count=of), SKEW, rule(id="held", hold=HELD.hold)))
    stage.say(opened(9 * DAYS, "x1"), opened(9 * DAYS, "x2"), closed(9 * DAYS, "x3"), seconds=5)
    waiting = [moment.n for moment in stage.engine.state.waiting]
    stage.tick(10)

    assert len(set(waiting)) == len(waiting) == 6
    assert stage.changes() == ["raised", "cleared"]


def test_our_own_clock_does_not_go_back_a_little() -> None:
    """A second back is what time servers do; nothing is undone."""
    stage = Stage(book(HELD))
    stage.tick(100)
    stage.tick(99)

    assert stage.engine.state.now == at(100)


def test_an_input_kept_with_our_time_does_the_same_again() -> None:
    """A message that waited while the clock ticked, in a journal that forgets idle ticks."""
    first, again = Stage(book(HELD)), Stage(book(HELD))
    first.tick(10)
    received = first.engine.now_at(at(9.5))
    first.say(opened(7.8), seconds=9.5)
    again.step(Arrival(received_at=received, source="test", events=(opened(7.8),)))

    assert received == at(10)
    assert picture(first) == picture(again)


def test_our_own_clock_may_be_set_back() -> None:
    """By an hour: from there time goes on, and doors are watched."""
    stage = Stage(book(HELD))
    stage.tick(3600)
    stage.step(Tick(received_at=at(0)))
    stage.say(opened(10))
    stage.tick(45)

    assert stage.changes() == ["raised"]
    assert stage.alerts()[0].raised_at < at(46)


def test_zones_are_written_down_after_the_clock_was_set_back() -> None:
    """Nobody waits for an hour to read the count."""
    stage = Stage(book())
    stage.tick(3600)
    stage.say(ZoneCount(at=at(3600), zone="hall", count=1))
    stage.tick(3605)
    stage.step(Tick(received_at=at(0)))
    stage.say(ZoneCount(at=at(1), zone="hall", count=2))
    stage.say(ZoneCount(at=at(3606), zone="hall", count=3), seconds=2)
    stage.tick(10)

    assert stage.engine.state.unpublished == {}


# When to ring ---------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0, 31.0, 70.0]),
            st.sampled_from(["door.opened", "door.closed", "access.granted", "device.heartbeat"]),
        ),
        max_size=12,
    ),
    st.floats(0, 1, exclude_max=True),
)
def test_before_the_deadline_a_tick_changes_nothing(
    history: list[tuple[float, str]], share: float
) -> None:
    """At no moment of any history, with the shipped rules; and at the deadline something is done."""
    stage, seconds = Stage(BOOK), 0.0
    for gap, kind in history:
        seconds += gap
        told = {"type": kind, "at": at(seconds), "point": "d1", "device": "r1", "direction": "in"}
        stage.say(msgspec.convert(told, Event))
        deadline, now = stage.engine.deadline, stage.engine.state.now
        assert deadline is not None
        before = picture(stage)
        between = now + (deadline - now) * share
        if now <= between < deadline:
            assert stage.step(Tick(received_at=between)) == []
            assert picture(stage) == before

    for _ in range(200):
        if (deadline := stage.engine.deadline) is None:
            break
        waiting = len(stage.engine.state.waiting) + len(stage.engine.state.timers)
        before_seen = len(stage.seen)
        stage.step(Tick(received_at=max(deadline, stage.engine.state.now)))
        after = len(stage.engine.state.waiting) + len(stage.engine.state.timers)
        assert after < waiting or len(stage.seen) > before_seen or stage.engine.deadline != deadline


def picture(stage: Stage) -> bytes:
    """All of the state but the time."""
    state = msgspec.to_builtins(stage.engine.state)
    return msgspec.json.encode({**state, "now": None, "turn": None, "book": None})


def test_nothing_is_waited_for_for_ever() -> None:
    """A venue at rest, whose device has been missed, has no deadline."""
    stage = Stage(book(HELD))
    stage.tick(100)

    assert stage.engine.deadline is None


# The hour in which we were deaf ---------------------------------------------------------------------------------


def beats(stage: Stage, first: int, last: int, *, seconds: float | None = None) -> None:
    """One beat every 50 s; all at once, if a time of arrival is given."""
    for beat in range(first, last, 50):
        stage.say(DeviceHeartbeat(at=at(beat), device="r1"), seconds=seconds)


def started(seconds: float, since: float) -> MonitorStarted:
    """The monitor is here again, having stopped at a time."""
    return MonitorStarted(at=at(seconds), downtime_s=seconds - since)


def test_nobody_was_silent_while_we_were_deaf() -> None:
    """After an hour away the beats that the broker kept are taken in before anybody is called silent."""
    stage = Stage(BOOK)
    beats(stage, 0, 600)
    stage.notice(started(4200, 600))
    stage.notice(MonitorConnected(at=at(4201), broker="b"))
    beats(stage, 600, 4200, seconds=4201)
    stage.tick(4203)
    stage.notice(MonitorCaughtUp(at=at(4204)))
    stage.tick(4205)

    assert stage.changes("device-silent") == []

    stage.tick(4220)

    assert stage.changes("device-silent") == ["raised"]


def test_a_device_that_was_silent_meanwhile_is_called_so() -> None:
    """It went silent in the hour: the alert says when, and that it is old news."""
    stage = Stage(BOOK)
    beats(stage, 0, 600)
    stage.notice(started(4200, 600))
    beats(stage, 600, 1000, seconds=4201)
    stage.notice(MonitorCaughtUp(at=at(4204)))
    (alert,) = stage.alerts("device-silent")

    assert alert.happened_at == at(950 + 60 + 5)
    assert alert.late


def test_what_was_kept_happens_in_order() -> None:
    """The door stood open for a minute while we were away: raised and cleared, as it was."""
    stage = Stage(book(HELD))
    stage.notice(started(4200, 900))
    stage.say(closed(1060), seconds=4201)
    stage.say(opened(1000), seconds=4201)
    stage.say(opened(2000), seconds=4201)
    stage.say(closed(2010), seconds=4201)

    assert stage.changes() == []

    stage.notice(MonitorCaughtUp(at=at(4204)))

    assert stage.changes() == ["raised", "cleared"]


def test_until_the_gap_time_has_gone_on() -> None:
    """What was due before the monitor stopped, or the broker went, is due; ticks or no ticks."""
    for notice in (started(4200, 100), MonitorConnected(at=at(100), broker="b")):
        stage = Stage(book(HELD))
        stage.say(opened(0))
        stage.notice(notice)

        assert stage.changes() == ["raised"]
        assert stage.engine.state.turn == at(98)


def test_what_acts_on_arrival_does_not_wait() -> None:
    """Duress is told at once, also while the rest is caught up with."""
    stage = Stage(BOOK)
    stage.notice(started(4200, 0))
    stage.say(msgspec.convert({"type": "access.duress", "at": at(4201), "point": "d1"}, Event))

    assert stage.changes("duress") == ["raised"]


def test_catching_up_has_an_end() -> None:
    """If nobody says that it is over, time goes on after thirty times the lateness, by its own deadline."""
    stage = Stage(book(HELD))
    stage.say(opened(0))
    stage.notice(started(100, 10))

    assert stage.engine.deadline == at(160)

    stage.tick(159.9)

    assert stage.changes() == []

    stage.tick(160)

    assert stage.changes() == ["raised"]


def test_a_second_gap_begins_anew() -> None:
    """The connection broke again while catching up."""
    stage = Stage(book(HELD))
    stage.say(opened(0))
    stage.notice(started(100, 10))
    stage.notice(MonitorConnected(at=at(150), broker="b"))
    stage.tick(209)

    assert stage.changes() == []
    assert stage.engine.state.catching_up_until == at(210)


def test_an_empty_message_lets_time_go_on() -> None:
    """A vendor's message that means nothing to us is a tick."""
    stage = Stage(book(HELD))
    stage.say(opened(0))
    stage.step(Arrival(received_at=at(100), source="x", events=()))

    assert stage.changes() == ["raised"]


def test_moments_are_ordered_by_time_then_arrival() -> None:
    """The heap never looks into the events."""
    first, second = Moment(at(1), 2, opened(1)), Moment(at(1), 3, closed(1))

    assert first < second < Moment(at(2), 1, opened(2))
