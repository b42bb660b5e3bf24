"""What a title shows of an event."""

import msgspec

from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.events.monitor_delivery import MonitorSinkAway
from monitor.core.events.work import ReadingRecorded
from monitor.core.phrase import phrase
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


DENIED = rule(
    title="{holder}|{n}|{point_kind}|{zone}|{reason}", match=Match(of=on("access.denied"))
)


def test_an_events_own_value_comes_before_its_places() -> None:
    """What an event leaves out, its place may have; what neither has is empty."""
    harness = EngineHarness(rule_set(DENIED))
    event = AccessDenied(at=at(0), point="d1", holder="h1", reason="passback")
    harness.receive(event)

    assert open_alert(harness).values == {
        "holder": "h1",
        "n": "1",
        "point_kind": "door",
        "zone": "hall",
        "reason": "passback",
    }

    harness = EngineHarness(rule_set(DENIED))
    harness.receive(AccessDenied(at=at(0), point="nowhere", reason="passback"))

    assert open_alert(harness).values == {
        "holder": "",
        "n": "1",
        "point_kind": "",
        "zone": "",
        "reason": "passback",
    }


def test_a_computed_value_is_shown() -> None:
    """What a rule can compare, its title can show."""
    read = rule(by="asset", title="{asset}: {reading}", match=Match(of=on("reading.recorded")))
    harness = EngineHarness(rule_set(read))
    harness.receive(
        ReadingRecorded(at=at(0), asset="tank", quantity="level", value=4.5, unit="bar")
    )

    assert open_alert(harness).values == {"asset": "tank", "reading": "4.5 bar"}


def test_a_reason_is_the_sentence_where_there_is_one() -> None:
    """The sentence is worded for each reader; in journals of older versions there is only the text."""
    away = rule(by="sink", title="{sink}: {reason}", match=Match(of=on("monitor.sink_away")))
    why = phrase("cause-refused")
    for given, shown in ((why, why), (None, "refused")):
        harness = EngineHarness(rule_set(away))
        harness.notice(MonitorSinkAway(at=at(0), sink="s", reason="refused", phrase=given))
        assert open_alert(harness).values == {"sink": "s", "reason": shown}
