"""Gaps of the monitor itself, in the real program: a backlog at its first start, a stop by a signal, its own clock."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.app.runfile import read_run_file
from monitor.core.events.monitor import MonitorPaused, MonitorStarted
from monitor.core.inputs import Arrival, Notice
from monitor.core.transitions import AlertChanged
from monitor.deadman.heartbeat_message import heartbeat_topic
from monitor.mqtt import Publisher
from monitor.runtime.clock import Clock, SystemClock, read_clock
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import event_payload
from tests.support.servers import Mosquitto, eventually

CONTROLLER = "hall-controller"
"""It is silent after a minute without a message."""
TOPIC = f"venue/hall/device/{CONTROLLER}"
N = TypeVar("N", MonitorPaused, MonitorStarted)
START = "2026-01-01T08:00:00+00:00"


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


def silences(program: MonitorProcess) -> int:
    """How often the alert about the controller's silence has changed."""
    with program.read() as journal:
        return sum(
            isinstance(row.transition, AlertChanged)
            and (row.transition.alert.rule, row.transition.alert.key)
            == ("device-silent", CONTROLLER)
            for row in journal.transitions(0, 100_000)
        )


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


@asynccontextmanager
async def beating(program: MonitorProcess, clock: Clock) -> AsyncIterator[None]:
    """Send heartbeats, five a second, by the monitor's clock."""

    async def beat() -> None:
        async with Publisher(program.broker, CONTROLLER) as publisher:
            while True:
                await publisher.publish(TOPIC, heartbeat(clock.now()))
                await asyncio.sleep(0.2)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


async def test_a_stop_of_the_process_is_nobodys_silence(program: MonitorProcess) -> None:
    """A monitor stopped for two minutes of its clock records it and pages IT; no device that went on is silent."""
    program.options = ("--clock", f"60@{START}")
    with program:
        running = read_run_file(program.journal)
        assert running is not None
        async with beating(program, read_clock(running.clock)):
            await eventually(lambda: heartbeats(program) > 5)
            await eventually(lambda: not program.health()["catching_up"])
            before = len(notices(program, MonitorPaused))
            raised_before = silences(program)
            os.kill(running.pid, signal.SIGSTOP)
            await asyncio.sleep(2.5)  # the silence itself
            os.kill(running.pid, signal.SIGCONT)
            await eventually(lambda: len(notices(program, MonitorPaused)) > before)
            taken = heartbeats(program)
            await eventually(lambda: heartbeats(program) > taken + 20)
            await eventually(lambda: not program.health()["catching_up"])

    alerts = raised(program)
    silences_after = silences(program)
    longest = max(notices(program, MonitorPaused), key=lambda row: row.paused_s)
    # A second of the start is a minute of this clock, in which the controller may be silent.
    assert silences_after == raised_before
    assert ("monitor-paused", longest.host) in alerts
    assert longest.cause == "process"
    assert longest.paused_s >= 120


def test_a_clock_of_its_own_starts_in_the_past_and_is_continued(program: MonitorProcess) -> None:
    """The journal begins at the given time, a second start goes on where it ended, and neither is a clock step."""
    program.options = ("--clock", f"60@{START}")
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
