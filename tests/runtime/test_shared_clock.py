"""A clock in a file shows the same time to every process, and stands still while no one sets it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.runtime.clock import ScaledClock
from monitor.runtime.shared_clock import SharedClock, open_clock

START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def test_all_show_the_time_that_one_has_set(tmp_path: Path) -> None:
    """A clock opened by its text has the speed and the time of the one that was created."""
    clock = SharedClock.create(tmp_path / "clock", 60.0, START)
    other = open_clock(str(clock))
    before = other.now()
    clock.set(START + timedelta(hours=1))

    assert (other.speed, before) == (60.0, START)
    assert other.now() == START + timedelta(hours=1)


def test_a_clock_that_stands_still_is_no_pause(tmp_path: Path) -> None:
    """Host time advances as this clock does, in real seconds: a standing clock shows neither a step nor a pause."""
    clock = SharedClock.create(tmp_path / "clock", 60.0, START)
    before = clock.host_time()
    clock.set(START + timedelta(minutes=2))
    after = clock.host_time()

    assert (before.wall, before.elapsed) == (0.0, 0.0)
    assert (after.wall, after.elapsed) == (2.0, 2.0)


async def test_sleeping_ends_when_the_clock_has_come_there(tmp_path: Path) -> None:
    """Sleeping lasts for as long as the clock stands still, and ends once it is set to the time or later."""
    clock = SharedClock.create(tmp_path / "clock", 600.0, START)
    sleeping = asyncio.create_task(clock.sleep_until(START + timedelta(seconds=6)))
    done, _ = await asyncio.wait({sleeping}, timeout=0.1)
    clock.set(START + timedelta(seconds=7))
    await asyncio.wait_for(sleeping, 5)

    assert not done


def test_another_text_is_a_clock_of_its_own() -> None:
    """What is not the path of a file is a speed and a time."""
    assert isinstance(open_clock("60@2026-01-01T08:00:00Z"), ScaledClock)


@pytest.mark.parametrize("content", [None, b"", b"no clock"])
def test_another_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing, or too short, is named."""
    path = tmp_path / "clock"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"clock is not the file of a clock"):
        open_clock(f"file:{path}")
