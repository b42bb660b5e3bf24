"""The clocks of the machine, compared with each other: a step, a pause of the machine, a pause of the process."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.events.monitor import MonitorClockStepped, MonitorPaused
from monitor.core.inputs import Arrival, Notice, Tick
from monitor.ingest.clock_watch import ClockWatch, step_while_stopped
from monitor.runtime.clock import HostTime, ScaledClock, SystemClock
from tests.support.pipeline import START, ManualClock, PipelineHarness, event_payload

PAUSE = timedelta(seconds=2)
HOUR = 3600.0


class Machine(ManualClock):
    """A machine whose clocks the test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = self.running = 0.0

    def host_time(self) -> HostTime:
        """Return the clocks of the machine."""
        return HostTime(self.time.timestamp(), self.elapsed, self.running)

    def passes(self, seconds: float, *, suspended: float = 0.0, stepped: float = 0.0) -> None:
        """Let time pass, during which the machine may be suspended and its clock stepped."""
        self.time += timedelta(seconds=seconds + stepped)
        self.elapsed += seconds
        self.running += seconds - suspended


@pytest.fixture
def machine() -> Machine:
    """A machine with clocks set by the test."""
    return Machine()


@pytest.fixture
def watch(machine: Machine) -> ClockWatch:
    """A watch of the machine's clocks that has looked once."""
    made = ClockWatch(machine, PAUSE)
    made.look()
    return made


@pytest.mark.parametrize("by", [HOUR, -HOUR, 10.001, -10.001])
def test_a_step_is_noticed_at_the_next_look(machine: Machine, watch: ClockWatch, by: float) -> None:
    """A step in either direction is noticed once, with the time after it."""
    machine.passes(0.05, stepped=by)

    assert watch.look() == [
        MonitorClockStepped(at=machine.time, host=socket.gethostname(), by_s=by)
    ]

    machine.passes(0.05)

    assert watch.look() == []


def test_small_steps_add_up(machine: Machine, watch: ClockWatch) -> None:
    """A step of nine seconds is not reported; after nine more, one step of eighteen is."""
    machine.passes(0.05, stepped=9)
    first = watch.look()
    machine.passes(0.05, stepped=9)
    (step,) = watch.look()

    assert first == []
    assert isinstance(step, MonitorClockStepped)
    assert step.by_s == pytest.approx(18, abs=0.01)


def test_a_time_server_is_no_step(machine: Machine, watch: ClockWatch) -> None:
    """A time server that corrects by half a millisecond a second, for a day, is not reported as a step."""
    for _ in range(24 * 3600):
        machine.passes(1, stepped=0.0005)

        assert watch.look() == []


@pytest.mark.parametrize(("suspended", "cause"), [(60.0, "machine"), (0.0, "process")])
def test_a_late_look_is_a_pause(
    machine: Machine, watch: ClockWatch, suspended: float, cause: str
) -> None:
    """The machine paused if its running time stood still, and otherwise the process; neither is a step."""
    machine.passes(60, suspended=suspended)
    (pause,) = watch.look()

    assert isinstance(pause, MonitorPaused)
    assert pause.paused_s == pytest.approx(60)
    assert pause.cause == cause


def test_both_at_once_are_two(machine: Machine, watch: ClockWatch) -> None:
    """The step is reported first, because the pause is timed by the clock after it."""
    machine.passes(60, stepped=HOUR)
    step, pause = watch.look()

    assert isinstance(step, MonitorClockStepped)
    assert isinstance(pause, MonitorPaused)


def test_a_short_wait_is_nothing(machine: Machine, watch: ClockWatch) -> None:
    """A wait shorter than the lateness makes no message late, so it is not reported."""
    machine.passes(1.9)

    assert watch.look() == []


def test_a_clock_set_back_while_the_monitor_was_stopped(machine: Machine) -> None:
    """A journal that is ahead of the clock shows a step back; a step ahead can't be told from downtime."""
    step = step_while_stopped(machine, START + timedelta(hours=1))

    assert step is not None
    assert step.by_s == -HOUR
    assert step_while_stopped(machine, START + timedelta(seconds=9)) is None
    assert step_while_stopped(machine, START - timedelta(days=1)) is None


def test_the_machines_own_clocks_are_read() -> None:
    """The machine's own clocks show nothing wrong between two looks."""
    for clock in (SystemClock(), ScaledClock(60.0, START)):
        watch = ClockWatch(clock, timedelta(seconds=60))

        assert [watch.look(), watch.look()] == [[], []]


# In the pipeline ------------------------------------------------------------------------------------------------------


@pytest.fixture
def line(tmp_path: Path, machine: Machine) -> Iterator[PipelineHarness]:
    """A pipeline that watches the clocks of a machine."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        made.clock = made.pipeline.clock = machine
        made.pipeline.watch_clock(ClockWatch(machine, PAUSE))
        made.pipeline.look_at_clock()
        yield made


def beat(line: PipelineHarness, device: str = "r1") -> None:
    """A device whose clock is right sends a heartbeat."""
    at = START + timedelta(seconds=line.clock.host_time().elapsed)
    payload = event_payload("device.heartbeat", at, device=device, id=at.isoformat())
    line.take(line.sent(f"venue/centre/device/{device}", payload))


def silent(line: PipelineHarness) -> list[str]:
    """The devices that are reported silent."""
    return [alert.key for alert in line.journal.alerts() if alert.rule == "device-silent"]


@pytest.mark.parametrize("stepped", [HOUR, -HOUR])
def test_a_step_reaches_the_journal_before_anything_else(
    line: PipelineHarness, machine: Machine, stepped: float
) -> None:
    """A step raises a critical alert, and no device is silent; a message read before it has the time after it."""
    beat(line)
    machine.passes(1)
    early = line.sent(
        "venue/centre/device/r1",
        event_payload("device.heartbeat", machine.time, device="r1", id="2"),
    )
    machine.passes(1, stepped=stepped)
    line.take(early)
    line.pipeline.tick(Tick(received_at=machine.time))
    kinds = [given for _, given in line.journal.inputs()][-2:]
    (alert,) = [row for row in line.journal.alerts() if row.rule == "clock-stepped"]

    assert [type(given) for given in kinds] == [Notice, Arrival]
    assert kinds[1].received_at == machine.time
    assert alert.severity == "critical"
    assert silent(line) == []
    assert line.engine.state.time.now == machine.time


def test_a_pause_is_handled_like_a_reconnection(line: PipelineHarness, machine: Machine) -> None:
    """After a pause of ten minutes, no device is silent until what it has sent meanwhile has been processed."""
    beat(line)
    machine.passes(600)
    line.pipeline.look_at_clock()
    for _ in range(3):
        line.pipeline.tick(Tick(received_at=machine.time))

    assert line.engine.state.time.catching_up_until is not None
    assert silent(line) == []
    assert [row.rule for row in line.journal.alerts() if row.rule == "monitor-paused"]
