"""What the pager remembers stays small, whatever happens, and nothing is dropped for it."""

from datetime import timedelta
from pathlib import Path

from monitor.core.events.commands import StaffAcknowledge
from monitor.core.oncall.pages import MOST_HELD, SPARE_TIMERS
from tests.support.engine import rule
from tests.support.story import DOOR, Story, forced


def test_timers_that_were_overtaken_are_thrown_away(tmp_path: Path) -> None:
    """Each «mine» sets another one."""
    story = Story(tmp_path)
    began = story.moment("20:00:00")
    forced(story, began, "d1")
    at = began
    for n in range(SPARE_TIMERS + 500):
        at += timedelta(milliseconds=1)
        said = StaffAcknowledge(at=at, who=f"guard-{n % 2}", alert=story.alert("d1"))
        story.say(said, at=at)

    paging = story.engine.state.paging
    assert len(paging.timers) <= SPARE_TIMERS + 2
    assert paging.climbs[story.alert("d1")].due == at + timedelta(minutes=15)
    assert any(row.due == at + timedelta(minutes=15) for row in paging.timers)


def test_a_full_bag_goes_out_without_waiting_for_more(tmp_path: Path) -> None:
    """The worst in full, of all others the ids."""
    rules = {f"r{n}": rule(id=f"r{n}", severity="medium", match=DOOR) for n in range(5)}
    story = Story(
        tmp_path, rules={**rules, "forced": rule(id="forced", severity="low", match=DOOR)}
    )
    began = story.moment("23:00:00")
    for n in range(MOST_HELD // len(rules)):
        forced(story, began, f"x{n}")
    story.until(began + timedelta(minutes=1))

    (page,) = story.pages
    assert (page.person, page.kind) == ("anna", "digest")
    told = {*(row.id for row in page.alerts), *page.more}
    assert MOST_HELD <= len(told) == len(page.alerts) + len(page.more) <= MOST_HELD + len(rules)
    assert {row.severity for row in page.alerts} == {"medium"}
    waiting = {alert for bag in story.engine.state.paging.bags.values() for alert in bag.rows}
    assert told | waiting == set(story.engine.state.alerts)
