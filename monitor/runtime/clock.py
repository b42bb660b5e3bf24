"""The time, as something that is given: the system's, or for demonstrations one that runs faster."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

from monitor.errors import ConfigError

FASTEST = 10_000.0
"""A day in nine seconds."""


class Clock(Protocol):
    """Tells the time, and waits for it."""

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one second."""
        ...

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    async def sleep_until(self, t: datetime) -> None:
        """Return when this time has come."""
        ...


class SystemClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, t: datetime) -> None:
        """Return when this time has come; at least the loop gets its turn."""
        await asyncio.sleep(max(0.0, (t - self.now()).total_seconds()))


class ScaledClock:
    """A clock that runs `speed` times as fast, and showed the machine's time at `origin`."""

    def __init__(self, speed: float, origin: datetime) -> None:
        self.speed = speed
        self.origin = origin

    def now(self) -> datetime:
        """Return the time, in UTC."""
        real = datetime.now(UTC)
        return self.origin + (real - self.origin) * self.speed

    async def sleep_until(self, t: datetime) -> None:
        """Return when this time has come; at least the loop gets its turn."""
        await asyncio.sleep(max(0.0, (t - self.now()) / timedelta(seconds=self.speed)))


def read_clock(text: str) -> ScaledClock:
    """Return the clock that ``SPEED@TIME`` describes, e.g. ``60@2026-01-01T08:00:00+00:00``.

    Raises:
        ConfigError: it describes none.

    """
    speed, _, told = text.partition("@")
    try:
        origin = datetime.fromisoformat(told)
        clock = ScaledClock(float(speed), origin.astimezone(UTC))
        clock.now()  # the calendar may end before what it shows
        if origin.tzinfo is not None and 0 < clock.speed <= FASTEST:
            return clock
    except (ValueError, OverflowError):
        pass
    raise ConfigError([f'--clock: "{text}" is no clock; write e.g. 60@2026-01-01T08:00:00+00:00'])
