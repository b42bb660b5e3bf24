"""The pager's memory stays small whatever happens, without dropping anything."""

from datetime import timedelta
from pathlib import Path

from monitor.core.events.commands import StaffAcknowledge
from monitor.core.oncall.pages import MOST_HELD, SPARE_TIMERS
from tests.support.engine import rule
from tests.support.story import DOOR, Story, forced


def test_replaced_timers_are_removed(tmp_path: Path) -> None:
    """Each acknowledgement sets another timer, and the replaced ones are removed."""
    story = Story(tmp_path)
    began = story.at("20:00:00")
    forced(story, began, "d1")
    at = began
    for n in range(SPARE_TIMERS + 500):
        at += timedelta(milliseconds=1)
        event = StaffAcknowledge(at=at, who=("anna", "chi")[n % 2], alert=story.alert("d1"))
        story.arrive(event, at=at)

    paging = story.engine.state.paging
    assert len(paging.timers) <= SPARE_TIMERS + 2
    assert paging.escalations[story.alert("d1")].due == at + timedelta(minutes=15)
    assert any(row.due == at + timedelta(minutes=15) for row in paging.timers)


def test_a_full_digest_queue_is_sent_at_once(tmp_path: Path) -> None:
    """A full queue is sent with the most severe alerts in full, and only the ids of all others."""
    rules = {f"r{n}": rule(id=f"r{n}", severity="medium", match=DOOR) for n in range(5)}
    story = Story(
        tmp_path,
        rules={**rules, "forced": rule(id="forced", severity="low", match=DOOR)},
        doors=MOST_HELD // len(rules),
    )
    began = story.at("23:00:00")
    for n in range(MOST_HELD // len(rules)):
        forced(story, began, f"x{n}")
    story.until(began + timedelta(minutes=1))

    (page,) = story.pages
    assert (page.person, page.kind) == ("anna", "digest")
    found = {*(row.id for row in page.alerts), *page.more}
    assert MOST_HELD <= len(found) == len(page.alerts) + len(page.more) <= MOST_HELD + len(rules)
    assert {row.severity for row in page.alerts} == {"medium"}
    waiting = {alert for bag in story.engine.state.paging.queues.values() for alert in bag.rows}
    assert found | waiting == set(story.engine.state.alerts.open)
