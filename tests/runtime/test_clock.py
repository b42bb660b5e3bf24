"""The clock is the machine's, or one that runs faster from a given moment on."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import ConfigError
from monitor.runtime.clock import Clock, ScaledClock, SystemClock, read_clock

HOUR = timedelta(hours=1)


def test_the_machines_clock_is_in_utc() -> None:
    """Aware, and between two looks at the machine's own."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_faster_clock_agrees_with_the_machines_at_its_origin() -> None:
    """And has run as many times further since as it is faster."""
    origin = datetime.now(UTC) - timedelta(minutes=1)
    clock = ScaledClock(60.0, origin)
    before = origin + (datetime.now(UTC) - origin) * 60
    now = clock.now()
    assert before <= now <= origin + (datetime.now(UTC) - origin) * 60
    assert now - origin >= HOUR


@pytest.mark.parametrize(
    ("clock", "ahead"),
    [
        (SystemClock(), timedelta(milliseconds=20)),
        (ScaledClock(10_000.0, datetime.now(UTC)), timedelta(minutes=3)),
    ],
)
async def test_sleeping_ends_when_the_time_has_come(clock: Clock, ahead: timedelta) -> None:
    """Not before, by the clock that was asked."""
    end = clock.now() + ahead
    began = time.monotonic()
    await clock.sleep_until(end)
    # The loop's timer may be early by its own resolution.
    assert clock.now() >= end - timedelta(milliseconds=1) * clock.speed
    assert time.monotonic() > began


@pytest.mark.parametrize("clock", [SystemClock(), ScaledClock(60.0, datetime.now(UTC))])
async def test_what_is_past_is_not_waited_for(clock: Clock) -> None:
    """However long ago."""
    await clock.sleep_until(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("origin", ["2026-01-01T08:00:00Z", "2026-01-01T09:00:00+01:00"])
def test_a_clock_is_read(origin: str) -> None:
    """Speed, and the moment with its offset."""
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
        "10000@1990-01-01T00:00:00Z",
    ],
)
def test_what_describes_no_clock_is_refused_with_an_example(text: str) -> None:
    """A person reads what to write instead."""
    with pytest.raises(ConfigError) as refused:
        read_clock(text)
    (mistake,) = refused.value.mistakes
    assert f'"{text}" is no clock; write e.g. 60@2026-01-01T08:00:00+00:00' in mistake
