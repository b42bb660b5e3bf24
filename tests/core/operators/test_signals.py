"""What operators tell the engine, signal by signal: when to fire, with which number, when to end, when to wake them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.events import AnyEvent
from monitor.core.events.door import (
    DoorClosed,
    DoorLocked,
    DoorOpened,
)
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.work import ReadingRecorded
from monitor.core.operators.factory import Operator, build
from monitor.core.operators.hold_absence import HoldOperator
from monitor.core.operators.level import LevelOperator
from monitor.core.operators.match import FORGET_AFTER
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal, TimerFired, Wake
from monitor.core.rules.model import (
    Absence,
    Count,
    Distinct,
    Hold,
    Level,
    Match,
    Rule,
    Sequence,
    Sum,
)
from monitor.core.state.operators import (
    AbsenceState,
    CountState,
    DistinctState,
    DurationState,
    HoldState,
    LevelState,
    MatchState,
    QuantityState,
    SequenceRun,
    SequenceState,
)
from monitor.core.state.time import TimestampedEvent
from tests.support.engine import at, on, rule, rule_set

if TYPE_CHECKING:
    from monitor.core.operators.base import Keys

MINUTE = timedelta(seconds=60)
OPENED, CLOSED = on("door.opened"), on("door.closed")


class Played:
    """An operator with what it remembers, and the times at which it asked for the facts of its rule."""

    def __init__(self, played: Rule, *, now: float = 0) -> None:
        self.operator: Operator = build(played)
        self.now = at(now)
        self.place = CompiledRules(rule_set()).places.points["d1"]
        self.keys: Keys = {}
        self.facts = True
        self.asked: list[tuple[AnyEvent, datetime]] = []
        self.n = 0

    def holds(self, event: AnyEvent, t: datetime) -> bool:
        """Whether the facts hold, at the place of an event, at a time."""
        self.asked.append((event, t))
        return self.facts

    def event(
        self, event: AnyEvent, role: str = "of", *, live: bool = True, late: bool = False
    ) -> list[Signal]:
        """Play an event in a role of the rule."""
        self.n += 1
        timestamped = TimestampedEvent(event.at, self.n, event, late, live)
        given = OperatorInput(role, timestamped, self.place, self.holds, self.now)
        return list(self.operator.on_event(self.keys, "k", given))

    def timer(self, seconds: float) -> list[Signal]:
        """Play a timer."""
        assert not isinstance(self.operator, LevelOperator)
        return list(self.operator.on_timer(self.keys, "k", TimerFired(at(seconds), self.holds)))


def opened(seconds: float, device: str = "") -> DoorOpened:
    """The door opens."""
    return DoorOpened(at=at(seconds), point="d1", device=device)


def closed(seconds: float) -> DoorClosed:
    """The door closes."""
    return DoorClosed(at=at(seconds), point="d1")


# All operators --------------------------------------------------------------------------------------------------

COUNT = rule(count=Count(of=OPENED, at_least=2, within=MINUTE))
DISTINCT = rule(distinct=Distinct(of=OPENED, field="device", at_least=2, within=MINUTE))
SEQUENCE = rule(sequence=Sequence(steps=(OPENED, CLOSED), within=MINUTE, end=on("door.locked")))
TIMES = rule(sum=Sum(start=OPENED, end=CLOSED, above="10s", within=MINUTE))
HELD = rule(hold=Hold(start=OPENED, end=CLOSED, longer_than="point.held_open_limit"))
AWAITED = rule(absence=Absence(after=OPENED, of=CLOSED, within="30s"))
FORCED = rule(match=Match(of=OPENED, end=CLOSED))
LEVEL = rule(level=Level(up=OPENED, down=CLOSED, above=1.0))
ANSWERS = rule(
    by="item",
    level=Level(set=on("inspection.item"), value="value", up=OPENED, above=1.0),
)
LITRES = rule(
    by="asset",
    sum=Sum(of=on("reading.recorded"), value="value", above=10.0, within=MINUTE),
)


@pytest.mark.parametrize(
    ("played", "roles", "first", "fires"),
    [
        (COUNT, [("of", OPENED)], set(), {"of"}),
        (DISTINCT, [("of", OPENED)], set(), {"of"}),
        (LITRES, [("of", on("reading.recorded"))], set(), {"of"}),
        (FORCED, [("end", CLOSED), ("of", OPENED)], {"end"}, {"of"}),
        (
            SEQUENCE,
            [("end", on("door.locked")), ("step 2", CLOSED), ("step 1", OPENED)],
            {"end"},
            {"step 2"},
        ),
        (TIMES, [("end", CLOSED), ("start", OPENED)], {"end"}, {"start"}),
        (HELD, [("end", CLOSED), ("start", OPENED)], {"end"}, {"start"}),
        (AWAITED, [("of", CLOSED), ("after", OPENED)], {"of"}, {"after"}),
        (LEVEL, [("down", CLOSED), ("up", OPENED)], {"set", "down"}, {"set", "up"}),
        (
            ANSWERS,
            [("set", on("inspection.item")), ("up", OPENED)],
            {"set", "down"},
            {"set", "up"},
        ),
    ],
)
def test_selectors_have_roles_in_the_order_in_which_they_are_tried(
    played: Rule, roles: list[tuple[str, object]], first: set[str], fires: set[str]
) -> None:
    """At one instant, what ends is tried before what begins."""
    operator = Played(played).operator

    assert list(operator.selectors()) == roles
    assert (set(operator.first), set(operator.fires)) == (first, fires)


@pytest.mark.parametrize(
    "played", [COUNT, DISTINCT, LITRES, FORCED, SEQUENCE, TIMES, HELD, AWAITED]
)
def test_a_timer_without_a_state_does_nothing(played: Rule) -> None:
    """A timer whose state is already gone does nothing."""
    assert Played(played).timer(60) == []


@pytest.mark.parametrize(
    ("played", "state"),
    [
        (COUNT, CountState([at(5)], raised=True)),
        (DISTINCT, DistinctState({"": at(5)}, raised=True)),
        (LITRES, QuantityState([(at(5), 0.0)], raised=True)),
        (TIMES, DurationState(raised=True, due=at(65))),
    ],
)
def test_an_alert_that_goes_on_under_a_changed_rule_still_ends(played: Rule, state: object) -> None:
    """An alert that goes on under a changed rule ends when the window of the last counted event has passed."""
    found = Played(played)
    assert not isinstance(found.operator, LevelOperator)
    assert hasattr(found.operator, "resume")

    assert list(found.operator.resume(found.keys, "k", at(5))) == [Wake(at(65))]
    assert found.keys == {"k": state}
    assert found.timer(65) == [End(at(65))]
    assert found.keys == {}


# Count and distinct ---------------------------------------------------------------------------------------------


def test_count_fires_with_the_number_that_it_requires() -> None:
    """`count` asks for the facts at the time of each event."""
    found = Played(COUNT)

    assert found.event(opened(0)) == [Wake(at(60))]
    assert found.event(opened(10)) == [Fire(at(10), opened(10), 2)]
    assert found.asked == [(opened(0), at(0)), (opened(10), at(10))]


def test_distinct_fires_with_the_number_that_it_requires() -> None:
    """Two values at one instant count as two."""
    found = Played(DISTINCT)

    assert found.event(opened(10, "a")) == [Wake(at(70))]
    assert found.event(opened(10, "b")) == [Fire(at(10), opened(10, "b"), 2)]
    assert found.asked == [(opened(10, "a"), at(10)), (opened(10, "b"), at(10))]


def test_a_value_that_arrives_late_does_not_replace_its_later_occurrence() -> None:
    """The later occurrence still counts at the end of the window."""
    found = Played(DISTINCT)
    found.event(opened(10, "a"))
    found.event(opened(5, "a"), late=True)

    assert found.event(opened(66, "b")) == [Fire(at(66), opened(66, "b"), 2)]


@pytest.mark.parametrize("played", [COUNT, DISTINCT])
@pytest.mark.parametrize(("live", "facts"), [(False, True), (True, False)])
def test_what_is_not_happening_now_or_not_concerned_is_not_counted(
    played: Rule, live: bool, facts: bool
) -> None:
    """Events that the broker had retained, and events while the facts do not hold, are not counted."""
    found = Played(played)
    found.facts = facts

    assert found.event(opened(0, "a"), live=live) == []
    assert found.keys == {}


# Match ----------------------------------------------------------------------------------------------------------


def test_match_remembers_the_latest_end() -> None:
    """An end that arrives after a later one is still an end, and the later one is still remembered."""
    found = Played(FORCED)

    assert found.event(closed(10), "end") == [
        End(at(10), later_stays=True),
        Wake(at(10) + FORGET_AFTER),
    ]
    assert found.event(closed(5), "end") == [End(at(5), later_stays=True)]
    assert found.keys == {"k": MatchState(at(10))}


def test_match_has_one_timer_for_its_end() -> None:
    """An end that is repeated needs no timer of its own: the first one looks again when it fires."""
    found, forgotten = Played(FORCED), FORGET_AFTER.total_seconds()
    found.event(closed(0), "end")
    assert found.event(closed(20), "end") == [End(at(20), later_stays=True)]

    assert found.timer(forgotten) == [Wake(at(20) + FORGET_AFTER)]
    assert found.keys == {"k": MatchState(at(20))}
    assert found.timer(20 + forgotten) == []
    assert found.keys == {}


@pytest.mark.parametrize(
    ("start", "after"), [(9, [End(at(10), later_stays=True)]), (10, []), (11, [])]
)
def test_match_ends_what_began_before_the_end_that_it_remembers(
    start: int, after: list[Signal]
) -> None:
    """A start that arrives after its end is over at once; one at the same instant or later is not."""
    found = Played(FORCED)
    found.event(closed(10), "end")

    assert found.event(opened(start)) == [Fire(at(start), opened(start)), *after]


def test_match_forgets_an_old_end() -> None:
    """The operator forgets an old end when its timer fires, and no earlier."""
    found = Played(FORCED)
    found.event(closed(10), "end")

    assert (found.timer(39.9), found.keys) == ([Wake(at(40))], {"k": MatchState(at(10))})
    assert (found.timer(40), found.keys) == ([], {})


# Sequence -------------------------------------------------------------------------------------------------------

THREE = rule(sequence=Sequence(steps=(OPENED, CLOSED, on("door.locked")), within=MINUTE))


def locked(seconds: float) -> DoorLocked:
    """The door is locked."""
    return DoorLocked(at=at(seconds), point="d1")


def test_sequence_fires_with_the_number_of_its_steps() -> None:
    """`sequence` asks for the facts at the last step; steps at one instant are in order."""
    found = Played(THREE)

    assert found.event(opened(0), "step 1") == [Wake(at(60))]
    assert found.event(closed(0), "step 2") == []
    assert found.event(locked(0), "step 3") == [Fire(at(0), locked(0), 3)]
    assert found.asked == [(locked(0), at(0))]
    assert found.keys == {"k": SequenceState({}, used=3)}


def test_sequence_ends_what_began_before_the_end() -> None:
    """What began at the same instant or later goes on."""
    assert Played(SEQUENCE).event(locked(5), "end") == [End(at(5), later_stays=True)]


def test_sequence_forgets_runs_that_can_no_longer_be_completed() -> None:
    """A run is not forgotten before its time, and the others keep theirs."""
    found = Played(THREE)
    found.event(opened(0), "step 1")
    found.event(closed(10), "step 2")
    found.event(opened(20), "step 1")

    assert found.timer(60) == [Wake(at(80))]
    assert found.keys == {"k": SequenceState({0: SequenceRun(at(20), at(20))})}
    assert found.timer(79.9) == [Wake(at(80))]
    assert found.timer(80) == []
    assert found.keys == {}


def test_a_first_step_that_arrives_late_does_not_replace_a_later_one() -> None:
    """The later first step has more time left, so it is kept."""
    found = Played(THREE)
    found.event(opened(20), "step 1")
    found.event(opened(5), "step 1", late=True)

    assert found.keys == {"k": SequenceState({0: SequenceRun(at(20), at(20))})}


def test_a_step_before_the_one_that_it_needs_completes_nothing() -> None:
    """A last step that happened earlier than the first, or without any run, completes nothing."""
    found = Played(SEQUENCE)

    assert found.event(closed(5), "step 2") == []
    found.event(opened(20), "step 1")
    assert found.event(closed(15), "step 2", late=True) == []


# Sum ------------------------------------------------------------------------------------------------------------


def test_a_total_time_fires_with_its_hours() -> None:
    """The timer asks for the facts when the total is reached, and marks what is not exact."""
    found = Played(TIMES)
    assert found.event(opened(0), "start") == [Wake(at(10))]
    assert found.keys["k"] == DurationState(
        event=opened(0),
        above=timedelta(seconds=10),
        since=at(0),
        due=at(10),
        lasted=timedelta(0),
    )
    assert isinstance(found.keys["k"], DurationState)
    found.keys["k"].error = 0.25

    assert found.timer(10) == [Fire(at(10), opened(0), 10 / 3600, error=0.25)]
    assert found.asked == [(opened(0), at(10))]


@pytest.mark.parametrize("facts", [True, False])
def test_a_total_that_was_reached_before_the_end_is_not_missed(facts: bool) -> None:
    """The end may be processed before the timer: the alert still has the time at which the total was reached."""
    found = Played(TIMES)
    found.facts = facts
    found.event(opened(0), "start")
    assert isinstance(found.keys["k"], DurationState)
    found.keys["k"].error = 0.25
    fired = [Fire(at(10), opened(0), 10 / 3600, error=0.25), Wake(at(62))] if facts else []

    assert found.event(closed(12), "end") == [*fired, Wake(at(72))]
    assert found.asked == [(opened(0), at(10))]
    assert found.keys["k"] == DurationState(
        event=opened(0),
        above=timedelta(seconds=10),
        past=[(at(0), at(12))],
        due=at(62) if facts else None,
        raised=facts,
        error=0.25,
        lasted=timedelta(seconds=12),
    )


def test_a_total_time_needs_its_facts() -> None:
    """Without its facts the rule does not fire when the total is reached."""
    found = Played(TIMES)
    found.facts = False
    found.event(opened(0), "start")

    assert found.timer(10) == []
    assert found.event(closed(12), "end") == [Wake(at(72))]


def test_an_end_exactly_at_the_total_is_in_time() -> None:
    """Ten seconds are not longer than ten seconds."""
    found = Played(TIMES)
    found.event(opened(0), "start")

    assert found.event(closed(10), "end") == [Wake(at(70))]
    assert found.timer(69.9) == []
    assert found.keys.keys() == {"k"}
    assert found.timer(70) == []
    assert found.keys == {}


def test_a_start_and_an_end_of_one_instant_leave_nothing_open() -> None:
    """A start and an end at one instant have no time between them."""
    found = Played(TIMES)
    found.event(opened(5), "start")

    assert found.event(closed(5), "end") == [Wake(at(65))]
    assert found.event(closed(4), "end") == []
    assert found.timer(60) == []


def test_a_start_that_arrives_late_counts_no_time_twice() -> None:
    """A late start counts from the end of the time that is already counted."""
    found = Played(TIMES)
    found.event(opened(0), "start")
    found.event(closed(6), "end")

    assert found.event(opened(3), "start", late=True) == [Wake(at(10))]


@pytest.mark.parametrize(("late", "wake"), [(True, 30), (False, 10)])
def test_the_timer_of_a_late_start_waits_for_the_present(late: bool, wake: int) -> None:
    """A late start's timer is not set in the past, because its end may follow immediately."""
    assert Played(TIMES, now=30).event(opened(0), "start", late=late) == [Wake(at(wake))]
    assert Played(HELD, now=40).event(opened(0), "start", late=late) == [
        Wake(at(40 if late else 30))
    ]
    assert Played(AWAITED, now=40).event(opened(0), "after", late=late) == [
        Wake(at(40 if late else 30))
    ]


def test_a_limit_of_the_venue_applies_to_total_times() -> None:
    """The limit is that of the event's place."""
    limited = rule(sum=Sum(start=OPENED, end=CLOSED, above="point.held_open_limit", within=MINUTE))

    assert Played(limited).event(opened(0), "start") == [Wake(at(30))]


def test_spans_that_have_left_the_window_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans that have left the window are dropped, older ones first, as soon as there are too many."""
    monkeypatch.setattr("monitor.core.operators.sum.MOST_SPANS", 2)
    found = Played(TIMES)
    for t in (0, 10, 100):
        found.event(opened(t), "start")
        found.event(closed(t + 1), "end")
    assert isinstance(found.keys["k"], DurationState)

    assert found.keys["k"].past == [(at(100), at(101))]
    assert found.keys["k"].error == 0


def test_numbers_that_differ_too_much_are_merged_with_a_greater_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The share of the error doubles until there are few enough parts; the state shows how large it became."""
    monkeypatch.setattr("monitor.core.operators.sum.MOST_EXACT", 3)
    monkeypatch.setattr("monitor.core.operators.sum.MOST_PARTS", 2)
    found = Played(LITRES)
    for t in range(4):
        found.event(ReadingRecorded(at=at(t), asset="a", quantity="q", value=1))

    tally = found.keys["k"]
    assert isinstance(tally, QuantityState)
    assert tally.parts == [(at(2), 3.0), (at(3), 1.0)]
    # Three are at most 5.12 times one, and more than 2.56 times one: 0.01 was doubled nine times.
    assert tally.error == pytest.approx(5.12)


# Hold -----------------------------------------------------------------------------------------------------------


def fact_changed(found: Played, seconds: float, *, holds: bool) -> list[Signal]:
    """A fact of the rule begins or ceases to hold."""
    assert isinstance(found.operator, HoldOperator)
    held = found.keys["k"]
    assert isinstance(held, HoldState)
    changed = TimestampedEvent(at(seconds), 9, locked(seconds))
    given = OperatorInput("start", changed, found.place, found.holds, found.now)
    return list(found.operator.on_fact(held, given, holds=holds))


def test_a_hold_counts_from_when_its_facts_hold() -> None:
    """When the facts are reported to hold repeatedly, only the first report counts; the limit is that of the place."""
    found = Played(HELD)
    found.facts = False
    assert found.event(opened(0), "start") == []

    assert fact_changed(found, 5, holds=True) == [Wake(at(35))]
    assert fact_changed(found, 9, holds=True) == []
    assert found.keys == {"k": HoldState(opened(0), at(0), at(35))}


def test_a_hold_ends_when_a_fact_ceases_to_hold() -> None:
    """The hold can fire again once the facts hold again."""
    found = Played(HELD)
    found.event(opened(0), "start")
    assert found.timer(30) == [Fire(at(30), opened(0))]

    assert fact_changed(found, 40, holds=False) == [End(at(40))]
    assert fact_changed(found, 41, holds=False) == []
    assert found.keys == {"k": HoldState(opened(0), at(0))}
    assert fact_changed(found, 50, holds=True) == [Wake(at(80))]


# Absence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [True, False])
def test_a_deadline_that_passed_before_the_event_came_is_not_missed(facts: bool) -> None:
    """The event may be processed before the timer: whether the facts held at the deadline decides."""
    found = Played(AWAITED)
    found.event(opened(0), "after")
    found.facts = facts
    fired = [Fire(at(30), opened(0))] if facts else []

    assert found.event(closed(31), "of") == [*fired, End(at(31))]
    assert found.asked == [(opened(0), at(0)), (opened(0), at(30))]
    assert found.keys == {}


def test_an_absence_asks_for_the_facts_at_the_deadline() -> None:
    """If the facts do not hold at the deadline, the absence stops waiting."""
    found = Played(AWAITED)
    found.event(opened(0), "after")
    found.facts = False

    assert found.timer(30) == []
    assert found.asked == [(opened(0), at(0)), (opened(0), at(30))]
    assert found.keys == {}


def test_an_absence_waits_as_long_as_its_place_says() -> None:
    """The absence remembers the event that it will fire with."""
    limited = rule(absence=Absence(after=OPENED, of=CLOSED, within="point.held_open_limit"))
    found = Played(limited)

    assert found.event(opened(0), "after") == [Wake(at(30))]
    assert found.keys == {"k": AbsenceState(opened(0), at(0), at(30))}


# Level ----------------------------------------------------------------------------------------------------------


def answer(seconds: float, value: float | None) -> InspectionItem:
    """A measured answer."""
    return InspectionItem(
        at=at(seconds), checklist="check", inspection="i", item="x", result="pass", value=value
    )


def test_a_balance_is_set_and_then_moves() -> None:
    """An event at the instant of the number counts after it; an earlier event is included in it."""
    found = Played(ANSWERS)

    assert found.event(answer(10, 0.5), "set") == [End(at(10))]
    assert found.event(opened(9), "up", late=True) == []
    assert found.event(opened(10), "up") == [Fire(at(10), opened(10), 1.5)]
    assert found.asked == [(opened(10), at(10))]
    assert found.keys == {"k": LevelState(1.5, at(10), raised=True)}


def test_an_answer_without_a_number_sets_nothing() -> None:
    """An answer without a number leaves the balance as it is, and does not check it again."""
    found = Played(ANSWERS)
    found.event(answer(10, 3), "set")

    assert found.event(answer(20, None), "set") == []
    assert found.keys == {"k": LevelState(3, at(10), raised=True)}


def test_an_event_that_has_no_such_field_sets_nothing() -> None:
    """A rule may name two event types of which only one has the number."""
    two = rule(
        by="point", level=Level(set=on("inspection.item", "door.opened"), value="value", above=1.0)
    )

    assert Played(two).event(opened(0), "set") == []


@pytest.mark.parametrize(
    ("asking", "role", "event"),
    [
        (
            rule(by="point", hold=Hold(start=OPENED, end=CLOSED, longer_than="30s")),
            "start",
            DoorOpened(at=at(1), point="d1"),
        ),
        (
            rule(by="point", level=Level(up=OPENED, down=CLOSED, above=0.0)),
            "up",
            DoorOpened(at=at(1), point="d1"),
        ),
        (
            rule(
                by="asset",
                sum=Sum(of=on("reading.recorded"), value="value", above=1.0, within=MINUTE),
            ),
            "of",
            ReadingRecorded(at=at(1), asset="a", quantity="q", value=5),
        ),
    ],
    ids=["hold", "level", "sum"],
)
def test_a_role_that_asks_asks_of_the_event_itself(
    asking: Rule, role: str, event: AnyEvent
) -> None:
    """So the engine may ask once for all rules with the same facts, and tell each operator the answer."""
    found = Played(asking)
    found.event(event, role)

    assert role in found.operator.asks
    assert found.asked == [(event, event.at)]
