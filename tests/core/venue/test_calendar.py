"""Calendar and filling plan: who may enter when, and how full a zone should be."""

from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.core.venue.calendar import Calendar
from monitor.core.venue.filling_plan import persons
from monitor.core.venue.model import AccreditationClass, Congress, Milestone, Schedule, Venue

CALENDAR = Calendar(
    Venue(
        congress=Congress(id="c", name="C", timezone="Asia/Ho_Chi_Minh"),
        classes=(
            AccreditationClass(id="contractor", name="Contractor", zones=(), schedule="service"),
            AccreditationClass(id="staff", name="Staff", zones=()),
        ),
        schedules=(Schedule(id="service", days=("mon",), opens=time(5), closes=time(8)),),
    )
)
MONDAY = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
"""Five o'clock on a Monday in Ho Chi Minh City."""
ENTRY = (
    Milestone(at=MONDAY, persons=100),
    Milestone(at=MONDAY + timedelta(minutes=10), persons=300),
)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-1, False), (0, True), (179, True), (180, False), (1441, False)]
)
def test_hours_are_in_the_time_zone_of_the_congress(minutes: float, expected: bool) -> None:
    """The hours are from the minute of opening to the minute of closing, on that day."""
    assert CALENDAR.in_hours("contractor", MONDAY + timedelta(minutes=minutes)) is expected


@pytest.mark.parametrize("name", ["staff", "unknown"])
def test_a_class_without_hours_may_enter_at_any_time(name: str) -> None:
    """A class without hours may enter at any time; whether it may enter that zone at all is another question."""
    assert CALENDAR.in_hours(name, MONDAY - timedelta(hours=5))


@pytest.mark.parametrize(("minutes", "expected"), [(-1, None), (0, 100), (5, 200), (10, None)])
def test_the_plan_is_a_straight_line_between_its_milestones(
    minutes: float, expected: float | None
) -> None:
    """There is no plan before the first milestone, or from the last one on."""
    assert persons(ENTRY, MONDAY + timedelta(minutes=minutes)) == expected


def test_without_milestones_nothing_is_planned() -> None:
    """A zone that has no plan is neither ahead nor behind."""
    assert persons((), MONDAY) is None
