"""A clock in a file: one process sets it, and every process that has the file open shows the same time."""

import asyncio
import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.errors import ConfigError
from monitor.runtime.clock import Clock, HostTime, read_clock

PREFIX = "file:"
"""What `--clock` begins with if the rest is the path of such a clock."""

_LAYOUT = "=dqq"
"""Speed, time at the beginning, present time: the times in microseconds since 1970."""
_NOW = 2
"""The index of the present time, in units of eight bytes."""
_SHORTEST = 0.005
"""Real seconds between two looks at a clock that may be standing still."""
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


class SharedClock:
    """A clock that another process sets; it stands still while that one doesn't set it.

    Args:
        path: the file.

    Raises:
        ConfigError: it is not the file of a clock.

    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        try:
            with path.open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), struct.calcsize(_LAYOUT))
            unpacked: tuple[float, int, int] = struct.unpack_from(_LAYOUT, self._map)
        except (OSError, ValueError) as error:
            raise ConfigError([f"--clock: {path} is not the file of a clock: {error}"]) from error
        self.speed, self._origin, _ = unpacked
        # One aligned word, so that no reader sees half of a time.
        self._words = memoryview(self._map).cast("q")

    @classmethod
    def create(cls, path: Path, speed: float, origin: datetime) -> "SharedClock":
        """Write the file of a clock that stands at a time, and return the clock.

        Raises:
            OSError: it can't be written.

        """
        at = (origin - _EPOCH) // _MICROSECOND
        path.write_bytes(struct.pack(_LAYOUT, speed, at, at))
        return cls(path)

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return _EPOCH + timedelta(microseconds=self._words[_NOW])

    def set(self, t: datetime) -> None:
        """Set it, for all processes; only the one that created it does so."""
        self._words[_NOW] = (t - _EPOCH) // _MICROSECOND

    def host_time(self) -> HostTime:
        """Return this clock in real seconds: while it stands still nothing is missed, so no one has paused."""
        passed = (self._words[_NOW] - self._origin) / 1e6 / self.speed
        return HostTime(passed, passed, time.monotonic())

    async def sleep_until(self, t: datetime) -> None:
        """Wait until this time, for at least one iteration of the event loop."""
        await asyncio.sleep(0)
        while (ahead := (t - self.now()) / timedelta(seconds=self.speed)) > 0:  # noqa: ASYNC110 - another process sets it
            await asyncio.sleep(max(_SHORTEST, ahead))

    def __str__(self) -> str:
        """Return the text for `--clock`, with which another process shows the same time."""
        return f"{PREFIX}{self._path}"


def open_clock(text: str) -> Clock:
    """Return the clock that `--clock` names: ``file:PATH``, or ``SPEED@TIME`` as `read_clock` takes it.

    Raises:
        ConfigError: the text is not of these forms, or the file is not that of a clock.

    """
    path = text.removeprefix(PREFIX)
    return read_clock(text) if path == text else SharedClock(Path(path))
