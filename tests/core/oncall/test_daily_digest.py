"""The daily digest: once a day, each of its people gets one page about how things stand."""

from pathlib import Path

import pytest

from monitor.core.events.monitor import MonitorClockStepped
from monitor.core.inputs import Notice
from monitor.core.state import snapshot
from monitor.core.transitions import PageOrdered
from tests.support.story import ROSTER, Story

DISABLED = "[daily]\nenabled = false\n"


def story(
    folder: Path, daily: str = "", *, timezone: str = "UTC", day: str = "2026-01-01"
) -> Story:
    """A story with a daily digest as the roster says."""
    roster = ROSTER.read_text()
    assert DISABLED in roster
    return Story(folder, roster=roster.replace(DISABLED, daily), timezone=timezone, day=day)


def digests(of: Story) -> list[PageOrdered]:
    """Return the daily digests of a story."""
    return [page for page in of.pages if page.kind == "daily"]


def play(of: Story, *lines: str) -> None:
    """Play lines without comparing what people see."""
    for line in lines:
        clock, _, what = line.partition(" ")
        of.until(of.at(clock))
        of.happens(what, of.at(clock))


def test_it_comes_once_a_day_by_default(tmp_path: Path) -> None:
    """Without a table in the roster, those whom the fallback notifies get it at eight, local time."""
    found = story(tmp_path, timezone="Asia/Ho_Chi_Minh")
    found.day = "2026-01-03"
    play(found, "12:00:00 that is all")
    local = [(page.person, page.at.astimezone(found.zone).isoformat()) for page in digests(found)]
    assert local == [("dung", f"2026-01-0{day}T08:00:00+07:00") for day in (1, 2, 3)]
    assert len({page.id for page in digests(found)}) == 3


def test_the_roster_names_time_and_people(tmp_path: Path) -> None:
    """A team means who is on call in it at that time; a switched-off digest is not sent."""
    found = story(tmp_path, '[daily]\nat = "06:30"\nnotify = ["@guards", "dung"]\n')
    play(found, "12:00:00 that is all")
    assert {page.at for page in digests(found)} == {found.at("06:30:00")}
    people = [page.person for page in digests(found)]
    assert people[-1] == "dung"
    assert len(set(people)) == len(people) >= 2
    assert all(set(page.others) == set(people) - {page.person} for page in digests(found))

    off = Story(tmp_path)
    play(off, "12:00:00 that is all")
    assert digests(off) == []


def test_it_says_how_things_stand(tmp_path: Path) -> None:
    """It has the open alerts by severity, what is shelved and masked, and how many pages reached no one."""
    found = story(tmp_path)
    play(
        found,
        "07:00:00 d1 is forced",
        "07:01:00 fire in hall",
        "07:02:00 the page to anna can't be delivered",
        "07:03:00 anna shelves d1 until 09:00:00",
        "07:04:00 anna masks d1 until 10:00:00",
        "09:30:00 that is all",
    )
    (page,) = digests(found)
    assert page.daily is not None
    assert page.daily.severities == {"life_safety": 1, "critical": 1}
    assert [row.key for row in page.daily.shelved] == ["d1"]
    assert [(row.point, row.owner) for row in page.daily.masks] == [("d1", "anna")]
    assert page.daily.undelivered == 1
    assert page.daily.more == 0
    assert [row.severity for row in page.alerts] == ["life_safety", "critical"]
    zones = [row for rows in page.daily.zones.values() for row in rows]
    known = {row.zone for row in found.engine.state.readiness.statuses.values() if row.zone}
    assert set(zones) == known

    found.day = "2026-01-02"
    play(found, "09:00:00 that is all")
    again = digests(found)[-1].daily
    assert again is not None
    assert again.undelivered == 0, "only since the digest before"


def test_a_duress_alarm_is_not_in_it(tmp_path: Path) -> None:
    """Only the people of the silent policy know of it, and the fallback is not among them."""
    found = story(tmp_path)
    play(found, "07:00:00 duress at d1", "09:00:00 that is all")
    (page,) = digests(found)
    assert page.alerts == ()
    assert page.daily is not None
    assert page.daily.severities == {}


def test_a_digest_that_was_due_while_the_monitor_was_down_comes_late(tmp_path: Path) -> None:
    """Of several, one comes at the start; a snapshot keeps when the next one is due."""
    found = story(tmp_path)
    play(found, "07:00:00 the monitor stops")
    found.day = "2026-01-03"
    play(found, "10:00:00 the monitor starts", "11:00:00 that is all")
    assert [page.at for page in digests(found)] == [found.at("10:00:00")]
    state = snapshot.decode(snapshot.encode(found.engine.state))
    assert state.paging.digest_due == found.engine.state.paging.digest_due is not None


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_step_of_the_clock_moves_no_time_of_day(tmp_path: Path, hours: int) -> None:
    """After a step of an hour across its time, the digest has come once that day."""
    found = story(tmp_path)
    play(found, "07:30:00 that is all")
    if hours < 0:
        play(found, "08:10:00 that is all")
    before = found.engine.state.time.now
    at = found.at("07:10:00") if hours < 0 else found.at("08:30:00")
    step = MonitorClockStepped(at=at, host="vm", by_s=(at - before).total_seconds())
    found.step(Notice(received_at=at, event=step))
    play(found, "12:00:00 that is all")
    assert len(digests(found)) == 1


def test_a_change_of_the_roster_repeats_nothing(tmp_path: Path) -> None:
    """A roster that is read again, or planned anew, sends no second digest and skips none."""
    found = story(tmp_path)
    roster = (tmp_path / "roster.toml").read_text()
    for clock in ("07:59:59", "08:00:00", "08:00:01"):
        play(found, f"{clock} that is all")
        found.call(roster.replace('"Anna"', f'"Anna {clock}"'))
    play(found, "09:00:00 that is all")
    assert len(digests(found)) == 1
