"""`schedule`: a rule is in force inside or outside the venue's hours; rules also receive the turns of the hours."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.alert import Change
from monitor.core.derive.schedules import hours_at
from monitor.core.engine.engine import Engine
from monitor.core.events.access import AccessDenied
from monitor.core.events.derived import ScheduleOpened
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Absence, Hold, Match, Rule
from monitor.core.state import snapshot
from monitor.core.state.timers import ScheduleTimer
from monitor.core.venue.model import Schedule, Venue, Weekday
from monitor.errors import ConfigError
from monitor.rules.read import load
from monitor.texts import ENGLISH
from tests.support.engine import LATENESS, TOLERANCE, VENUE, EngineHarness, at, on, rule, rule_set

DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = Schedule(id="office", days=DAYS, opens=time(8, 10), closes=time(9))  # START is 08:00 UTC
MINUTE = 60
ROOT = Path(__file__).parents[3]


def venue(*schedules: Schedule, zone: str = "UTC") -> Venue:
    """The small venue with these schedules."""
    congress = replace(VENUE.congress, timezone=zone)
    return replace(VENUE, congress=congress, schedules=schedules)


def denied(schedule: str) -> Rule:
    """A rule that fires on each refusal at a point, in these hours."""
    return rule(match=Match(of=on("access.denied")), schedule=schedule)


def held(schedule: str) -> Rule:
    """A rule that fires if a door is open for more than two minutes, in these hours."""
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="2m")
    return rule(hold=hold, schedule=schedule)


def refuse(harness: EngineHarness, minutes: float) -> None:
    """Access is denied at d1."""
    t = at(minutes * MINUTE)
    harness.receive(AccessDenied(at=t, point="d1", reason="unknown_credential", id=str(minutes)))
    harness.tick(minutes * MINUTE + 30)


@pytest.mark.parametrize(
    ("schedule", "fires"),
    [("office", [11, 60]), ("not office", [10, 61])],
    ids=["inside", "outside"],
)
def test_a_match_fires_in_its_hours_only(schedule: str, fires: list[int]) -> None:
    """An event at the very instant of a turn is handled before it, as before every timer."""
    for minute in (10, 11, 60, 61):
        harness = EngineHarness(rule_set(denied(schedule), venue=venue(OFFICE)))
        refuse(harness, minute)
        assert bool(harness.alerts()) == (minute in fires), minute


def test_a_hold_needs_its_condition_and_its_hours() -> None:
    """A door that was open before counts from when the hours begin, and the alert is over when they end."""
    harness = EngineHarness(rule_set(held("office"), venue=venue(OFFICE)))
    harness.receive(DoorOpened(at=at(MINUTE), point="d1"))
    harness.tick(11.5 * MINUTE)
    assert harness.alerts() == []
    harness.tick(12.5 * MINUTE)
    (alert,) = harness.alerts()
    assert alert.happened_at == at(12 * MINUTE)
    harness.tick(61 * MINUTE)
    assert harness.alerts() == []
    assert harness.changes() == [Change.RAISED, Change.CLEARED]
    harness.tick((24 * 60 + 12.5) * MINUTE)
    assert len(harness.alerts()) == 1, "the door is still open when the hours begin again"


def test_a_hold_outside_its_hours_is_ignored() -> None:
    """No limit applies outside the rule's hours."""
    harness = EngineHarness(rule_set(held("office"), venue=venue(OFFICE)))
    harness.receive(DoorOpened(at=at(MINUTE), point="d1"))
    harness.receive(DoorClosed(at=at(8 * MINUTE), point="d1"))
    harness.tick(30 * MINUTE)
    assert harness.changes() == []


def test_an_absence_follows_a_schedule() -> None:
    """An absence covers what must have happened when the hours end, and what must follow when they begin."""
    shut = Absence(after=on("door.opened"), of=on("door.closed"), until="office.closes")
    harness = EngineHarness(rule_set(rule(absence=shut), venue=venue(OFFICE)))
    harness.receive(DoorOpened(at=at(MINUTE), point="d1"), DoorOpened(at=at(MINUTE), point="d2"))
    harness.receive(DoorClosed(at=at(60 * MINUTE), point="d2"))
    harness.tick(61 * MINUTE)
    assert [(row.key, row.happened_at) for row in harness.alerts()] == [("d1", at(60 * MINUTE))]
    harness.receive(DoorClosed(at=at(62 * MINUTE), point="d1"))
    harness.tick(63 * MINUTE)
    assert harness.alerts() == []


def test_a_rule_receives_the_turns() -> None:
    """`schedule.opened` and `schedule.closed` are events like others."""
    opened = Match(of=on("schedule.opened"), end=on("schedule.closed"))
    harness = EngineHarness(rule_set(rule(match=opened, by="schedule"), venue=venue(OFFICE)))
    harness.tick(11 * MINUTE)
    assert [row.key for row in harness.alerts()] == ["office"]
    harness.tick(61 * MINUTE)
    assert harness.changes() == [Change.RAISED, Change.CLEARED]


def test_a_changed_schedule_applies_at_once() -> None:
    """The turn that was awaited under the old schedule no longer has any effect."""
    harness = EngineHarness(rule_set(denied("office"), venue=venue(OFFICE)))
    later = replace(OFFICE, opens=time(8, 30))
    changed = rule_set(denied("office"), venue=venue(later))
    harness.step(RulesChanged(received_at=at(MINUTE), who="test", rule_set=changed))
    refuse(harness, 20)
    assert harness.alerts() == []
    refuse(harness, 31)
    assert len(harness.alerts()) == 1


def test_the_hours_survive_a_restart() -> None:
    """A restart from a snapshot in the middle gives the same result."""
    harness = EngineHarness(rule_set(held("office"), venue=venue(OFFICE)))
    harness.receive(DoorOpened(at=at(MINUTE), point="d1"))
    harness.tick(5 * MINUTE)
    saved = snapshot.decode(snapshot.encode(harness.engine.state))
    harness.engine = Engine(saved, lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
    harness.tick(13 * MINUTE)
    assert len(harness.alerts()) == 1


def test_no_timer_is_set_for_hours_without_a_rule() -> None:
    """A venue with schedules and no such rule needs no more ticks than before."""
    harness = EngineHarness(
        rule_set(rule(match=Match(of=on("access.denied"))), venue=venue(OFFICE))
    )
    harness.tick(10)
    assert [row for row in harness.engine.state.time.timers if isinstance(row, ScheduleTimer)] == []


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
def test_hours_are_local_time(day: datetime, opens: int, closes: int) -> None:
    """Nine o'clock is nine o'clock local time, even on the days when the clocks change."""
    office = Schedule(id="office", days=DAYS, opens=time(9), closes=time(17))
    berlin = ZoneInfo("Europe/Berlin")
    for hour in range(24):
        found = hours_at(office, berlin, day + timedelta(hours=hour))
        assert isinstance(found, ScheduleOpened) == (opens <= hour < closes), hour


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
    """The state changes exactly at the announced time; a schedule without days never opens."""
    row = Schedule(id="s", days=tuple(d for d in DAYS if d in days), opens=opens, closes=time(23))
    found = hours_at(row, ZoneInfo(zone), t)
    edge = found.ends_at if isinstance(found, ScheduleOpened) else found.opens_at
    if edge is None:
        assert not days
        return
    assert t < edge <= t + timedelta(days=8)
    moment = timedelta(microseconds=1)
    assert type(hours_at(row, ZoneInfo(zone), edge - moment)) is type(found)
    assert type(hours_at(row, ZoneInfo(zone), edge)) is not type(found)


def test_a_schedule_that_the_venue_lacks_is_a_mistake() -> None:
    """A schedule that the venue lacks is reported with the rule and with a suggestion."""
    rules = load(ROOT / "rules")
    wrong = replace(rules, rules=(replace(rules.rules[0], schedule="not ofice"),))
    name = rules.rules[0].id
    place = rules.rule_places[name]
    with pytest.raises(ConfigError) as caught:
        wrong.rule_set(venue(OFFICE))
    assert caught.value.mistakes == (
        f'{place}: rule "{name}": venue.toml has no [[schedule]] "ofice"; add it there, or write "office"',
    )
