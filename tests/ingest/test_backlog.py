"""A backlog is processed in parts, between which everything else has its turn: the watchdog is never starved."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.app.runfile import Lag
from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.core.inputs import RulesChanged, Tick
from monitor.ingest.clock_loop import STEP_LIMIT, ClockLoop
from monitor.mqtt import Message
from tests.support.monitor import Monitor
from tests.support.pipeline import (
    START,
    PipelineHarness,
    copy_as_killed,
    event_payload,
    trial_rule_set,
)
from tests.support.servers import Mosquitto, eventually

LEFT = 3 * STEP_LIMIT + 7
NIGHT = timedelta(hours=8)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline that was stopped in the evening, with rules in force."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


def night(line: PipelineHarness, count: int = LEFT) -> list[Message]:
    """What a door has sent every few seconds of the night: it opens, and closes again."""
    every = NIGHT / count
    return [
        line.sent(
            "venue/centre/door/d1",
            event_payload(
                f"door.{'closed' if n % 2 else 'opened'}", START + n * every, point="d1", id=str(n)
            ),
        )
        for n in range(count)
    ]


def catch_up(line: PipelineHarness, limit: int = STEP_LIMIT) -> None:
    """Start in the morning, and take in all that the broker had kept."""
    line.clock.time = now = START + NIGHT
    event = MonitorStarted(at=now, downtime_s=NIGHT.total_seconds(), step_limit=limit)
    line.pipeline.notice(event)
    messages = night(line)
    for first in range(0, len(messages), 500):
        line.take(*messages[first : first + 500])
    line.pipeline.notice(MonitorCaughtUp(at=line.clock.time))


@asynccontextmanager
async def running(loop: ClockLoop) -> AsyncIterator[None]:
    """The clock loop, as the monitor runs it."""
    task = asyncio.create_task(loop.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def waiting(line: PipelineHarness) -> int:
    """How many events wait."""
    return len(line.engine.state.time.waiting)


def figure(monitor: Monitor, line: PipelineHarness) -> float | None:
    """How much is left, as the metrics say it."""
    monitor.status.update_metrics()
    return line.metrics.registry.get_sample_value("venue_backlog_left")


def test_without_a_limit_one_step_takes_the_whole_backlog(line: PipelineHarness) -> None:
    """So it was: nothing else had its turn until the last event was processed."""
    catch_up(line, limit=0)
    assert not line.engine.state.time.is_cut
    assert waiting(line) < STEP_LIMIT  # what the monitor has noticed just now


async def test_everything_else_has_its_turn_between_two_parts(line: PipelineHarness) -> None:
    """Whoever looks each time that it is their turn sees no more processed than one part, and never a stop."""
    catch_up(line)
    monitor = Monitor(line)
    seen = [waiting(line)]
    assert LEFT - STEP_LIMIT <= seen[0] < LEFT
    async with running(monitor.clock_loop):
        while line.engine.state.time.is_cut:
            ticked_at = monitor.clock_loop.ticked_at
            await asyncio.sleep(0)
            assert monitor.clock_loop.ticked_at >= ticked_at
            seen.append(waiting(line))
    assert all(0 <= before - after <= STEP_LIMIT for before, after in pairwise(seen))
    assert len(seen) > LEFT // STEP_LIMIT


async def test_it_is_said_what_is_left_until_all_is_processed(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Health, the run file and the metrics say that the monitor catches up, and how many events are left."""
    monitor, counts = Monitor(line, broker=mosquitto.address), list[int]()
    async with monitor.inbox as inbox:
        await eventually(lambda: inbox.connected)
        monitor.connection.check()
        catch_up(line)
        async with running(monitor.clock_loop):
            while (health := monitor.status.health()).catching_up:
                counts.append(health.left)
                said = f"the monitor is catching up, {health.left:,} events left"
                since = line.engine.state.time.watermark
                assert monitor.status.lag() == Lag(since=since, reason=said)
                assert figure(monitor, line) == health.left
                await asyncio.sleep(0)
        assert (health.left, monitor.status.lag(), figure(monitor, line)) == (0, None, 0)
    assert counts == sorted(counts, reverse=True)
    assert counts[0] < LEFT
    assert counts[-1] > 0


def test_what_comes_meanwhile_is_late_only_if_its_time_has_passed(line: PipelineHarness) -> None:
    """What belongs into the part that is left takes its place there; what is older counts as late."""
    catch_up(line)
    time = line.engine.state.time
    assert time.is_cut
    before, watermark = waiting(line), time.watermark
    old = event_payload("door.tamper", watermark - timedelta(minutes=1), point="d1", active=True)
    line.take(line.sent("venue/centre/door/d1", old))
    late = {alert.rule: alert.late for alert in line.journal.alerts()}
    assert late["door-tamper"]
    assert waiting(line) == before
    new = event_payload("door.opened", watermark + timedelta(minutes=1), point="d1", id="in time")
    line.take(line.sent("venue/centre/door/d1", new))
    assert waiting(line) == before + 1
    assert time.watermark == watermark


@pytest.mark.parametrize("parts", [0, 1, 2])
def test_a_kill_between_two_parts_changes_nothing(tmp_path: Path, parts: int) -> None:
    """The next start goes on with the part at which the monitor was killed."""
    with PipelineHarness(tmp_path / "whole" / "journal.db") as line:
        catch_up(line)
        line.wait(10)
        expected = [row.transition for row in line.journal.transitions(0, 1_000_000)]
    with PipelineHarness(tmp_path / "journal.db") as line:
        catch_up(line)
        for _ in range(parts):
            assert line.engine.state.time.is_cut
            line.pipeline.tick(Tick(received_at=line.clock.time))
        left = copy_as_killed(line.journal.path, tmp_path / "left" / "journal.db")
    with PipelineHarness(left, now=START + NIGHT) as line:
        line.wait(10)
        assert [row.transition for row in line.journal.transitions(0, 1_000_000)] == expected
        assert waiting(line) == 0


def test_a_large_venue_is_announced_in_parts(tmp_path: Path, line: PipelineHarness) -> None:
    """A change of the venue announces each device, and no more in one step than its limit; a kill loses none."""
    now, rules = line.clock.time, trial_rule_set()
    known, count = rules.venue.devices, 2 * STEP_LIMIT
    devices = (*known, *(replace(known[0], id=f"further-{n}") for n in range(count)))
    venue = replace(rules.venue, devices=devices)
    line.pipeline.notice(MonitorStarted(at=now, step_limit=STEP_LIMIT))
    line.pipeline.notice(MonitorCaughtUp(at=now))
    changed = RulesChanged(received_at=now, who="ann", rule_set=replace(rules, venue=venue))
    line.pipeline.submit(changed)
    left = len(line.engine.state.rules.expected)
    assert count - STEP_LIMIT <= left < count
    copy = copy_as_killed(line.journal.path, tmp_path / "left" / "journal.db")
    line.pipeline.tick(Tick(received_at=now))
    assert len(line.engine.state.rules.expected) == left - STEP_LIMIT
    for each in (line, PipelineHarness(copy, rule_set=changed.rule_set)):
        each.wait(10)
        state = each.engine.state
        assert state.rules.expected == []
        assert {row.id for row in devices} <= state.devices.liveness.keys()
        if each is not line:
            each.journal.close()
