"""One simulated day from its seed: the monitor lives through its traffic and its faults, and is judged at the end."""

import asyncio
import gc
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from monitor.core.alert import Alert
from monitor.core.events.commands import StaffAcknowledge
from monitor.errors import JournalDamaged, JournalLoss, MonitorError
from monitor.journal import Journal, verify
from tests.simulation import judges
from tests.simulation.broker import Packet
from tests.simulation.fault import Fault, acting
from tests.simulation.faults import drawn, happen
from tests.simulation.life import Life
from tests.simulation.machine import Standstill, VirtualLoop, wait
from tests.simulation.oracle import Oracle
from tests.simulation.traffic import Sending
from tests.simulation.traffic import day as traffic_of
from tests.simulation.world import Noted, World, entered

BUSY, QUIET = 6000.0, 1800.0
"""Seconds with traffic and faults, and those after them in which everything has to come to rest."""
CHECK_EVERY = 900.0
MOST_STARTS = 60
MOST_COMPLAINTS = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a seed."""

    seed: int
    faults: tuple[Fault, ...]
    complaints: tuple[str, ...]
    """The promises that were broken."""
    noted: Noted
    simulated: float
    """Seconds."""
    inputs: int

    @property
    def digest(self) -> str:
        """What is the same in each run of the seed."""
        return hashlib.sha256("\n".join(self.noted.lines).encode()).hexdigest()[:16]


def play(seed: int, faults: Sequence[Fault] | None = None) -> Verdict:
    """Play the day of a seed; with other faults than its own, if they are given."""
    own = drawn(Random(f"{seed} faults"), 300, BUSY - 300) if faults is None else tuple(faults)
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        with entered(seed) as world:
            day = Day(world, own)
            loop = VirtualLoop(world.machine)
            try:
                asyncio.set_event_loop(None)
                loop.run_until_complete(day.run())
            except Standstill:
                day.complain("the world stands still: nothing will ever happen any more")
            finally:
                _end(loop)
            return Verdict(
                seed,
                own,
                tuple(day.complaints),
                world.noted,
                world.machine.elapsed,
                day.oracle.total,
            )
    finally:
        if was_enabled:
            gc.enable()


def _end(loop: VirtualLoop) -> None:
    """Close a loop, with what still runs on it after a defect."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()


class Day:
    """A day in the simulated world.

    Args:
        world: the world of its seed.
        faults: what goes wrong.

    """

    def __init__(self, world: World, faults: Sequence[Fault]) -> None:
        self.world, self.faults = world, faults
        self.oracle = Oracle(world.lateness)
        self.complaints: list[str] = []
        self.excused: set[int] = set()
        """The messages that were lost, which was noticed and accepted."""
        self._is_over = False
        self._life: asyncio.Task[None] | None = None
        self._rng = world.rng("day")

    def complain(self, what: str) -> None:
        """Note a promise that was broken."""
        self.world.note(f"COMPLAINT {what}")
        if len(self.complaints) < MOST_COMPLAINTS:
            self.complaints.append(what)

    async def run(self) -> None:
        """Let the day pass."""
        living = asyncio.create_task(self._live())
        sendings = traffic_of(self.world.rng("traffic"), BUSY)
        acts: list[tuple[float, Sending | Fault | None]] = [
            *((row.at, row) for row in sendings),
            *((row.at, row) for row in self.faults),
            *((t, None) for t in judges.times(self._rng, BUSY)),
        ]
        check_at = CHECK_EVERY
        for t, act in sorted(acts, key=lambda row: row[0]):
            await self._until(t)
            match act:
                case Sending():
                    self.world.noted.sent.add(act.payload)
                    self.world.broker.publish(act.topic, act.payload, retain=act.is_retained)
                case Fault():
                    happen(self, act)
                case None:
                    self._officer_acts()
            if self.world.machine.elapsed > check_at:
                check_at = self.world.machine.elapsed + CHECK_EVERY
                self._check()
        await self._until(BUSY)
        self.world.note("the last fault is over")
        self.world.disk.troubles.clear()
        await self._until(max(BUSY + QUIET, self.world.machine.elapsed + QUIET))
        self._is_over = True
        opened = self._judge()
        self.stop()
        await asyncio.wait({living})
        living.result()
        self._judge_file(opened)

    async def _until(self, t: float) -> None:
        """Wait until a time of the world, which passes while the machine is suspended, too."""
        machine = self.world.machine
        while (left := t - machine.elapsed) > 0:
            await wait(left)

    # What faults do -------------------------------------------------------------------------------------------------

    def kill(self, *, power_cut: bool = False) -> None:
        """End the process at once."""
        world, life = self.world, self.world.life
        if world.disk.is_dead:
            return
        world.disk.is_dead = True
        world.restart_on(power_cut=power_cut)
        if life is not None:
            life.is_alive = False
        if self._life is not None:
            asyncio.get_running_loop().call_soon(self._life.cancel)

    def stop(self) -> None:
        """End the process as SIGTERM does."""
        if self.world.life is not None:
            self.world.life.stop()

    # The monitor ----------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        """Run the monitor, and start it again whenever it ends."""
        world, accepts = self.world, False
        for _ in range(MOST_STARTS):
            life = world.life = Life(world.place, accept_loss=accepts)
            self._life = asyncio.create_task(life.run(), name="life")
            checking = asyncio.create_task(self._check_start(life))
            await asyncio.wait({self._life})
            checking.cancel()
            ended = world.machine.elapsed
            life.is_alive = False
            if world.broker.inbox is life.inbox:
                world.broker.disconnect("closed by the monitor")
            accepts = self._why(self._life)
            if self._is_over:
                return
            was_killed, world.life = world.disk.is_dead, None
            if was_killed:
                world.forget_old_folder()
            await wait(self._rng.choice((2, 5, 30, 200)))
            world.noted.gaps.append((ended, world.machine.elapsed))
            world.noted.restarts += 1
        self.complain(f"it does not come back after {MOST_STARTS} starts")

    def _why(self, task: asyncio.Task[None]) -> bool:
        """Note why the monitor has ended; return whether a person accepts a loss now."""
        world = self.world
        error = None if task.cancelled() else task.exception()
        if world.disk.is_dead:
            world.note("the monitor is gone")
            return False
        if error is None:
            world.note("the monitor has stopped")
            return False
        world.note(f"the monitor stops: {error!r}")
        if not isinstance(error, MonitorError):
            self.complain(f"it ends by a defect: {error!r}")
            return False
        world.noted.stops.append(f"{type(error).__name__}: {error}")
        if isinstance(error, JournalLoss | JournalDamaged):
            self._accept(error)
            return True
        return False

    def _accept(self, error: JournalLoss | JournalDamaged) -> None:
        """Accept a loss, as a person does; of a journal that is damaged, go on without it."""
        world = self.world
        if not world.noted.is_damaged:
            self.complain(f"it sees a loss that there is not: {error}")
        if isinstance(error, JournalDamaged):
            for path in world.place.folder.glob("journal.db*"):
                if path.suffix != ".witness":
                    world.disk.delete(str(path))
                    path.unlink()
        world.noted.is_loss_accepted = True
        self.excused |= set(world.broker.acknowledged)
        self.oracle.begin_again()

    async def _check_start(self, life: Life) -> None:
        while not life.is_running:
            await wait(1)
        self._check()

    def _officer_acts(self) -> None:
        """An officer acknowledges an alert, in the console or through the desk's device."""
        pipeline, rng = acting(self.world), self._rng
        choice = rng.random()
        if pipeline is None:
            return
        opened = sorted(pipeline.engine.state.alerts.open)
        if not opened:
            return
        alert = rng.choice(opened)
        if choice < 0.5:
            act = StaffAcknowledge(at=pipeline.clock.now(), who="bao", alert=alert)
            try:
                pipeline.record(act, "console/bao", str(rng.random()))
            except MonitorError as error:
                self.world.note(f"the console says: {error}")
            return
        body = {
            "type": "staff.acknowledge",
            "at": self.world.machine.true_time().isoformat(),
            "id": str(rng.random()),
            "who": "anna",
            "alert": alert,
        }
        self.world.broker.publish("venue/centre/staff/desk", json.dumps(body).encode())

    # Judgement ------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        """Compare the journal with the oracle and with what was acknowledged."""
        pipeline = acting(self.world)
        if pipeline is None or self.world.disk.troubles:  # they would meet this reading, too
            return
        self._compare(pipeline.journal)

    def _compare(self, journal: Journal) -> None:
        for difference in self.oracle.follow(journal):
            self.complain(difference)
        for packet in self._missing():
            self.complain(
                f"acknowledged, and not in the journal: {packet.topic} {packet.payload[:200]!r}"
            )
            self.excused.add(packet.n)

    def _missing(self) -> Iterator[Packet]:
        for n, packet in self.world.broker.acknowledged.items():
            if n not in self.excused and not self.oracle.knows(packet):
                yield packet

    def _judge(self) -> dict[str, Alert]:
        """Judge the day; return the alerts that are open at its end."""
        pipeline = acting(self.world)
        if pipeline is None:
            self.complain("there is no monitor at the end of the day")
            return {}
        self._compare(pipeline.journal)
        for complaint in judges.judge(self.world, self.oracle, pipeline):
            self.complain(complaint)
        return dict(pipeline.engine.state.alerts.open)

    def _judge_file(self, opened: dict[str, Alert]) -> None:
        """Judge what the monitor leaves behind; damage that is found there explains what was wrong before."""
        path = self.world.place.journal
        wrong = verify(path)
        if wrong and self.world.noted.is_damaged:
            self.world.note(f"the journal is known to be damaged: {wrong[0]}")
            self.complaints.clear()
            return
        for row in wrong:
            self.complain(f"the journal is damaged, and the disk was not: {row}")
        for complaint in judges.judge_restart(self.world, path, opened):
            self.complain(complaint)
