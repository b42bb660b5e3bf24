"""Gaps of the monitor: while it is stopped, paused or disconnected, no one is silent."""

from collections.abc import Callable

import pytest

from monitor.core.alert import Change
from monitor.core.engine.gap import NEVER_LATER
from monitor.core.events import ReceivedEvent
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorDisconnected,
    MonitorPaused,
    MonitorStarted,
)
from monitor.core.events.people import PostManned
from monitor.core.events.work import ActionOpened, ReadingRecorded
from monitor.core.rules.model import Absence
from monitor.core.state import snapshot
from tests.support.engine import RULE_SET, EngineHarness, at, on, rule, rule_set

GAP = 86_400.0
"""A day, longer than any limit below."""


def reading(seconds: float) -> ReadingRecorded:
    """A reading of a rack, half an hour after which the rack is silent."""
    return ReadingRecorded(
        at=at(seconds), asset="rack-1", quantity="rack-inlet", value=20, unit="celsius"
    )


def manned(seconds: float) -> PostManned:
    """A post, which is to be confirmed within 12 hours."""
    return PostManned(at=at(seconds), post="p1", who="ann", zone="hall")


def heartbeat(seconds: float) -> DeviceHeartbeat:
    """A device that is silent after a minute."""
    return DeviceHeartbeat(at=at(seconds), device="r1")


Case = tuple[str, Callable[[float], ReceivedEvent], float, float]
CASES: list[Case] = [
    ("rack-silent", reading, 1800.0, 60.0),
    ("post-unconfirmed", manned, 43_200.0, 60.0),
    ("device-silent", heartbeat, 60.0, 0.0),
]
"""Rule, report, limit, and how much of the limit has passed before the gap; a device has its full limit after one."""


def through(harness: EngineHarness, kind: str, since: float) -> float:
    """Go through a gap of one kind; return when it ends."""
    end = since + GAP
    match kind:
        case "stopped":
            harness.notice(MonitorStarted(at=at(end), downtime_s=GAP))
            harness.notice(MonitorConnected(at=at(end), broker="b"))
        case "paused":
            row = MonitorPaused(at=at(end), host="h", paused_s=GAP, cause="process")
            harness.notice(row)
        case _:
            harness.notice(MonitorDisconnected(at=at(since), broker="b"))
            for seconds in range(int(since), int(end), 600):
                harness.tick(seconds)
            harness.engine.state.devices = snapshot.decode(
                snapshot.encode(harness.engine.state)
            ).devices
            harness.notice(MonitorConnected(at=at(end), broker="b"))
    harness.notice(MonitorCaughtUp(at=at(end + 1)))
    return end


@pytest.mark.parametrize("kind", ["stopped", "paused", "disconnected"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_nobody_is_silent_while_we_were_away(case: Case, kind: str) -> None:
    """A report has what was left of its time once the monitor is back; whoever stays silent is then reported."""
    name, report, limit, passed = case
    harness = EngineHarness(RULE_SET)
    harness.receive(report(0), seconds=0)
    harness.tick(10)
    end = through(harness, kind, 60.0 if passed else 10.0)
    due = end + limit - passed

    harness.tick(due - 5)
    assert harness.changes(name) == []

    harness.tick(due + 20)
    assert harness.changes(name) == ["raised"]


def test_a_report_that_the_broker_kept_counts_as_before() -> None:
    """A reading taken during the gap, and delivered after it, starts its own wait."""
    harness = EngineHarness(RULE_SET)
    harness.receive(reading(0), seconds=0)
    harness.tick(10)
    harness.notice(MonitorStarted(at=at(GAP), downtime_s=GAP - 60))
    harness.notice(MonitorConnected(at=at(GAP), broker="b"))
    harness.receive(reading(GAP - 600), seconds=GAP + 1)
    harness.notice(MonitorCaughtUp(at=at(GAP + 2)))
    harness.tick(GAP + 1190)
    assert harness.changes("rack-silent") == []

    harness.tick(GAP + 1210)
    assert harness.changes("rack-silent") == ["raised"]


def test_frequent_gaps_hide_no_silence() -> None:
    """Connections that break again and again delay a report by no more than they last."""
    harness = EngineHarness(RULE_SET)
    harness.receive(reading(0), seconds=0)
    for n in range(60, 3600, 60):
        harness.notice(MonitorDisconnected(at=at(n), broker="b"))
        harness.notice(MonitorConnected(at=at(n + 30), broker="b"))
        harness.notice(MonitorCaughtUp(at=at(n + 31)))
    harness.tick(3700)
    (alert,) = harness.alerts("rack-silent")

    assert at(3500) < alert.happened_at < at(3640)


@pytest.mark.parametrize("severity", sorted(NEVER_LATER))
def test_danger_does_not_wait_for_us(severity: str) -> None:
    """After a fire alarm it is better to ask at once whether anyone has reported than to wait for our own gap."""
    waiting = rule(
        severity=severity,
        absence=Absence(after=on("reading.recorded"), of=on("certificate.issued"), within="5m"),
        by="asset",
    )
    harness = EngineHarness(rule_set(waiting))
    harness.receive(reading(0), seconds=0)
    harness.tick(10)
    harness.notice(MonitorDisconnected(at=at(60), broker="b"))
    harness.tick(310)

    assert harness.changes() == ["raised"]


def test_a_date_does_not_move() -> None:
    """Work that is due at a time is due then, whether or not the monitor was there."""
    harness = EngineHarness(RULE_SET)
    opened = ActionOpened(
        at=at(0), action="a1", kind="repair", severity="impairment", due_at=at(600), zone="hall"
    )
    harness.receive(opened, seconds=0)
    harness.tick(10)
    end = through(harness, "stopped", 60)
    harness.tick(end + 10)
    (alert,) = harness.alerts("impairment-past-due")

    assert alert.happened_at == at(600)


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_first_start_takes_no_backlog_for_silence(goes_on: bool) -> None:
    """A session may hold hours of messages, and no journal says so: who goes on sending is not silent."""
    harness = EngineHarness(RULE_SET)
    harness.notice(MonitorStarted(at=at(0)))
    harness.notice(MonitorConnected(at=at(0)))
    for minute in range(8 * 60):
        harness.receive(heartbeat(60.0 * minute - 8 * 3_600), seconds=minute / 1_000)
    harness.notice(MonitorCaughtUp(at=at(1)))
    for second in range(10, 200, 30) if goes_on else ():
        harness.receive(heartbeat(second))
    harness.tick(200)
    assert harness.changes("device-silent") == ([] if goes_on else [Change.RAISED])
