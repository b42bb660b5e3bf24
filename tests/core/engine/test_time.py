"""Time as an input: the watermark, wrong clocks, timers, and the time while the monitor was stopped."""

from datetime import timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.engine.stages.arrive import CLOCK_NEVER_SET
from monitor.core.events import ReceivedEvent
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorDisconnected,
    MonitorPaused,
    MonitorStarted,
)
from monitor.core.events.zone import ZoneCount
from monitor.core.inputs import Arrival, RulesChanged, Tick
from monitor.core.rules.model import Count, Hold, Match
from monitor.core.state import snapshot
from monitor.core.state.state import NO_RULES
from monitor.core.state.time import LONG_AGO, TimestampedEvent
from tests.support.engine import RULE_SET, SHIPPED, EngineHarness, at, on, rule, rule_set
from tests.support.histories import made_event

HELD = rule(hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"))
SKEW = rule(by="source", id="skew", match=Match(of=on("monitor.clock_skew")))


def opened(seconds: float, point: str = "d1") -> DoorOpened:
    """A door was opened."""
    return DoorOpened(at=at(seconds), point=point)


def closed(seconds: float, point: str = "d1") -> DoorClosed:
    """A door was closed."""
    return DoorClosed(at=at(seconds), point=point)


# The watermark ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arrives", "late"), [(2, False), (2.001, True)])
def test_late_is_what_the_watermark_has_passed(arrives: float, late: bool) -> None:
    """An event is late if it arrives more than the lateness after it happened, whatever else arrived."""
    harness = EngineHarness(rule_set(HELD))
    harness.receive(opened(0), seconds=arrives)
    waiting = harness.engine.state.time.waiting

    assert bool(waiting) is not late


def test_a_late_event_is_handled_once() -> None:
    """A late event is handled at once, and not again when the watermark passes other events."""
    twice = Count(of=on("access.granted"), at_least=2, within=timedelta(seconds=60))
    harness = EngineHarness(rule_set(rule(count=twice)))
    event = {"type": "access.granted", "at": at(0), "point": "d1", "direction": "in"}
    harness.receive(msgspec.convert(event, ReceivedEvent), seconds=100)
    harness.tick(200)

    assert harness.changes() == []
    assert harness.engine.state.places.zones["hall"].status.occupancy == 1


def test_events_before_timers_of_the_same_instant() -> None:
    """A door closed exactly at the limit is in time."""
    harness = EngineHarness(rule_set(HELD))
    harness.receive(opened(0))
    harness.receive(closed(30), seconds=32)
    harness.tick(40)

    assert harness.changes() == []


def test_at_one_instant_the_order_of_arrival_does_not_matter() -> None:
    """Two counts with one timestamp give the same result in either order."""
    counts = [ZoneCount(at=at(5), zone="hall", count=n) for n in (0, 11, 30)]
    results = []
    for order in permutations(counts):
        harness = EngineHarness(RULE_SET)
        for event in order:
            harness.receive(event, seconds=6)
        harness.tick(20)
        results.append((harness.changes("zone-over-capacity"), harness.zone_changes("hall")[-1]))

    assert all(row == results[0] for row in results)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_begins_comes_first_and_what_ends_last_in_one_second(order: tuple[int, ...]) -> None:
    """Many senders name only the second: a request is opened before it is answered, a round ends after its stations."""
    fields: list[dict[str, object]] = [
        {"type": "round.started", "round": "night", "who": "tom"},
        {"type": "round.station", "round": "night", "station": "s1"},
        {"type": "round.station", "round": "night", "station": "s2"},
        {"type": "round.station", "round": "night", "station": "s3"},
        {"type": "round.finished", "round": "night", "who": "tom"},
        {"type": "request.opened", "request": "q", "zone": "hall", "answer_by": at(60)},
        {"type": "request.answered", "request": "q"},
    ]
    events = [msgspec.convert({"at": at(5), **row}, ReceivedEvent) for row in fields]
    thirds = [events[:3], events[3:5], events[5:]]
    harness = EngineHarness(SHIPPED.rule_set(SHIPPED.test_venue))
    for which in order:
        for event in reversed(thirds[which]):
            harness.receive(event, seconds=5)
    harness.tick(3600)

    for name in ("round-incomplete", "round-stalled", "request-unanswered"):
        assert harness.changes(name) == [], name


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_senders_of_different_precision_cost_an_alert_too_many(order: tuple[int, ...]) -> None:
    """The one that names only the second may seem the earlier one: what looks unanswered or missed is raised."""
    fields: list[dict[str, object]] = [
        {"type": "round.started", "round": "night", "who": "tom", "at": at(1)},
        {"type": "round.station", "round": "night", "station": "s1", "at": at(5.4)},
        {"type": "round.finished", "round": "night", "who": "tom", "at": at(5)},
        {
            "type": "request.opened",
            "request": "q",
            "zone": "hall",
            "answer_by": at(60),
            "at": at(5.4),
        },
        {"type": "request.answered", "request": "q", "at": at(5)},
    ]
    events = [msgspec.convert(row, ReceivedEvent) for row in fields]
    halves = [events[:3], events[3:]]
    harness = EngineHarness(SHIPPED.rule_set(SHIPPED.test_venue))
    for which in order:
        harness.receive(*reversed(halves[which]), seconds=6)
    harness.tick(3600)

    for name in ("round-incomplete", "request-unanswered"):
        assert harness.changes(name)[:1] == ["raised"], name


def test_due_timers_fire_before_an_arrival() -> None:
    """Due timers fire before an arrival, whether or not a tick came in between."""
    harness = EngineHarness(rule_set(HELD))
    harness.receive(opened(0))
    harness.receive(closed(100))

    assert harness.changes() == ["raised"]


# Wrong clocks -----------------------------------------------------------------------------------------------------

DAYS = 24 * 3600


@pytest.mark.parametrize(
    "wrong",
    [
        2 * DAYS,
        -2 * 365 * DAYS,
        -56 * 365 * DAYS,
    ],
)
def test_one_wrong_clock_affects_no_other_sender(wrong: float) -> None:
    """A clock two days ahead, two years behind or at 1970 is reported, and other senders go on.

    Our own time counts for its events.
    """
    sane, crazy = EngineHarness(rule_set(HELD, SKEW)), EngineHarness(rule_set(HELD, SKEW))
    for harness in (sane, crazy):
        harness.receive(opened(0))
    crazy.receive(opened(5 + wrong, "d2"), seconds=5)
    for harness in (sane, crazy):
        harness.receive(closed(20))
        harness.receive(opened(40))
        harness.tick(75)

    assert sane.changes() == ["raised"]
    assert [(row.key, row.happened_at) for row in crazy.alerts()] == [
        ("d2", at(35)),
        ("d1", at(70)),
    ]
    assert [row.key for row in crazy.alerts("skew")] == ["test"]


@pytest.mark.parametrize(("ahead", "skewed"), [(2, 0), (2.001, 1)])
def test_a_clock_slightly_ahead_is_tolerated(ahead: float, skewed: int) -> None:
    """The time of a sender whose clock is slightly ahead counts."""
    harness = EngineHarness(rule_set(HELD, SKEW))
    harness.receive(opened(10 + ahead), seconds=10)
    (moment,) = harness.engine.state.time.waiting

    assert len(harness.alerts("skew")) == skewed
    assert moment.t == (at(10) if skewed else at(10 + ahead))


@pytest.mark.parametrize("behind", [timedelta(), timedelta(seconds=1)])
def test_a_clock_a_year_behind_is_wrong(behind: timedelta) -> None:
    """A clock less than a year behind only makes events late."""
    harness = EngineHarness(rule_set(HELD, SKEW))
    event = DoorOpened(at=at(0) - CLOCK_NEVER_SET - behind, point="d1")
    harness.receive(event, seconds=0)

    assert len(harness.alerts("skew")) == bool(behind)


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
    """No date raises an error in the engine."""
    harness = EngineHarness(rule_set(HELD, SKEW))
    harness.receive(
        msgspec.convert({"type": "door.opened", "at": when, "point": "d1"}, ReceivedEvent),
        seconds=1,
    )
    harness.tick(60)

    assert [alert.happened_at for alert in harness.alerts()] == [at(31)]
    assert len(harness.alerts("skew")) == 1


def test_two_events_at_one_instant_are_never_compared() -> None:
    """For an unknown door with a wrong clock, the event and the reports about it all happen now."""
    of = Count(of=on("monitor.unknown"), at_least=3, within=timedelta(seconds=1))
    harness = EngineHarness(
        rule_set(rule(by="kind", count=of), SKEW, rule(id="held", hold=HELD.hold))
    )
    harness.receive(
        opened(9 * DAYS, "x1"), opened(9 * DAYS, "x2"), closed(9 * DAYS, "x3"), seconds=5
    )
    waiting = [moment.n for moment in harness.engine.state.time.waiting]
    harness.tick(10)

    assert len(set(waiting)) == len(waiting) == 6
    assert harness.changes() == ["raised", "cleared"]


def test_our_own_clock_does_not_go_back_a_little() -> None:
    """If a time server sets our clock back by a second, nothing is undone."""
    harness = EngineHarness(rule_set(HELD))
    harness.tick(100)
    harness.tick(99)

    assert harness.engine.state.time.now == at(100)


def test_a_replayed_input_with_our_time_has_the_same_effect() -> None:
    """A message that was buffered while the clock ticked has the same effect in a journal that drops idle ticks."""
    first, again = EngineHarness(rule_set(HELD)), EngineHarness(rule_set(HELD))
    first.tick(10)
    received = first.engine.now_at(at(9.5))
    first.receive(opened(7.8), seconds=9.5)
    again.step(Arrival(received_at=received, source="test", events=(opened(7.8),)))

    assert received == at(10)
    assert state_without_time(first) == state_without_time(again)


def test_our_own_clock_may_be_set_back() -> None:
    """If our clock is set back by an hour, time goes on from there, and doors are still watched."""
    harness = EngineHarness(rule_set(HELD))
    harness.tick(3600)
    harness.step(Tick(received_at=at(0)))
    harness.receive(opened(10))
    harness.tick(45)

    assert harness.changes() == ["raised"]
    assert harness.alerts()[0].raised_at < at(46)


def test_zones_are_recorded_after_the_clock_was_set_back() -> None:
    """A count is not delayed by an hour after the clock was set back."""
    harness = EngineHarness(rule_set())
    harness.tick(3600)
    harness.receive(ZoneCount(at=at(3600), zone="hall", count=1))
    harness.tick(3605)
    harness.step(Tick(received_at=at(0)))
    harness.receive(ZoneCount(at=at(1), zone="hall", count=2))
    harness.receive(ZoneCount(at=at(3606), zone="hall", count=3), seconds=2)
    harness.tick(10)

    assert harness.engine.state.places.unpublished == {}


# Timers -----------------------------------------------------------------------------------------------------------


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
    """With the shipped rules, nothing changes before the deadline at any time of any history.

    At the deadline something changes.
    """
    harness, seconds = EngineHarness(RULE_SET), 0.0
    for gap, kind in history:
        seconds += gap
        fields = {"type": kind, "point": "d1", "device": "r1", "direction": "in"}
        harness.receive(made_event(fields, seconds))
        deadline, now = harness.engine.deadline, harness.engine.state.time.now
        assert deadline is not None
        before = state_without_time(harness)
        between = now + (deadline - now) * share
        if now <= between < deadline:
            assert harness.step(Tick(received_at=between)) == []
            assert state_without_time(harness) == before

    for _ in range(200):
        if (deadline := harness.engine.deadline) is None:
            break
        waiting = len(harness.engine.state.time.waiting) + len(harness.engine.state.time.timers)
        before_seen = len(harness.seen)
        harness.step(Tick(received_at=max(deadline, harness.engine.state.time.now)))
        after = len(harness.engine.state.time.waiting) + len(harness.engine.state.time.timers)
        assert (
            after < waiting
            or len(harness.seen) > before_seen
            or harness.engine.deadline != deadline
        )


def state_without_time(harness: EngineHarness) -> bytes:
    """The whole state except the time."""
    state = snapshot.decode(snapshot.encode(harness.engine.state))
    state.time.now = state.time.watermark = LONG_AGO
    state.rule_set = NO_RULES
    return snapshot.encode(state)


def test_an_idle_venue_has_no_deadline() -> None:
    """A venue at rest whose device has been reported missing sets no timer."""
    harness = EngineHarness(rule_set(HELD))
    harness.tick(100)

    assert harness.engine.deadline is None


# While the monitor was stopped -------------------------------------------------------------------------------------


def beats(harness: EngineHarness, first: int, last: int, *, seconds: float | None = None) -> None:
    """One heartbeat every 50 s; all at once, if a time of arrival is given."""
    for beat in range(first, last, 50):
        harness.receive(DeviceHeartbeat(at=at(beat), device="r1"), seconds=seconds)


def started(seconds: float, since: float) -> MonitorStarted:
    """The monitor starts again, after it stopped at this time."""
    return MonitorStarted(at=at(seconds), downtime_s=seconds - since)


def test_no_device_is_silent_because_we_were_stopped() -> None:
    """After an hour, the heartbeats that the broker kept are taken in before any device is reported silent."""
    harness = EngineHarness(RULE_SET)
    beats(harness, 0, 600)
    harness.notice(started(4200, 600))
    harness.notice(MonitorConnected(at=at(4201), broker="b"))
    beats(harness, 600, 4200, seconds=4201)
    harness.tick(4203)
    harness.notice(MonitorCaughtUp(at=at(4204)))
    harness.tick(4205)

    assert harness.changes("device-silent") == []

    harness.tick(4220)

    assert harness.changes("device-silent") == ["raised"]


def test_a_device_that_fell_silent_meanwhile_is_reported() -> None:
    """A device that fell silent in that hour has an alert with that time, marked as late."""
    harness = EngineHarness(RULE_SET)
    beats(harness, 0, 600)
    harness.notice(started(4200, 600))
    beats(harness, 600, 1000, seconds=4201)
    harness.notice(MonitorCaughtUp(at=at(4204)))
    (alert,) = harness.alerts("device-silent")

    assert alert.happened_at == at(950 + 60 + 5)
    assert alert.late


@pytest.mark.parametrize("gap", ["paused", "started", "connected"])
def test_what_is_lost_in_a_gap_is_no_silence(gap: str) -> None:
    """Heartbeats with QoS 0 are not kept: after any gap the device has its full limit, and is then reported."""
    harness = EngineHarness(RULE_SET)
    beats(harness, 0, 600)
    match gap:
        case "paused":
            row = MonitorPaused(at=at(4200), host="h", paused_s=3600, cause="process")
            harness.notice(row)
        case "started":
            harness.notice(started(4200, 600))
            harness.notice(MonitorConnected(at=at(4201), broker="b"))
        case _:
            harness.notice(MonitorDisconnected(at=at(600), broker="b"))
            harness.notice(MonitorConnected(at=at(605), broker="b"))
    end = 610 if gap == "connected" else 4204
    harness.notice(MonitorCaughtUp(at=at(end)))
    harness.tick(end + 58)

    assert harness.changes("device-silent") == []

    harness.tick(end + 75)

    assert harness.changes("device-silent") == ["raised"]


def test_many_gaps_do_not_hide_a_silent_device() -> None:
    """A connection that breaks every 20 s delays the report by one limit and the time that the gaps take."""
    harness = EngineHarness(RULE_SET)
    beats(harness, 0, 600)
    for n in range(600, 900, 20):
        harness.notice(MonitorDisconnected(at=at(n), broker="b"))
        harness.notice(MonitorConnected(at=at(n + 2), broker="b"))
        harness.notice(MonitorCaughtUp(at=at(n + 4)))
    (alert,) = harness.alerts("device-silent")

    assert at(550 + 60) < alert.happened_at < at(700)


@pytest.mark.parametrize("downtime", [0, 5])
def test_no_device_is_silent_because_its_messages_are_old(downtime: float) -> None:
    """A first start, or a short stop, with an hour of heartbeats kept by the broker: each is late, none is overdue."""
    harness = EngineHarness(NO_RULES)
    harness.notice(started(4200, 4200 - downtime))
    harness.step(RulesChanged(received_at=at(4200), who="test", rule_set=RULE_SET))
    harness.notice(MonitorConnected(at=at(4201), broker="b"))
    beats(harness, 600, 4200, seconds=4201)
    harness.tick(4203)
    harness.notice(MonitorCaughtUp(at=at(4204)))
    harness.tick(4250)

    assert harness.changes("device-silent") == []

    harness.tick(4280)

    assert harness.changes("device-silent") == ["raised"]


def test_a_slow_way_is_no_silence() -> None:
    """Heartbeats that arrive five minutes late, at their interval, show a device that is alive."""
    harness = EngineHarness(NO_RULES)
    harness.step(RulesChanged(received_at=at(300), who="test", rule_set=RULE_SET))
    for beat in range(0, 1000, 50):
        harness.receive(DeviceHeartbeat(at=at(beat), device="r1"), seconds=beat + 300)
        harness.tick(beat + 340)

    assert harness.changes("device-silent") == []

    harness.tick(1400)

    assert harness.changes("device-silent") == ["raised"]


def test_kept_messages_are_handled_in_order() -> None:
    """The door was open for a minute while we were stopped: the alert is raised and cleared."""
    harness = EngineHarness(rule_set(HELD))
    harness.notice(started(4200, 900))
    harness.receive(closed(1060), seconds=4201)
    harness.receive(opened(1000), seconds=4201)
    harness.receive(opened(2000), seconds=4201)
    harness.receive(closed(2010), seconds=4201)

    assert harness.changes() == []

    harness.notice(MonitorCaughtUp(at=at(4204)))

    assert harness.changes() == ["raised", "cleared"]


def test_timers_are_due_up_to_the_gap() -> None:
    """What was due before the monitor stopped or lost the broker fires, with or without ticks."""
    for notice in (started(4200, 100), MonitorConnected(at=at(100), broker="b")):
        harness = EngineHarness(rule_set(HELD))
        harness.receive(opened(0))
        harness.notice(notice)

        assert harness.changes() == ["raised"]
        assert harness.engine.state.time.watermark == at(98)


def test_what_acts_on_arrival_does_not_wait() -> None:
    """Duress is raised at once, also while the rest catches up."""
    harness = EngineHarness(RULE_SET)
    harness.notice(started(4200, 0))
    harness.receive(
        msgspec.convert({"type": "access.duress", "at": at(4201), "point": "d1"}, ReceivedEvent)
    )

    assert harness.changes("duress") == ["raised"]


def test_catching_up_has_an_end() -> None:
    """If the end of catching up is never reported, time goes on by a deadline of thirty times the lateness."""
    harness = EngineHarness(rule_set(HELD))
    harness.receive(opened(0))
    harness.notice(started(100, 10))

    assert harness.engine.deadline == at(160)

    harness.tick(159.9)

    assert harness.changes() == []

    harness.tick(160)

    assert harness.changes() == ["raised"]


def test_a_second_gap_starts_anew() -> None:
    """Catching up starts anew if the connection breaks again meanwhile."""
    harness = EngineHarness(rule_set(HELD))
    harness.receive(opened(0))
    harness.notice(started(100, 10))
    harness.notice(MonitorConnected(at=at(150), broker="b"))
    harness.tick(209)

    assert harness.changes() == []
    assert harness.engine.state.time.catching_up_until == at(210)


def test_an_empty_message_lets_time_go_on() -> None:
    """A vendor's message without events for us counts as a tick."""
    harness = EngineHarness(rule_set(HELD))
    harness.receive(opened(0))
    harness.step(Arrival(received_at=at(100), source="x", events=()))

    assert harness.changes() == ["raised"]


def test_events_are_ordered_by_time_then_arrival() -> None:
    """The heap never compares the events themselves."""
    first, second = TimestampedEvent(at(1), 2, opened(1)), TimestampedEvent(at(1), 3, closed(1))

    assert first < second < TimestampedEvent(at(2), 1, opened(2))
