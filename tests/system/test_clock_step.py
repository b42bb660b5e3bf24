"""The wall clock of a running monitor is stepped by an hour: it is noticed, and no alert is missed or invented."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.events.monitor import MonitorClockStepped
from monitor.core.inputs import Notice
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import ROOT
from tests.support.servers import Mosquitto
from tests.support.stepped_clock import SteppedClock
from tests.system.test_cli import alert_at, send

CONTROLLER = "hall-controller"
"""It is silent after twenty minutes without a message: longer than the test takes, and less than a step."""
HOUR = 3600


@pytest.fixture
def clock(tmp_path: Path) -> SteppedClock:
    """The clock of the monitor's machine; the senders have clocks of their own."""
    return SteppedClock(tmp_path)


@pytest.fixture
def program(tmp_path: Path, mosquitto: Mosquitto, clock: SteppedClock) -> Iterator[MonitorProcess]:
    """A running monitor."""
    made = MonitorProcess(tmp_path, mosquitto.address)
    text = (ROOT / "venue.toml").read_text()
    device = f'id = "{CONTROLLER}"\n'
    assert text.count(f"[[device]]\n{device}") == 1
    (tmp_path / "venue.toml").write_text(
        text.replace(f"[[device]]\n{device}", f'[[device]]\n{device}silence_limit = "20m"\n')
    )
    shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    made.config.write_text(
        made.config.read_text().replace(str(ROOT / "venue.toml"), str(tmp_path / "venue.toml"))
    )
    made.environment |= clock.environment
    with made:
        yield made


def steps(program: MonitorProcess) -> list[float]:
    """By how much the clock was stepped, as the journal has it."""
    with program.read() as journal:
        return [
            given.event.by_s
            for _, given in journal.inputs()
            if isinstance(given, Notice) and isinstance(given.event, MonitorClockStepped)
        ]


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_step_of_an_hour_under_a_running_monitor(
    program: MonitorProcess, clock: SteppedClock, by: int
) -> None:
    """It is an alert and 503 until the clock is back; a forced door is an alert at once, and no device is silent."""
    send(program, f"device/{CONTROLLER}", "device.heartbeat", device=CONTROLLER)
    before = alert_at(program, "hall-gate-north-1", "door.alarm", alarm="forced_open")
    assert abs((before.raised_at - datetime.now(UTC)).total_seconds()) < HOUR / 2

    clock.step(by)
    program.until(lambda: any(rule == "clock-stepped" for rule, _ in program.open_alerts()))
    assert steps(program) == [pytest.approx(by, abs=10)]
    status, body = program.get("/healthz")
    assert status == 503
    assert "was stepped by" in body

    during = alert_at(program, "hall-gate-north-2", "door.alarm", alarm="forced_open")
    assert abs((during.raised_at - datetime.now(UTC)).total_seconds() - by) < HOUR / 2
    assert not [key for rule, key in program.open_alerts() if rule == "device-silent"]

    clock.step(0)
    program.until(lambda: program.get("/healthz")[0] == 200)
    program.until(lambda: not any(rule == "clock-stepped" for rule, _ in program.open_alerts()))
    assert steps(program) == [pytest.approx(by, abs=10), pytest.approx(-by, abs=10)]
    assert not [key for rule, key in program.open_alerts() if rule == "device-silent"]
    assert program.stop() == 0
