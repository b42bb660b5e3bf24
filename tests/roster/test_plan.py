"""The plan: rotations, calendars and quiet hours as times in UTC, and their mistakes."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from monitor.core.oncall.on_call import on_call
from monitor.core.phrase import phrase
from monitor.core.roster import Person, Roster, Shift, Trouble
from monitor.core.transitions import Override
from monitor.roster import RosterFile, calendar, read_roster, rotation
from monitor.roster.file import CalendarTable, DailyHours, Rotation
from monitor.roster.plan import gaps, plan, window
from tests.support.engine import VENUE
from tests.support.story import ROSTER

BERLIN, HANOI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)
"""Two days before Berlin's clocks go forward."""


def utc(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def turns(found: Rotation, zone: ZoneInfo, begin: str, end: str) -> list[str]:
    """The shifts in local time."""
    return [
        f"{row.person} {row.starts.astimezone(zone):%d %H:%M} {row.ends.astimezone(zone):%d %H:%M}"
        for row in rotation.shifts(found, zone, (utc(begin), utc(end)))
    ]


def by_turns(**parts: object) -> Rotation:
    """A rotation of two people, twelve hours each."""
    fields = {"team": "guards", "people": ("anna", "bao"), "shift": timedelta(hours=12)}
    return Rotation(**{**fields, "starts": datetime(2026, 3, 27, 7, 0), **parts})  # type: ignore[arg-type] # noqa: DTZ001


def test_a_handover_is_at_its_local_time() -> None:
    """Handovers are at seven and seven, also on a day of 23 hours; no one is on call twice, and there is no gap."""
    found = turns(by_turns(), BERLIN, "2026-03-28T12:00", "2026-03-29T18:00")

    assert found == [
        "anna 28 07:00 28 19:00",
        "bao 28 19:00 29 07:00",
        "anna 29 07:00 29 19:00",
        "bao 29 19:00 30 07:00",
    ]
    rows = list(rotation.shifts(by_turns(), BERLIN, (utc("2026-03-27T12:00"), utc("2026-11-30"))))
    assert [row.ends for row in rows[:-1]] == [row.starts for row in rows[1:]]
    lengths = {row.ends - row.starts for row in rows}
    assert lengths == {timedelta(hours=hours) for hours in (11, 12, 13)}


def test_a_rotation_may_cover_part_of_the_day() -> None:
    """A rotation of nights goes past midnight; the people still take turns by the rotation's own clock."""
    nights = DailyHours(starts=time(19, 0), ends=time(7, 0))
    found = turns(
        by_turns(shift=timedelta(days=1), starts=datetime(2026, 3, 27, 12, 0), hours=nights),  # noqa: DTZ001
        HANOI,
        "2026-03-27T00:00",
        "2026-03-29T00:00",
    )

    assert found == ["anna 27 19:00 28 07:00", "bao 28 19:00 29 07:00"]


def test_no_one_is_on_call_before_the_rotation_starts() -> None:
    """The plan begins at its start."""
    assert turns(by_turns(), HANOI, "2026-03-26T00:00", "2026-03-27T06:00") == [
        "anna 27 07:00 27 19:00"
    ]


def test_the_plan_is_the_same_all_day_long() -> None:
    """Only an edit changes the plan: the journal does not grow by the minute."""
    read = read_roster(ROSTER, VENUE)

    assert plan(read, VENUE, NOW) == plan(read, VENUE, NOW + timedelta(hours=13, minutes=59))


ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
SUMMARY:anna
DTSTART;TZID=Europe/Berlin:20260326T080000
DTEND;TZID=Europe/Berlin:20260326T200000
RRULE:FREQ=DAILY
EXDATE;TZID=Europe/Berlin:20260328T080000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:BAO\\, Chi
DTSTART;VALUE=DATE:20260328
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Dung
STATUS:CANCELLED
DTSTART:20260327T000000Z
DTEND:20260327T010000Z
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:Ana
DTSTART:20260327T000000
DTEND:20260327T010000
END:VEVENT
END:VCALENDAR
"""
PEOPLE = {
    name.lower(): Person(id=name.lower(), name=name) for name in ("Anna", "Bao", "Chi", "Dung")
}


def test_a_calendar_becomes_shifts() -> None:
    """Repeated events with exceptions, whole days, several names, local times; cancelled events are left out."""
    row = CalendarTable(id="medics", team="guards", file=Path("x"))
    found, strangers = calendar.shifts(
        row, ICS, PEOPLE, HANOI, (utc("2026-03-26T12:00"), utc("2026-03-30T00:00"))
    )

    assert sorted(f"{one.person} {one.starts:%d %H:%M}Z {one.ends:%d %H:%M}Z" for one in found) == [
        "anna 26 07:00Z 26 19:00Z",
        "anna 27 07:00Z 27 19:00Z",
        "anna 29 06:00Z 29 18:00Z",
        "bao 27 17:00Z 28 17:00Z",
        "chi 27 17:00Z 28 17:00Z",
    ]
    assert strangers == ["Ana"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>Please log in</html>",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:tomorrow\nEND:VEVENT\nEND:VCALENDAR\n",
        ICS.replace("FREQ=DAILY", "FREQ=SECONDLY"),
        ICS.replace("FREQ=DAILY", "FREQ=SOMETIMES"),
    ],
)
def test_an_invalid_calendar_is_refused(text: str) -> None:
    """A login page, a truncated file, an event every second: the last good copy is used."""
    with pytest.raises(calendar.CalendarError):
        calendar.check(text, NOW)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("FREQ=DAILY", "FREQ=SECONDLY", "repeats hourly or more often"),
        ("FREQ=DAILY", "FREQ=MINUTELY", "repeats hourly or more often"),
        ("FREQ=DAILY", "FREQ=DAILY;BYMINUTE=0,1,2", "repeats hourly or more often"),
        ("FREQ=DAILY", "FREQ=HOURLY", "repeats hourly or more often"),
        ("Europe/Berlin:20260326T08", "America/NewYork:20260326T08", "“America/NewYork”"),
        ("Europe/Berlin:20260326T20", "Foo/Bar:20260326T20", "“Foo/Bar”"),
    ],
)
def test_an_endless_or_ambiguous_calendar_is_refused(old: str, new: str, text: str) -> None:
    """The calendar is refused before it is expanded; the message names the event and what to write instead."""
    with pytest.raises(calendar.CalendarError, match=f"^“anna” .*{text}"):
        calendar.check(ICS.replace(old, new), NOW)


def test_gaps_are_reported() -> None:
    """Gaps are reported in full, even where they reach beyond the time that is checked."""
    rows = [
        Shift(
            team="guards",
            person="anna",
            starts=utc("2026-03-27T00:00"),
            ends=utc("2026-03-27T12:00"),
        ),
        Shift(
            team="guards",
            person="bao",
            starts=utc("2026-03-27T11:00"),
            ends=utc("2026-03-27T14:00"),
        ),
        Shift(
            team="guards",
            person="bao",
            starts=utc("2026-03-28T00:00"),
            ends=utc("2026-03-29T00:00"),
        ),
    ]
    begin, end = utc("2026-03-27T06:00"), utc("2026-03-27T20:00")

    assert list(gaps(rows, "guards", begin, end)) == [
        (utc("2026-03-27T14:00"), utc("2026-03-28T00:00"))
    ]
    assert list(gaps(rows, "guards", begin, utc("2026-03-27T14:00"))) == []


def troubles(read: RosterFile, **parts: object) -> list[Trouble]:
    """The mistakes of a roster."""
    return list(plan(read, VENUE, NOW, **parts).troubles)  # type: ignore[arg-type]


def test_every_mistake_of_a_roster_is_reported() -> None:
    """A team without a plan is a gap until a person takes the shift; a person without a channel cannot be paged."""
    read = read_roster(ROSTER, VENUE)
    no_plan = replace(read, document=replace(read.document, rotations=read.document.rotations[1:]))
    taken = Override(
        team="guards",
        person="bao",
        since=NOW - timedelta(hours=1),
        until=NOW + timedelta(days=2),
        who="bao",
    )
    no_channel = replace(read, people=(replace(read.people[0], channels=()), *read.people[1:]))

    assert troubles(read) == []
    assert troubles(no_plan) == [
        Trouble(kind="gap", subject="guards", reason=phrase("no-one-on-call", since="", until=""))
    ]
    assert troubles(no_plan, overrides={"guards": taken}) == []
    assert [(row.kind, row.subject) for row in troubles(no_channel)] == [("channel", "anna")]


def test_a_calendar_fills_the_plan() -> None:
    """A name in a calendar that is not a person of the roster is reported."""
    read = read_roster(ROSTER, VENUE)
    row = CalendarTable(id="medics", team="leaders", file=Path("x"))
    read = replace(read, document=replace(read.document, calendars=(row,)))
    found = plan(read, VENUE, NOW, {"medics": ICS})

    assert {one.why for one in found.shifts} == {"rotation", "calendar medics"}
    assert [(row.kind, row.subject) for row in found.troubles] == [("stranger", "medics")]
    assert {one.person.id for one in on_call(found, {}, "leaders", NOW)} == {"chi", "anna"}


def test_the_window_reaches_from_yesterday_to_eight_days_ahead() -> None:
    """The window reaches from yesterday to eight days ahead, whatever the time of day."""
    begin, end = window(NOW)

    assert (NOW - begin, end - NOW) == (timedelta(hours=34), timedelta(days=8, hours=14))
    assert isinstance(plan(read_roster(ROSTER, VENUE), VENUE, NOW), Roster)
