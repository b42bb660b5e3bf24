"""Watches the clocks of the machine: a step of the wall clock, a pause of the machine, a pause of the process."""

import socket
from datetime import datetime, timedelta

from monitor.core.events.monitor import MonitorClockStepped, MonitorPaused
from monitor.core.state.time import CLOCK_STEP
from monitor.runtime.clock import Clock, HostTime

SLEWED = 0.001
"""The share of the time that has passed by which the wall clock may run apart unnoticed: twice what Linux corrects."""


class ClockWatch:
    """Compares the clocks of the machine with each other.

    A wall clock that has moved by another amount than the time since the start of the machine was stepped; small steps
    add up. A look that comes late shows a pause: of the machine, if its running time stood still meanwhile, and
    otherwise of the process. A virtual machine that was paused without any clock of its own noticing shows as a step
    forward, as soon as a time server has set its clock.

    Args:
        clock: the monitor's clock.
        pause: how long the monitor may stand still without missing anything: the lateness, in real time.

    """

    def __init__(self, clock: Clock, pause: timedelta) -> None:
        self._clock = clock
        self._pause = pause.total_seconds()
        self._host = socket.gethostname()
        self._last: HostTime | None = None
        self._apart = 0.0
        """By how much the wall clock has moved apart since the last step."""

    def look(self) -> list[MonitorClockStepped | MonitorPaused]:
        """Return what has happened to the clocks since the last look; it takes a microsecond."""
        found, last = self._clock.host_time(), self._last
        self._last = found
        if last is None:
            return []
        passed = found.elapsed - last.elapsed
        self._apart += (found.wall - last.wall) - passed
        if passed < self._pause and abs(self._apart) < CLOCK_STEP.total_seconds():
            self._forgive(passed)
            return []
        return self._changes(passed, passed - (found.running - last.running))

    def _changes(
        self, passed: float, suspended: float
    ) -> list[MonitorClockStepped | MonitorPaused]:
        now, changes = self._clock.now(), list[MonitorClockStepped | MonitorPaused]()
        if abs(self._apart) >= CLOCK_STEP.total_seconds():
            changes.append(MonitorClockStepped(at=now, host=self._host, by_s=round(self._apart, 3)))
            self._apart = 0.0
        if passed >= self._pause:
            changes.append(
                MonitorPaused(
                    at=now,
                    host=self._host,
                    paused_s=passed * self._clock.speed,
                    cause="machine" if suspended >= passed / 2 else "process",
                )
            )
        return changes

    def _forgive(self, passed: float) -> None:
        """Let a small difference be corrected over time, as time servers do."""
        most = passed * SLEWED
        self._apart -= min(max(self._apart, -most), most)


def step_while_stopped(clock: Clock, latest: datetime) -> MonitorClockStepped | None:
    """Return the step that the wall clock was set back by while the monitor was stopped, as far as it shows.

    Args:
        clock: the monitor's clock.
        latest: the time of the latest input.

    """
    now = clock.now()
    if latest - now < CLOCK_STEP:
        return None
    by = (now - latest).total_seconds()
    return MonitorClockStepped(at=now, host=socket.gethostname(), by_s=by)
