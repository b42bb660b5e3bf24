"""When the monitor has caught up: after the backlog of the broker, and not after everything else that arrives."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.ingest.connection_status import SETTLED
from monitor.mqtt import Publisher
from tests.support.monitor import Monitor
from tests.support.pipeline import PipelineHarness, event_payload
from tests.support.servers import Mosquitto, eventually


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


async def test_own_messages_are_no_backlog(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """The monitor keeps receiving what it publishes; after an old event this does not count as more backlog."""
    line.pipeline.notice(MonitorStarted(at=line.clock.time))
    monitor = Monitor(line, broker=mosquitto.address)
    async with monitor.inbox as inbox, Publisher(mosquitto.address, "writer") as publisher:
        loops = [
            asyncio.create_task(loop.run()) for loop in (monitor.intake_loop, monitor.clock_loop)
        ]
        await eventually(lambda: inbox.connected)
        old = event_payload("door.opened", line.clock.time - timedelta(hours=1), point="d1")
        await publisher.publish("venue/centre/door/d1", old)
        await eventually(lambda: line.pipeline.behind == timedelta(hours=1))

        async def publish_heartbeats() -> None:
            while True:
                await publisher.publish("venue/congress/monitor/heartbeat", b"{}")
                await asyncio.sleep(SETTLED / 10)

        loops.append(asyncio.create_task(publish_heartbeats()))
        await eventually(lambda: not monitor.status.health().catching_up, 4 * SETTLED)
        for task in loops:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_health_says_how_much_is_left(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """What was taken from the broker and waits for its turn is counted while the monitor catches up."""
    line.pipeline.notice(MonitorStarted(at=line.clock.time))
    status = Monitor(line, broker=mosquitto.address).status
    before = status.health().left
    for n in range(3):
        sent = event_payload("door.opened", line.clock.time, point="d1", id=str(n))
        line.take(line.sent("venue/centre/door/d1", sent))
    health = status.health()
    assert (health.catching_up, health.left) == (True, before + 3)
    line.pipeline.notice(MonitorCaughtUp(at=line.clock.time))
    health = status.health()
    assert (health.catching_up, health.left) == (False, 0)
