"""`sum`: what adds up in the window ``(t - within, t]``: a quantity, or the time that something lasted."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.compile.validate import definition_mistakes
from monitor.core.events.door import DoorLocked, DoorUnlocked
from monitor.core.events.work import ReadingRecorded
from monitor.core.inputs import RulesChanged
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal, TimerFired, Wake
from monitor.core.operators.sum import MOST_EXACT, MOST_SPANS, SHARE, QuantityOperator, TimeOperator
from monitor.core.phrase import phrase
from monitor.core.rules.model import Rule, Sum
from monitor.core.state.operators import DurationState, KeyState, QuantityState
from monitor.core.state.time import TimestampedEvent
from monitor.texts import plain
from tests.support import naive
from tests.support.engine import EngineHarness, at, on, played, rule, rule_set

if TYPE_CHECKING:
    from monitor.core.operators.base import Keys


def flow(above: float = 10, within: float = 60) -> Rule:
    """A rule for more than a limit of a quantity within the window."""
    reading = on("reading.recorded")
    event = Sum(of=reading, value="value", above=above, within=timedelta(seconds=within))
    return rule(by="asset", sum=event)


def impaired(above: float = 10, within: float = 60) -> Rule:
    """A rule for a door unlocked for longer than a limit altogether within the window."""
    event = Sum(
        start=on("door.unlocked"),
        end=on("door.locked"),
        above=f"{int(above)}s",
        within=timedelta(seconds=within),
    )
    return rule(sum=event)


def readings(*rows: tuple[int, float]) -> list[str]:
    """Values at these times."""
    return [f"+{t}s reading.recorded asset=a quantity=q value={value}" for t, value in rows]


def spans(*times: int) -> list[str]:
    """A door unlocked and locked in turn, at these times."""
    return [
        f"+{t}s door.{'locked' if place % 2 else 'unlocked'} point=d1"
        for place, t in enumerate(times)
    ]


def test_numbers_add_up_until_they_leave_the_window() -> None:
    """The alert is raised above the limit, not at it, and once; it ends as soon as enough has left the window."""
    assert played(flow(), events=readings((0, 6), (30, 4))) == []
    assert played(flow(), events=readings((0, 6), (30, 4.5), (40, 3))) == [
        "+30s raised a",
        "+60s cleared a",
    ]


def test_a_negative_number_adds_nothing() -> None:
    """A meter that runs backwards hides no flow."""
    assert played(flow(), events=readings((0, 11), (1, -5)))[:1] == ["+0s raised a"]


def test_a_title_shows_a_rounded_sum() -> None:
    """The sum in a title is rounded, because ten digits cannot be read at a glance."""
    harness = EngineHarness(rule_set(replace(flow(), title="{n} litres")))
    for t in range(3):
        harness.receive(ReadingRecorded(at=at(t), asset="a", quantity="q", value=11 / 3))
    harness.tick(10)

    assert [alert.title for alert in harness.alerts()] == ["11 litres"]
    harness.receive(ReadingRecorded(at=at(11), asset="b", quantity="q", value=10 + 1 / 3))
    harness.tick(20)
    assert [alert.title for alert in harness.alerts()] == ["11 litres", "10.3 litres"]


def test_the_impairment_clock_is_cumulative() -> None:
    """Six seconds, a pause and four more seconds make ten: the alert is raised while the second impairment lasts."""
    assert played(impaired(), events=spans(0, 6, 20, 25)) == ["+24s raised d1", "+61s cleared d1"]


def test_an_end_exactly_at_the_limit_is_in_time() -> None:
    """As with `hold`: ten seconds are not longer than ten seconds."""
    assert played(impaired(), events=spans(0, 6, 20, 24)) == []


def test_an_equal_gain_and_loss_leave_the_sum() -> None:
    """While the old impairment leaves as fast as the new one grows, the sum stays the same."""
    # At 65 s three seconds of the first are left; until 68 s they leave as fast as others are added.
    assert played(impaired(), events=spans(0, 8, 65))[:1] == ["+75s raised d1"]


def test_an_impairment_that_never_ends_stays_active() -> None:
    """The alert is not cleared as long as the impairment lasts."""
    assert played(impaired(), events=spans(5)) == ["+15s raised d1"]


def test_a_changed_rule_still_ends_what_it_raised() -> None:
    """Both forms of `sum` start anew under the open alert, and end it when their window has passed."""
    high = ReadingRecorded(at=at(0), asset="a", quantity="q", value=11)
    unlocked = (DoorUnlocked(at=at(0), point="d1"), DoorLocked(at=at(11), point="d1"))
    for before, after, events in (
        (flow(), flow(above=99), (high,)),
        (impaired(), impaired(above=50), unlocked),
    ):
        harness = EngineHarness(rule_set(before))
        for event in events:
            harness.receive(event)
        harness.tick(20)
        harness.step(RulesChanged(received_at=at(21), who="test", rule_set=rule_set(after)))
        harness.tick(300)
        assert [str(row) for row in harness.changes()] == ["raised", "cleared"]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"of": on("door.opened")}, "sum: write either of and value"),
        (
            {"of": on("reading.recorded"), "value": "asset"},
            'sum.value: "asset" is not a number field of "reading.recorded"',
        ),
        (
            {"of": on("reading.recorded"), "value": "value", "above": "10h"},
            'sum.above: "10h" is a duration; write a number',
        ),
        (
            {"start": on("door.unlocked"), "end": on("door.locked")},
            'sum.above: 5 is a number; write a duration, e.g. "10h"',
        ),
    ],
)
def test_an_incomplete_sum_is_refused(parts: dict[str, object], message: str) -> None:
    """A `sum` needs one form or the other, complete, with a limit of the same kind."""
    fields = {"above": 5.0, "within": timedelta(seconds=60), **parts}
    by = "asset" if "value" in parts else "point"
    found = list(definition_mistakes([rule(by=by, sum=Sum(**fields))], []))  # type: ignore[arg-type]

    assert found[0].fault.message.startswith(message)


# Against a naive implementation ----------------------------------------------------------------------------------


def naive_flow(history: list[tuple[int, int]], above: int, within: int) -> list[str]:
    """Add up the whole window anew for every second."""
    seen: list[str] = []
    active = False
    for t in range(200):
        inside = sum(value for s, value in history if t - within < s <= t)
        spoke = any(s == t for s, _ in history)
        if active and inside <= above * 0.95:
            seen.append(f"+{t}s cleared a")
            active = False
        elif not active and inside > above and spoke:
            seen.append(f"+{t}s raised a")
            active = True
    return seen


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 5)), max_size=20, unique_by=lambda r: r[0]
    ),
    st.integers(1, 12),
    st.integers(1, 30),
)
def test_a_quantity_agrees_with_the_naive_implementation(
    history: list[tuple[int, int]], above: int, within: int
) -> None:
    """For any history, the operator and the naive sum give the same result."""
    history.sort()

    found = played(flow(above, within), events=readings(*history))
    assert found == naive_flow(history, above, within)


def naive_time(times: list[int], above: int, within: int) -> list[str]:
    """Go through time second by second, and count the seconds of the window in which the condition held."""
    seen: list[str] = []
    active = False
    lasting = [sum(s <= second for s in times) % 2 == 1 for second in range(300)]
    for t in range(1, 300):
        inside = sum(lasting[max(0, t - within) : t])
        if not active and inside >= above and lasting[t]:
            seen.append(f"+{t}s raised d1")
            active = True
        elif active and not lasting[t] and inside <= above:
            seen.append(f"+{t}s cleared d1")
            active = False
    return seen


@given(
    st.lists(st.integers(0, 80), max_size=12, unique=True),
    st.integers(1, 20),
    st.integers(1, 40),
)
def test_time_agrees_with_the_naive_implementation(
    times: list[int], above: int, within: int
) -> None:
    """For any history, the operator and the naive sum give the same result."""
    times.sort()
    if len(times) % 2:
        times.append(81)
    above = min(above, within)

    assert played(impaired(above, within), events=spans(*times)) == naive_time(times, above, within)


# Many events in one window ----------------------------------------------------------------------------------------


def many(events: int, within: float = 3_600) -> list[tuple[float, float]]:
    """Events over three windows, of different sizes, with a burst in the middle of the first."""
    chance = Random(7)
    steady = [(chance.uniform(0, 3 * within), chance.expovariate(1)) for _ in range(3 * events)]
    burst = [
        (chance.uniform(within / 2, within / 2 + 9), chance.uniform(1, 5))
        for _ in range(events // 4)
    ]
    return sorted(steady + burst)


def summed(rows: list[tuple[float, float]], above: float, within: float) -> QuantityState:
    """Play them into an operator, and compare each sum with a naive one; return what it remembers at the end."""
    row = flow(above, within).sum
    assert row is not None
    operator = QuantityOperator(row, lambda _: above)
    keys: Keys = {}
    window: deque[tuple[datetime, float]] = deque()
    exactly = 0.0
    tally = QuantityState([])
    places = CompiledRules(rule_set(flow())).places
    for n, (t, value) in enumerate(rows):
        event = ReadingRecorded(at=at(t), asset="a", quantity="q", value=value)
        window.append((event.at, value))
        exactly += value
        while window[0][0] <= event.at - timedelta(seconds=within):
            exactly -= window.popleft()[1]
        timestamped = TimestampedEvent(event.at, n, event)
        given = OperatorInput("of", timestamped, places.nowhere, lambda _, __: False, at(0))
        for _ in operator.on_event(keys, "a", given):
            pass
        kept = keys["a"]
        assert isinstance(kept, QuantityState)
        tally = kept
        found = operator._total(tally, event.at)  # noqa: SLF001 - what a rule compares with its limit
        assert exactly - 1e-6 <= found <= exactly * 1.01 + 1e-6
        if tally.error == 0:
            assert found == pytest.approx(exactly)
        assert len(tally.parts) <= MOST_EXACT
    return tally


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.5, 3.0])
def test_what_adds_nothing_is_ignored(value: float) -> None:
    """The operator says so without being asked, of exactly the events that change nothing."""
    row = flow().sum
    assert row is not None
    operator = QuantityOperator(row, lambda _: 10)
    nowhere = CompiledRules(rule_set(flow())).places.nowhere
    event = ReadingRecorded(at=at(0), asset="a", quantity="q", value=value)
    timestamped, keys = TimestampedEvent(at(0), 1, event), dict[str, KeyState]()
    given = OperatorInput("of", timestamped, nowhere, lambda _, __: True, at(0))

    signals = list(operator.on_event(keys, "a", given))

    assert operator.ignores(timestamped, nowhere) is (not signals and not keys)
    assert operator.ignores(timestamped, nowhere) is (value <= 0)


def test_ten_thousand_events_in_a_window_are_added_up_to_a_hundredth() -> None:
    """Compared with a naive sum, the sum is never too low, at most 1 % too high, and in bounded memory."""
    assert summed(many(10_000), 1e9, 3_600).error == SHARE


def test_up_to_the_stated_number_the_sum_is_exact() -> None:
    """Nothing is merged up to the stated number of events."""
    rows = many(MOST_EXACT // 2, 3_600)
    assert summed(rows, 1e9, 3_600).error == 0


def test_a_sum_that_is_not_exact_is_marked_on_the_alert() -> None:
    """The alert shows officers by how much the number may be too high."""
    harness = EngineHarness(rule_set(flow(above=2_500.5, within=100_000)))
    for n in range(2_501):
        harness.receive(ReadingRecorded(at=at(n), asset="a", quantity="q", value=1))
    harness.tick(2_600)
    (alert,) = harness.alerts()
    assert alert.note == phrase("sum-about", percent=1)
    assert plain(alert.note) == "so many events that the sum may be up to 1% too high"


class Keyed:
    """An operator for one key, and its signals."""

    def __init__(self, operator: QuantityOperator | TimeOperator) -> None:
        self.operator = operator
        self.keys: Keys = {}
        self.place = CompiledRules(rule_set(flow())).places.nowhere
        self.due: list[datetime] = []
        self.fired: list[Fire] = []
        self.ended: list[End] = []

    def event(self, event: DoorUnlocked | DoorLocked | ReadingRecorded, role: str) -> None:
        """Give it an event, after the timers that are due by then."""
        while self.due and self.due[0] <= event.at:
            now = heappop(self.due)
            self._follow(self.operator.on_timer(self.keys, "k", TimerFired(now, _always)))
        timestamped = TimestampedEvent(event.at, 1, event)
        given = OperatorInput(role, timestamped, self.place, _always, at(0))
        self._follow(self.operator.on_event(self.keys, "k", given))

    def _follow(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            match signal:
                case Wake():
                    heappush(self.due, signal.due)
                case Fire():
                    self.fired.append(signal)
                case End():
                    self.ended.append(signal)


def _always(_: object, __: datetime) -> bool:
    return True


def test_late_events_among_merged_ones_keep_the_error_below_a_hundredth() -> None:
    """With 10,000 events a window, some minutes late, an alert is never missed, and never for less than 99 %."""
    within, chance = 3_600, Random(11)
    rows = many(10_000, within)
    arriving = sorted(
        rows, key=lambda row: row[0] + (chance.random() < 0.3) * chance.uniform(0, 600)
    )
    most = max(naive.total(rows, t, within) for t, _ in rows[::400])
    above = 0.9 * most
    row = flow(above, within).sum
    assert row is not None
    kept = Keyed(QuantityOperator(row, lambda _: above))
    latest, raised = 0.0, 0
    for n, (t, value) in enumerate(arriving):
        kept.event(ReadingRecorded(at=at(t), asset="a", quantity="q", value=value), "of")
        latest = max(latest, t)
        is_new, raised = len(kept.fired) > raised, len(kept.fired)
        if n % 100 and not is_new:
            continue
        tally = kept.keys["k"]
        assert isinstance(tally, QuantityState)
        assert len(tally.parts) <= MOST_EXACT
        exactly = naive.total(arriving[: n + 1], latest, within)
        if is_new:
            found = kept.fired[-1].n
            assert above / (1 + SHARE) < exactly
            assert exactly - 1e-6 <= found <= exactly * (1 + SHARE) + 1e-6
            assert kept.fired[-1].error == SHARE
        assert tally.raised or exactly <= above + 1e-6
    assert kept.fired
    assert kept.ended


def test_ten_thousand_spans_in_a_window_are_added_up_to_a_hundredth() -> None:
    """An alert comes when the time adds up to the limit or at most 1 % before, and ends no earlier than it should.

    Each event takes a time in proportion to the spans that are kept, which are at most a thousand.
    """
    within, limit = 50_000, 20_500
    row = impaired(limit, within).sum
    assert row is not None
    kept = Keyed(TimeOperator(row, lambda _: timedelta(seconds=limit)))
    chance = Random(5)
    spans: list[tuple[float, float]] = []
    t = 0.0
    for n in range(30_000):
        busy = 3.0 if n // 10_000 % 2 else 1.0
        start, end = t + chance.uniform(0.5, 1.5), t + 2 + busy * chance.uniform(0.1, 0.9)
        kept.event(DoorUnlocked(at=at(start), point="d1"), "start")
        kept.event(DoorLocked(at=at(end), point="d1"), "end")
        spans.append((start, end))
        t = max(t + 5, end)
    duration = kept.keys["k"]
    assert isinstance(duration, DurationState)
    assert len(duration.past) <= MOST_SPANS

    seconds = [(fire.t - at(0)).total_seconds() for fire in kept.fired]
    assert seconds
    for fire, now in zip(kept.fired, seconds, strict=True):
        exactly = naive.lasted(spans, now, within)
        assert limit / (1 + SHARE) - 1e-3 <= exactly <= limit + 1e-3
        assert fire.error == SHARE
    for over in kept.ended:
        exactly = naive.lasted(spans, (over.t - at(0)).total_seconds(), within)
        assert limit / (1 + SHARE) - 1e-3 <= exactly <= limit + 1e-3
    for now in range(within, int(t), 997):
        is_raised = sum(s <= now for s in seconds) > sum(row.t <= at(now) for row in kept.ended)
        assert is_raised or naive.lasted(spans, now, within) <= limit + 1e-3


def test_a_flow_that_wavers_at_the_limit_is_raised_once() -> None:
    """One passage more or less within a second does not raise a new alert."""
    rows = [(t, 2 if t and t % 61 == 0 else 1) for t in range(250)]
    found = played(flow(60, 60), events=readings(*rows))
    assert len([line for line in found if "raised" in line]) == 1
