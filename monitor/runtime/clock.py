"""Clocks: the system's, and for demonstrations one that runs faster from a time of its own."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from monitor.errors import ConfigError

FASTEST = 10_000.0
"""A day takes nine seconds."""
_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class HostTime(NamedTuple):
    """The clocks of the machine, in seconds; compared with each other, they show a step and a pause."""

    wall: float
    """Since 1970: what `Clock.now` follows. A person, or a time server, can set it."""
    elapsed: float
    """Time since the machine started; it cannot be set."""
    running: float
    """The same without the time in which the machine was suspended."""


class Clock(Protocol):
    """A source of time."""

    @property
    def speed(self) -> float:
        """Its seconds per second of real time."""
        ...

    def now(self) -> datetime:
        """Return the present time in UTC."""
        ...

    def host_time(self) -> HostTime:
        """Return the clocks of the machine."""
        ...

    async def sleep_until(self, t: datetime) -> None:
        """Wait until this time."""
        ...


class SystemClock:
    """The clock of the machine."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)

    def host_time(self) -> HostTime:
        """Return the clocks of the machine."""
        return HostTime(time.time(), time.clock_gettime(_ELAPSED), time.monotonic())

    async def sleep_until(self, t: datetime) -> None:
        """Wait until this time, for at least one iteration of the event loop."""
        await asyncio.sleep(max(0.0, (t - self.now()).total_seconds()))


class ScaledClock:
    """A clock that runs `speed` times as fast as the machine's; no step of that one affects it.

    Args:
        speed: its seconds per second of real time.
        origin: its time at the real time `began`.
        began: now, if not given. Processes with the same values show the same time.

    """

    def __init__(self, speed: float, origin: datetime, began: datetime | None = None) -> None:
        self.speed = speed
        self.origin = origin
        real = datetime.now(UTC)
        self.began = began or real
        self._elapsed = time.clock_gettime(_ELAPSED) - (real - self.began).total_seconds()

    def now(self) -> datetime:
        """Return the present time in UTC."""
        seconds = time.clock_gettime(_ELAPSED) - self._elapsed
        return self.origin + timedelta(seconds=seconds) * self.speed

    def host_time(self) -> HostTime:
        """Return the clocks of the machine; without a wall clock, since this one does not follow it."""
        elapsed = time.clock_gettime(_ELAPSED)
        return HostTime(elapsed, elapsed, time.monotonic())

    def continue_from(self, t: datetime) -> None:
        """Go on from this time, unless it is in the past: a journal that has come so far can't be earlier."""
        real = datetime.now(UTC)
        if t > self.now():
            self.origin, self.began, self._elapsed = t, real, time.clock_gettime(_ELAPSED)

    async def sleep_until(self, t: datetime) -> None:
        """Wait until this time, for at least one iteration of the event loop."""
        await asyncio.sleep(max(0.0, (t - self.now()) / timedelta(seconds=self.speed)))

    def __str__(self) -> str:
        """Return the text for `read_clock`, with which another process shows the same time."""
        return f"{self.speed}@{self.origin.isoformat()}@{self.began.isoformat()}"


def read_clock(text: str) -> ScaledClock:
    """Return the clock that ``SPEED@TIME`` describes, e.g. ``60@2026-01-01T08:00:00+00:00``.

    It starts at this time now, or with a second ``@TIME`` at that real time.

    Raises:
        ConfigError: the text is not of this form.

    """
    speed, _, times = text.partition("@")
    try:
        origin, *rest = [_aware(part) for part in times.split("@")]
        clock = ScaledClock(float(speed), origin, *rest)
        if 0 < clock.speed <= FASTEST and len(rest) <= 1:
            clock.now()  # raises OverflowError beyond the year 9999
            return clock
    except (ValueError, TypeError, OverflowError):
        pass
    raise ConfigError(
        [f'--clock: "{text}" is not a clock; write e.g. 60@2026-01-01T08:00:00+00:00']
    )


def _aware(text: str) -> datetime:
    """Return a time in UTC.

    Raises:
        ValueError: it is not a time, or has no offset, without which it would be another time on every machine.

    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)
