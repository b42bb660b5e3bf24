"""`schedule`: a rule is in force inside or outside the hours of the venue; and rules that hear when hours turn."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.alert import Change
from monitor.core.derive.schedules import standing
from monitor.core.engine.engine import Engine
from monitor.core.events.access import AccessDenied
from monitor.core.events.derived import ScheduleOpened
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Absence, Hold, Match, Rule
from monitor.core.state.state import State
from monitor.core.venue.model import Schedule, Venue, Weekday
from monitor.errors import ConfigError
from monitor.rules.read import load
from tests.support.engine import LATENESS, TOLERANCE, VENUE, Stage, at, book, on, rule

DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = Schedule(id="office", days=DAYS, opens=time(8, 10), closes=time(9))  # START is 08:00 UTC
MINUTE = 60
ROOT = Path(__file__).parents[3]


def venue(*schedules: Schedule, zone: str = "UTC") -> Venue:
    """The small venue with these schedules."""
    congress = replace(VENUE.congress, timezone=zone)
    return replace(VENUE, congress=congress, schedules=schedules)


def denied(schedule: str) -> Rule:
    """Each refusal at a point, in these hours."""
    return rule(match=Match(of=on("access.denied")), schedule=schedule)


def held(schedule: str) -> Rule:
    """A door that is open for longer than two minutes, in these hours."""
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="2m")
    return rule(hold=hold, schedule=schedule)


def refuse(stage: Stage, minutes: float) -> None:
    """Somebody is refused at d1."""
    t = at(minutes * MINUTE)
    stage.say(AccessDenied(at=t, point="d1", reason="unknown_credential", id=str(minutes)))
    stage.tick(minutes * MINUTE + 30)


@pytest.mark.parametrize(
    ("schedule", "fires"),
    [("office", [11, 60]), ("not office", [10, 61])],
    ids=["inside", "outside"],
)
def test_a_match_fires_in_its_hours_alone(schedule: str, fires: list[int]) -> None:
    """What happens at the very instant of a turn comes before it, as before every timer."""
    for minute in (10, 11, 60, 61):
        stage = Stage(book(denied(schedule), venue=venue(OFFICE)))
        refuse(stage, minute)
        assert bool(stage.alerts()) == (minute in fires), minute


def test_a_hold_is_both_together_whichever_came_first() -> None:
    """A door that has been open since before counts from when the hours begin, and is over when they end."""
    stage = Stage(book(held("office"), venue=venue(OFFICE)))
    stage.say(DoorOpened(at=at(MINUTE), point="d1"))
    stage.tick(11.5 * MINUTE)
    assert stage.alerts() == []
    stage.tick(12.5 * MINUTE)
    (alert,) = stage.alerts()
    assert alert.happened_at == at(12 * MINUTE)
    stage.tick(61 * MINUTE)
    assert stage.alerts() == []
    assert stage.changes() == [Change.RAISED, Change.CLEARED]
    stage.tick((24 * 60 + 12.5) * MINUTE)
    assert len(stage.alerts()) == 1, "the door is still open when the hours begin again"


def test_a_hold_that_ends_before_the_hours_is_nothing() -> None:
    """Outside its hours nobody minds."""
    stage = Stage(book(held("office"), venue=venue(OFFICE)))
    stage.say(DoorOpened(at=at(MINUTE), point="d1"))
    stage.say(DoorClosed(at=at(8 * MINUTE), point="d1"))
    stage.tick(30 * MINUTE)
    assert stage.changes() == []


def test_until_a_time_of_the_schedule() -> None:
    """What has to have happened when the hours end, and what has to follow when they begin."""
    shut = Absence(after=on("door.opened"), of=on("door.closed"), until="office.closes")
    stage = Stage(book(rule(absence=shut), venue=venue(OFFICE)))
    stage.say(DoorOpened(at=at(MINUTE), point="d1"), DoorOpened(at=at(MINUTE), point="d2"))
    stage.say(DoorClosed(at=at(60 * MINUTE), point="d2"))
    stage.tick(61 * MINUTE)
    assert [(row.key, row.happened_at) for row in stage.alerts()] == [("d1", at(60 * MINUTE))]
    stage.say(DoorClosed(at=at(62 * MINUTE), point="d1"))
    stage.tick(63 * MINUTE)
    assert stage.alerts() == []


def test_a_rule_hears_the_hours_turn() -> None:
    """`schedule.opened` and `schedule.closed` are events like others."""
    opened = Match(of=on("schedule.opened"), end=on("schedule.closed"))
    stage = Stage(book(rule(match=opened, by="schedule"), venue=venue(OFFICE)))
    stage.tick(11 * MINUTE)
    assert [row.key for row in stage.alerts()] == ["office"]
    stage.tick(61 * MINUTE)
    assert stage.changes() == [Change.RAISED, Change.CLEARED]


def test_a_changed_schedule_holds_at_once() -> None:
    """And the turn that was waited for under the old one means nothing any more."""
    stage = Stage(book(denied("office"), venue=venue(OFFICE)))
    later = replace(OFFICE, opens=time(8, 30))
    changed = book(denied("office"), venue=venue(later))
    stage.step(RulesChanged(received_at=at(MINUTE), who="test", book=changed))
    refuse(stage, 20)
    assert stage.alerts() == []
    refuse(stage, 31)
    assert len(stage.alerts()) == 1


def test_the_hours_survive_a_restart() -> None:
    """From a snapshot in the middle the same follows."""
    stage = Stage(book(held("office"), venue=venue(OFFICE)))
    stage.say(DoorOpened(at=at(MINUTE), point="d1"))
    stage.tick(5 * MINUTE)
    saved = msgspec.json.decode(msgspec.json.encode(stage.engine.state), type=State)
    stage.engine = Engine(saved, lateness=LATENESS, tolerance=TOLERANCE)
    stage.tick(13 * MINUTE)
    assert len(stage.alerts()) == 1


def test_nothing_waits_for_hours_that_no_rule_asks_for() -> None:
    """A venue with schedules and no such rule ticks no more than before."""
    stage = Stage(book(rule(match=Match(of=on("access.denied"))), venue=venue(OFFICE)))
    stage.tick(10)
    assert [row for row in stage.engine.state.timers if row.what == "schedule"] == []


SPRING = datetime(2026, 3, 29, tzinfo=UTC)
"""In Berlin, 02:00 to 03:00 does not exist on this day."""
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)
"""In Berlin, 02:00 to 03:00 comes twice on this day."""


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (SPRING, 7, 15),  # 09:00 to 17:00 in summer time, two hours ahead
        (SPRING - timedelta(days=1), 8, 16),
        (AUTUMN, 8, 16),
        (AUTUMN - timedelta(days=1), 7, 15),
    ],
)
def test_the_clock_of_the_place_counts(day: datetime, opens: int, closes: int) -> None:
    """Nine o'clock is nine o'clock there, on the days of the change too."""
    office = Schedule(id="office", days=DAYS, opens=time(9), closes=time(17))
    berlin = ZoneInfo("Europe/Berlin")
    for hour in range(24):
        said = standing(office, berlin, day + timedelta(hours=hour))
        assert isinstance(said, ScheduleOpened) == (opens <= hour < closes), hour


@given(
    st.integers(0, 366 * 86_400).map(
        lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Ho_Chi_Minh", "America/St_Johns"]),
    st.sets(st.sampled_from(DAYS)),
    st.times(max_value=time(22)),
)
def test_each_turn_is_where_it_was_announced(
    t: datetime, zone: str, days: set[str], opens: time
) -> None:
    """Just before it things stand as they do, at it the other way round; without days it never opens."""
    row = Schedule(id="s", days=tuple(d for d in DAYS if d in days), opens=opens, closes=time(23))
    said = standing(row, ZoneInfo(zone), t)
    edge = said.ends_at if isinstance(said, ScheduleOpened) else said.opens_at
    if edge is None:
        assert not days
        return
    assert t < edge <= t + timedelta(days=8)
    moment = timedelta(microseconds=1)
    assert type(standing(row, ZoneInfo(zone), edge - moment)) is type(said)
    assert type(standing(row, ZoneInfo(zone), edge)) is not type(said)


def test_a_schedule_that_the_venue_lacks_is_a_mistake() -> None:
    """Named with the rule, and with what may have been meant."""
    rules = load(ROOT / "rules")
    wrong = replace(rules, rules=(replace(rules.rules[0], schedule="not ofice"),))
    name = rules.rules[0].id
    place = rules.rule_places[name]
    with pytest.raises(ConfigError) as caught:
        wrong.book(venue(OFFICE))
    assert caught.value.mistakes == (
        f'{place}: rule "{name}": venue.toml has no [[schedule]] "ofice"; add it there, or write "office"',
    )
