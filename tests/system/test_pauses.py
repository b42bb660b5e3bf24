"""Gaps of the monitor itself, in the real program: a backlog at its first start, a stop by a signal, its own clock."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.core.events.monitor import MonitorPaused, MonitorStarted
from monitor.core.inputs import Arrival, Notice
from monitor.core.transitions import AlertChanged
from monitor.deadman.heartbeat_message import heartbeat_topic
from monitor.mqtt import Publisher
from monitor.runtime.clock import SystemClock
from monitor.runtime.shared_clock import SharedClock
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import event_payload
from tests.support.servers import Mosquitto, eventually

CONTROLLER = "hall-controller"
"""It is silent after a minute without a message."""
TOPIC = f"venue/hall/device/{CONTROLLER}"
N = TypeVar("N", MonitorPaused, MonitorStarted)
START = "2026-01-01T08:00:00+00:00"
EVERY = timedelta(seconds=5)
"""Between two heartbeats."""


@pytest.fixture
def program(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[MonitorProcess]:
    """A deployment that is not started yet."""
    made = MonitorProcess(
        tmp_path,
        mosquitto.address,
        more='[time]\nlateness = "500ms"',
        rules=("devices.toml", "monitor.toml"),
    )
    yield made
    made.kill()


def heartbeat(at: datetime) -> bytes:
    """The payload of the controller's heartbeat."""
    return event_payload("device.heartbeat", at, device=CONTROLLER, id=at.isoformat())


def raised(program: MonitorProcess) -> set[tuple[str, str]]:
    """Rule and key of every alert in the journal."""
    with program.read() as journal:
        return {
            (row.transition.alert.rule, row.transition.alert.key)
            for row in journal.transitions(0, 100_000)
            if isinstance(row.transition, AlertChanged)
        }


def notices(program: MonitorProcess, kind: type[N]) -> list[N]:
    """The monitor's notices of one type in the journal."""
    with program.read() as journal:
        return [
            given.event
            for _, given in journal.inputs()
            if isinstance(given, Notice) and isinstance(given.event, kind)
        ]


def heartbeats(program: MonitorProcess) -> int:
    """How many of the controller's messages are in the journal."""
    with program.read() as journal:
        return sum(
            isinstance(given, Arrival) and given.source == TOPIC for _, given in journal.inputs()
        )


async def test_a_first_start_with_a_backlog_takes_no_device_for_silent(
    program: MonitorProcess,
) -> None:
    """The broker has kept an hour of heartbeats, and the journal is new: the device is not taken for silent."""
    with program:
        assert program.stop() == 0
    for path in program.folder.glob("journal.db*"):
        path.unlink()
    latest = SystemClock().now() - timedelta(seconds=90)
    async with Publisher(program.broker, CONTROLLER) as publisher:
        await publisher.publish(heartbeat_topic("congress"), b"", retain=True)
        await publisher.publish_many(
            (TOPIC, heartbeat(latest - timedelta(seconds=30 * n))) for n in range(120, -1, -1)
        )
    with program:
        await eventually(lambda: heartbeats(program) == 121)
        await eventually(lambda: not program.health()["catching_up"])
        await eventually(lambda: ("device-silent", CONTROLLER) in raised(program) or quiet(program))

    assert ("device-silent", CONTROLLER) not in raised(program)


def quiet(program: MonitorProcess) -> bool:
    """Return whether the watermark has passed the time of the start by more than the rule waits."""
    (started,) = notices(program, MonitorStarted)
    return SystemClock().now() - started.at > timedelta(seconds=10)


class Beating:
    """A controller that sends a heartbeat every five seconds of the monitor's clock, which it sets.

    Time passes only with a heartbeat, and while the monitor runs, only once it has taken the heartbeat in: however slow
    the machine is, the controller is never silent.
    """

    def __init__(self, program: MonitorProcess, clock: SharedClock) -> None:
        self._program = program
        self._clock = clock

    async def beat(self, times: int, *, is_heard: bool = True) -> None:
        """Send so many; without anybody who hears them, they take at least half as long as by the monitor's clock."""
        async with Publisher(self._program.broker, CONTROLLER) as publisher:
            for _ in range(times):
                before = heartbeats(self._program)
                self._clock.set(self._clock.now() + EVERY)
                await publisher.publish(TOPIC, heartbeat(self._clock.now()))
                if is_heard:
                    await eventually(lambda before=before: heartbeats(self._program) > before)  # type: ignore[misc]
                else:
                    await asyncio.sleep(EVERY.total_seconds() / self._clock.speed / 2)

    async def beat_until_caught_up(self) -> None:
        """Send as many as it takes until the monitor has caught up."""
        await self.beat(1)
        while self._program.health()["catching_up"]:
            await self.beat(1)


async def test_a_stop_of_the_process_is_nobodys_silence(program: MonitorProcess) -> None:
    """A monitor stopped for two minutes of its clock records it and pages IT; no device that went on is silent."""
    clock = SharedClock.create(program.folder / "clock", 60, datetime.fromisoformat(START))
    program.options = ("--clock", str(clock))
    controller = Beating(program, clock)
    with program:
        await controller.beat_until_caught_up()
        assert program.process is not None
        taken = heartbeats(program)
        os.kill(program.process.pid, signal.SIGSTOP)
        await controller.beat(30, is_heard=False)
        os.kill(program.process.pid, signal.SIGCONT)
        await eventually(lambda: heartbeats(program) == taken + 30)
        await controller.beat(20)
        await controller.beat_until_caught_up()

    alerts = raised(program)
    longest = max(notices(program, MonitorPaused), key=lambda row: row.paused_s)
    assert ("device-silent", CONTROLLER) not in alerts
    assert ("monitor-paused", longest.host) in alerts
    assert longest.cause == "process"
    assert longest.paused_s >= 120


def test_a_clock_of_its_own_starts_in_the_past_and_is_continued(program: MonitorProcess) -> None:
    """The journal begins at the given time, a second start goes on where it ended, and neither is a clock step."""
    program.options = ("--clock", f"1@{START}")
    for _ in range(2):
        with program:
            assert program.stop() == 0
    first, second = notices(program, MonitorStarted)

    assert first.at - datetime.fromisoformat(START) < timedelta(minutes=30)
    assert first.at < second.at < datetime(2026, 1, 2, tzinfo=UTC)
    assert second.downtime_s == pytest.approx(0, abs=60)
    assert not [rule for rule, _ in raised(program) if rule == "clock-stepped"]


def test_a_clock_set_back_while_it_was_stopped(program: MonitorProcess) -> None:
    """A journal ahead of the clock gives a critical alert and 503 with the reason; time goes on by the clock."""
    program.options = ("--clock", "1@2100-01-01T08:00:00Z")
    with program:
        assert program.stop() == 0
    program.options = ()
    with program:
        status, body = program.get("/healthz")
        (_, started) = notices(program, MonitorStarted)

        assert "clock-stepped" in {rule for rule, _ in program.open_alerts()}
    assert status == 503
    assert "was stepped by -" in body
    assert abs(SystemClock().now() - started.at) < timedelta(minutes=5)
