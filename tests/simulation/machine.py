"""The simulated machine: its clocks, and an event loop whose time passes only when there is nothing to do."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVarTuple

from monitor.runtime.clock import HostTime

BEGIN = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
"""When each simulated day begins."""


Parts = TypeVarTuple("Parts")
SHORT, SECOND = 0.9, 1.0
"""Seconds: a wait that is no longer takes a grain, or several."""
GRAINS = 6
"""How many grains a wait of a second takes: such are those of loops that look whether files have changed."""


Network = Callable[
    [Callable[[], asyncio.BufferedProtocol]],
    Awaitable[tuple[asyncio.Transport, asyncio.BufferedProtocol]],
]
"""Opens a connection for a protocol."""


class Standstill(Exception):
    """Nothing will ever happen any more, although the day has not ended."""


class Machine:
    """The clocks of a machine, in seconds since the beginning of the day.

    Args:
        grain: what a wait of less than a second takes: such are those of loops that look for changes, and steps of
            50 ms would take most of a run's real time. It must stay below the lateness, from which on the monitor
            speaks of a pause.

    """

    def __init__(self, grain: float) -> None:
        self.grain = grain
        self.running = 0.0
        """Time without suspensions, which no one can set: what `time.monotonic` shows."""
        self.suspended = 0.0
        """The sum of all suspensions."""
        self.stepped = 0.0
        """By how much the wall clock was set, in all."""
        self.drift = 0.0
        """Seconds that the wall clock gains in each second."""
        self.drifted = 0.0
        """By how much it has drifted, in all."""

    @property
    def elapsed(self) -> float:
        """Time since the beginning, suspensions included."""
        return self.running + self.suspended

    @property
    def wall(self) -> float:
        """What the wall clock shows."""
        return self.elapsed + self.stepped + self.drifted

    def true_time(self) -> datetime:
        """Return the time as the world outside has it."""
        return BEGIN + timedelta(seconds=self.elapsed)

    def now(self) -> datetime:
        """Return what the wall clock shows."""
        return BEGIN + timedelta(seconds=self.wall)

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.running += seconds
        self.drifted += self.drift * seconds

    def suspend(self, seconds: float) -> None:
        """Stop the machine for a while; its wall clock goes on."""
        self.suspended += seconds


class SimulatedClock:
    """The monitor's clock on a simulated machine."""

    speed = 1.0

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def now(self) -> datetime:
        """Return what the wall clock shows."""
        return self._machine.now()

    def host_time(self) -> HostTime:
        """Return the clocks of the machine."""
        return HostTime(
            BEGIN.timestamp() + self._machine.wall, self._machine.elapsed, self._machine.running
        )

    async def sleep_until(self, t: datetime) -> None:
        """Wait until this time."""
        await asyncio.sleep(max(0.0, (t - self.now()).total_seconds()))


class SimulatedTime:
    """Stands for the module `time` in the monitor's modules."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def monotonic(self) -> float:
        """Return the running time."""
        return self._machine.running

    def perf_counter(self) -> float:
        """Return the running time."""
        return self._machine.running

    def time(self) -> float:
        """Return what the wall clock shows."""
        return BEGIN.timestamp() + self._machine.wall


class _Waiting(selectors.DefaultSelector):
    """Lets the machine's time pass where a real loop waits; no socket is ever ready."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Standstill
        if timeout > 0:
            self._machine.pass_time(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on the machine's time. What would run on another thread runs at once, on this one."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(_Waiting(machine))
        self._machine = machine
        self.network: Network | None = None
        """What connections lead to."""

    def time(self) -> float:
        """Return the running time."""
        return self._machine.running

    def call_at(
        self,
        when: float,
        callback: Callable[[*Parts], object],
        *args: *Parts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call at a time, or some grains from now if that is sooner."""
        now, grain = self._machine.running, self._machine.grain
        if when - now <= SECOND:
            when = now + (grain if when - now <= SHORT else GRAINS * grain)
        return super().call_at(when, callback, *args, context=context)

    async def create_connection(  # type: ignore[override]
        self, make: Callable[[], asyncio.BufferedProtocol], host: str, port: int, **_: object
    ) -> tuple[asyncio.Transport, asyncio.BufferedProtocol]:
        """Connect to something in the simulated world."""
        assert self.network is not None, (host, port)
        return await self.network(make)

    def call_exactly(self, delay: float, call: Callable[[], object]) -> None:
        """Call after a delay, however short."""
        super().call_at(self.time() + delay, call)

    def run_in_executor(
        self, _: object, call: Callable[..., Any], *args: object
    ) -> asyncio.Future[Any]:
        """Call now."""
        done = self.create_future()
        try:
            done.set_result(call(*args))
        except Exception as error:  # noqa: BLE001 - it is raised where the call is awaited
            done.set_exception(error)
        return done


def call_later(delay: float, call: Callable[[], object]) -> None:
    """Call after a delay, however short: for the world outside the monitor."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.call_exactly(delay, call)


async def wait(seconds: float) -> None:
    """Wait, however shortly: for the world outside the monitor."""
    over = asyncio.get_running_loop().create_future()

    def end() -> None:
        if not over.done():
            over.set_result(None)

    call_later(seconds, end)
    await over


class ImmediateThread:
    """Stands for `Thread`: its work is done when it starts."""

    def __init__(self, *, target: Callable[[], None], **_: object) -> None:
        self._target = target

    def start(self) -> None:
        """Do the work."""
        self._target()
