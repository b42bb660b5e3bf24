"""Drives the clock of the demonstration: faster than real time, but never far ahead of the line."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from monitor.app.runfile import since_sign_of_life
from monitor.demo.line import Line
from monitor.errors import MonitorError
from monitor.runtime.shared_clock import SharedClock

AHEAD = timedelta(seconds=0.5)
"""Real time by which the clock may be ahead of the line: a quarter of the lateness that the rules allow."""
AHEAD_OF_DEVICES = timedelta(seconds=30)
"""The same by the clock itself, if that is less: half of what a device's clock must be behind to raise an alert."""
STEP = 0.05
"""Real seconds by which the clock goes on at most from one step to the next: a busy machine makes it slower."""
LOOK_EVERY = 0.05
"""Real seconds between two looks at the journal."""
SIGN = 1.0
"""Seconds since the monitor's latest sign of life after which the clock stands still; it gives four a second."""
PATIENCE = 60.0
"""Real seconds after which a line that stands still is not waited for: what is missing is lost."""


class MonitorStuck(MonitorError):
    """The monitor gives no sign of life."""


class ClockDrive:
    """Sets the clock step by step, as far as the monitor and the line have come.

    Args:
        clock: the clock of all processes of the demonstration.
        journal: the journal of its monitor.
        elapsed: real seconds since any moment.
        silence: real seconds since the monitor's latest sign of life; ``None`` if there is none yet.

    """

    def __init__(
        self,
        clock: SharedClock,
        journal: Path,
        *,
        elapsed: Callable[[], float] = time.monotonic,
        silence: Callable[[Path], float | None] = since_sign_of_life,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._elapsed = elapsed
        self._silence = silence
        self._ahead = min(AHEAD * clock.speed, AHEAD_OF_DEVICES)
        self._at = elapsed()
        self._looked_at = self._at
        self._moved_at = self._at
        """When the line last came on."""
        self._line: Line | None = None
        self._end: datetime | None = None
        self._gave_up = False

    def follow(self, line: Line, end: datetime) -> None:
        """Wait for this line from now on, and stand still at the end."""
        self._line, self._end = line, end
        self._moved_at = self._elapsed()

    @property
    def is_done(self) -> bool:
        """Whether the clock has come to the end."""
        return self._end is not None and self._clock.now() >= self._end

    def step(self) -> None:
        """Let the clock go on by the real time since the previous step, or less.

        Raises:
            JournalError: the journal can't be read.
            MonitorStuck: the monitor has given no sign of life for too long.

        """
        now = self._elapsed()
        passed = min(now - self._at, STEP)
        self._at = now
        if self._is_silent():
            return
        before = self._clock.now()
        # While the monitor starts nothing is sent, and a device has minutes before it counts as silent.
        speed = 1.0 if self._line is None else self._clock.speed
        after = before + timedelta(seconds=passed * speed)
        limit = self._limit(now)
        self._clock.set(after if limit is None else max(before, min(after, limit)))

    def _is_silent(self) -> bool:
        silence = self._silence(self._journal)
        if silence is not None and silence > PATIENCE:
            raise MonitorStuck(f"the monitor has given no sign of life for {PATIENCE:.0f} s")
        return silence is not None and silence > SIGN

    def _limit(self, now: float) -> datetime | None:
        """Return the time up to which the clock may go; ``None`` if nothing is waited for."""
        line = self._line
        if line is None:
            return None
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at, seq = now, line.seq
            line.look()
            if line.seq > seq:
                self._moved_at = now
            self._gave_up |= now - self._moved_at > PATIENCE
        if line.missing is None or self._gave_up:
            return self._end
        return line.missing.at + self._ahead
