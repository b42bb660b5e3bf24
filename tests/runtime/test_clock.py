"""The clock is the machine's, or one that runs faster from a given moment on."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import ConfigError
from monitor.runtime.clock import Clock, ScaledClock, SystemClock, read_clock

HOUR = timedelta(hours=1)


def test_the_machines_clock_is_in_utc() -> None:
    """The machine's time is aware, in UTC, and lies between two readings of the clock."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


@pytest.mark.parametrize(
    "origin", [datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)]
)
def test_a_faster_clock_starts_at_its_time(origin: datetime) -> None:
    """A faster clock starts at its own time, past or future, when the process starts."""
    clock = read_clock(f"60@{origin.isoformat()}")

    assert origin <= clock.now() < origin + HOUR


def test_two_processes_show_the_same_time() -> None:
    """Two clocks with the same real start show the same time: each adds the real time since then times its speed."""
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    clock = ScaledClock(60.0, origin, datetime.now(UTC) - timedelta(minutes=1))
    other = read_clock(str(clock))
    apart = other.now() - clock.now()

    assert HOUR <= clock.now() - origin < 2 * HOUR
    # Each has read the machine's two clocks one after the other.
    assert abs(apart) < timedelta(seconds=60)


def test_a_journal_is_continued() -> None:
    """A second start continues where the first ended, and never goes back."""
    clock = read_clock("60@2026-01-01T08:00:00Z")
    latest = datetime(2026, 1, 1, 12, tzinfo=UTC)
    clock.continue_from(latest)
    clock.continue_from(datetime(2026, 1, 1, 9, tzinfo=UTC))

    assert latest <= clock.now() < latest + HOUR
    assert read_clock(str(clock)).now() >= latest


@pytest.mark.parametrize(
    ("clock", "ahead"),
    [
        (SystemClock(), timedelta(milliseconds=20)),
        (ScaledClock(10_000.0, datetime.now(UTC)), timedelta(minutes=3)),
    ],
)
async def test_sleeping_ends_when_the_time_has_come(clock: Clock, ahead: timedelta) -> None:
    """Sleeping does not end early by the clock that was used."""
    end = clock.now() + ahead
    began = time.monotonic()
    await clock.sleep_until(end)
    # The loop's timer may be early by its own resolution.
    assert clock.now() >= end - timedelta(milliseconds=1) * clock.speed
    assert time.monotonic() > began


@pytest.mark.parametrize("clock", [SystemClock(), ScaledClock(60.0, datetime.now(UTC))])
async def test_what_is_past_is_not_waited_for(clock: Clock) -> None:
    """Sleeping until a past time returns at once, however long ago it was."""
    await clock.sleep_until(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("origin", ["2026-01-01T08:00:00Z", "2026-01-01T09:00:00+01:00"])
def test_a_clock_is_read(origin: str) -> None:
    """A clock is read as its speed and its start, with the offset applied."""
    clock = read_clock(f"60@{origin}")
    assert clock.speed == 60
    assert clock.origin == datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "60",
        "60@",
        "@2026-01-01T08:00:00Z",
        "fast@2026-01-01T08:00:00Z",
        "0@2026-01-01T08:00:00Z",
        "-1@2026-01-01T08:00:00Z",
        "nan@2026-01-01T08:00:00Z",
        "inf@2026-01-01T08:00:00Z",
        "10001@2026-01-01T08:00:00Z",
        "60@today",
        # Without an offset it would be another moment on every machine.
        "60@2026-01-01T08:00:00",
        # Beyond the calendar, at once or by now.
        "60@9999-12-31T23:59:59-12:00",
        "10000@1990-01-01T00:00:00Z@1990-01-01T00:00:00Z",
        "60@2026-01-01T08:00:00Z@2026-01-01T08:00:00Z@2026-01-01T08:00:00Z",
    ],
)
def test_what_describes_no_clock_is_refused_with_an_example(text: str) -> None:
    """Text that is not a clock is refused with an example of what to write."""
    with pytest.raises(ConfigError) as refused:
        read_clock(text)
    (mistake,) = refused.value.mistakes
    assert f'"{text}" is not a clock; write e.g. 60@2026-01-01T08:00:00+00:00' in mistake
