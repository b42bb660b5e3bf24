"""The lives of the monitor on one day, one after the other: it is started again whenever it ends."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from monitor.errors import JournalDamaged, JournalLoss, MonitorError
from tests.simulation.life import Life
from tests.simulation.machine import wait
from tests.simulation.standby import Copy
from tests.simulation.world import World

if TYPE_CHECKING:
    from monitor.standby.take_over import TakeOver

MOST_STARTS = 60


class Lives:
    """Starts the monitor, as a service manager and people do, until it is over.

    Args:
        world: the world of the day.
        complain: called with a promise that was broken.
        check: compares the journal with the oracle.
        lost: called when history is lost, which is known.

    """

    def __init__(
        self,
        world: World,
        complain: Callable[[str], None],
        check: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._world, self._complain = world, complain
        self._check, self._lost = check, lost
        self._rng = world.rng("lives")
        self._life: asyncio.Task[None] | None = None
        self._take_over: TakeOver | None = None
        self.is_over = False
        """It is not started again."""
        self.longer_down = 0.0
        """Seconds for which it stays down after its next end, in addition."""

    def kill(self, *, power_cut: bool = False) -> None:
        """End the process at once."""
        if not self._world.disk.is_dead:
            self._end()
            self._world.restart_on(power_cut=power_cut)

    def lose_machine(self, copy: Copy) -> None:
        """Lose the machine; the standby takes over from its copy."""
        if not self._world.disk.is_dead:
            self._check()
            self._end()
            self._world.noted.gaps.append((copy.made_at, self._world.machine.elapsed))
            self._take_over = copy.take_over(self._world)
            self._world.move_to(copy.folder)

    def stop(self) -> None:
        """End the process as SIGTERM does."""
        if self._world.life is not None:
            self._world.life.stop()

    async def run(self) -> None:
        """Run the monitor, and start it again whenever it ends."""
        world, accepts = self._world, False
        for _ in range(MOST_STARTS):
            take_over, self._take_over = self._take_over, None
            life = world.life = Life(
                world.place,
                self._started,
                accept_loss=accepts or take_over is not None,
                take_over=take_over,
            )
            self._life = asyncio.create_task(life.run(), name="life")
            await asyncio.wait({self._life})
            ended = world.machine.elapsed
            life.is_alive = False
            world.broker.disconnect()
            accepts = self._why(self._life)
            if not life.is_running and self._take_over is None:
                self._take_over = take_over  # the command is repeated
            if self.is_over:
                return
            was_killed, world.life = world.disk.is_dead, None
            if was_killed:
                world.forget_old_folder()
            longer, self.longer_down = self.longer_down, 0.0
            await wait(longer + self._rng.choice((2, 5, 30, 200)))
            if self.is_over:
                return
            world.noted.gaps.append((ended, world.machine.elapsed))
            world.noted.restarts += 1
        self._complain(f"it does not come back after {MOST_STARTS} starts")

    def _end(self) -> None:
        world = self._world
        world.disk.is_dead = True
        if world.life is not None:
            world.life.is_alive = False
        world.broker.disconnect()
        if self._life is not None:
            asyncio.get_running_loop().call_soon(self._life.cancel)

    def _why(self, task: asyncio.Task[None]) -> bool:
        """Note why the monitor has ended; return whether a person accepts a loss now."""
        world = self._world
        error = None if task.cancelled() else task.exception()
        if world.disk.is_dead:
            world.note("the monitor is gone")
            return False
        if error is None:
            world.note("the monitor has stopped")
            return False
        world.note(f"the monitor stops: {error!r}")
        if not isinstance(error, MonitorError):
            self._complain(f"it ends by a defect: {error!r}")
            return False
        world.noted.stops.append(f"{type(error).__name__}: {error}")
        if isinstance(error, JournalLoss | JournalDamaged):
            self._accept(error)
            return True
        return False

    def _accept(self, error: JournalLoss | JournalDamaged) -> None:
        """Accept a loss, as a person does who was told; of a journal that is damaged, go on without it."""
        world = self._world
        if not world.noted.is_damaged:
            self._complain(f"it sees a loss that there is not: {error}")
        if world.broker.accepts and not world.broker.status.startswith(b"stopped: "):
            self._complain(f"its status is {world.broker.status!r}, although: {error}")
        if not world.phones.moods and not world.phones.was_told_of_loss():
            self._complain(f"no one was told: {error}")
        if isinstance(error, JournalDamaged):
            for path in world.place.folder.glob("journal.db*"):
                if path.suffix != ".witness":
                    world.disk.delete(str(path))
                    path.unlink()
        world.noted.is_loss_accepted = True
        self._lost()

    def _started(self, life: Life) -> None:
        if life.has_taken_over:
            self._world.noted.take_overs += 1
            self._lost()
        self._check()
