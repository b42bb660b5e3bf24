"""What a title shows of an event."""

import msgspec

from monitor.core.events import ReceivedEvent
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.rules.model import Match, Rule
from tests.support.engine import EngineHarness, at, on, rule, rule_set
from tests.support.forced_door import open_alert


def test_the_title_describes_the_latest_occurrence() -> None:
    """The title is that of the latest occurrence; an earlier one that arrives late does not change it."""
    by_zone = rule(by="zone", title="{device} says {alarm}", match=Match(of=on("door.alarm")))
    harness = EngineHarness(rule_set(by_zone))
    for seconds, device in ((0, "r1"), (10, "r2"), (5, "r3")):
        event = DoorAlarmChanged(at=at(seconds), point="d1", device=device, alarm="forced_open")
        harness.receive(event, seconds=10 + seconds)

    assert open_alert(harness).title == "r2 says forced open"
    assert open_alert(harness).values == {"device": "r2", "alarm": "forced_open"}
    assert open_alert(harness).occurrences == 3


def test_times_in_a_title_are_in_utc() -> None:
    """Titles show UTC, whatever time zone the sender used."""
    found: Rule = rule(
        by="inspection", title="due {due_at}", match=Match(of=on("inspection.scheduled"))
    )
    harness = EngineHarness(rule_set(found))
    event = msgspec.convert(
        {
            "type": "inspection.scheduled",
            "at": at(0),
            "checklist": "check",
            "inspection": "i1",
            "due_at": "2026-06-01T07:30:00+07:00",
        },
        ReceivedEvent,
    )
    harness.receive(event)

    assert open_alert(harness).title == "due 1 June 00:30"
