"""One simulated day from its seed: the monitor lives through its traffic and its faults, and is judged at the end."""

import asyncio
import gc
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from monitor.core.alert import Alert
from monitor.errors import JournalDamaged
from monitor.journal import Journal, verify
from tests.simulation import exits, judges
from tests.simulation.fault import Fault, acting
from tests.simulation.faults import drawn, happen
from tests.simulation.lives import Lives
from tests.simulation.machine import Standstill, VirtualLoop, wait
from tests.simulation.noted import Noted
from tests.simulation.officers import EVERY, EVERY_WITH_ACCOUNTS, officer_acts, times
from tests.simulation.oracle import Oracle
from tests.simulation.packet import Packet
from tests.simulation.people import add_everyone
from tests.simulation.traffic import Sending
from tests.simulation.traffic import day as traffic_of
from tests.simulation.world import World, entered

BUSY, QUIET = 6000.0, 1800.0
"""Seconds with traffic and faults, and those after them in which everything has to come to rest."""
CHECK_EVERY = 900.0
MOST_COMPLAINTS = 20
LONGEST_NIGHT = 120
"""Minutes for which the monitor may be down at the end of a day."""
MOST_WAITS = 60
"""Times that the end of a day waits for the sinks."""


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
            if world.has_accounts:
                add_everyone(world)
            day = Day(world, own)
            loop = VirtualLoop(world.machine)
            loop.network = world.connection
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
        self.lives = Lives(world, self.complain, self._check, self._begin_again)
        self._is_unreadable = False
        self._rng = world.rng("day")

    def complain(self, what: str) -> None:
        """Note a promise that was broken."""
        self.world.note(f"COMPLAINT {what}")
        if len(self.complaints) < MOST_COMPLAINTS:
            self.complaints.append(what)

    async def run(self) -> None:
        """Let the day pass."""
        living = asyncio.create_task(self.lives.run())
        every = EVERY_WITH_ACCOUNTS if self.world.has_accounts else EVERY
        sendings = traffic_of(self.world.rng("traffic"), BUSY, is_repaired=self.world.has_accounts)
        if self.world.has_exits:
            sendings += exits.traffic(self.world.rng("exits"), BUSY)
        acts: list[tuple[float, Sending | Fault | None]] = [
            *((row.at, row) for row in sendings),
            *((row.at, row) for row in self.faults),
            *((t, None) for t in times(self._rng, BUSY, every)),
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
                    officer_acts(self.world, self._rng)
            if self.world.machine.elapsed > check_at:
                check_at = self.world.machine.elapsed + CHECK_EVERY
                self._check()
        await self._until(BUSY)
        self.world.note("the last fault is over")
        self.world.disk.troubles.clear()
        await self._come_back()
        await self._until(self.world.machine.elapsed + QUIET)
        await self._all_delivered()
        self.lives.is_over = True
        opened = self._judge()
        self.stop()
        await asyncio.wait({living})
        living.result()
        if not self.world.disk.is_dead:
            self._judge_file(opened)

    async def _come_back(self) -> None:
        """Wait until the monitor is up: the night before may have been a long one."""
        for _ in range(LONGEST_NIGHT):
            if acting(self.world) is not None:
                return
            await wait(60)

    async def _all_delivered(self) -> None:
        """Wait until nothing has been written for some seconds: the last transition has to reach the sinks, too."""
        for _ in range(MOST_WAITS):
            pipeline = acting(self.world)
            before = None if pipeline is None else pipeline.journal.last_transition_seq
            await wait(5)
            after = acting(self.world)
            if after is None or after.journal.last_transition_seq == before:
                return

    async def _until(self, t: float) -> None:
        """Wait until a time of the world, which passes while the machine is suspended, too."""
        machine = self.world.machine
        while (left := t - machine.elapsed) > 0:
            await wait(left)

    # What faults do -------------------------------------------------------------------------------------------------

    def kill(self, *, power_cut: bool = False) -> None:
        """End the process at once."""
        self.lives.kill(power_cut=power_cut)

    def stop(self) -> None:
        """End the process as SIGTERM does."""
        self.lives.stop()

    # Judgement ------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        """Compare the journal with the oracle and with what was acknowledged."""
        pipeline = acting(self.world)
        if pipeline is None or self.world.disk.troubles:  # they would meet this reading, too
            return
        with self._reading():
            self._compare(pipeline.journal)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Judge no further where the journal is known to be damaged: at the end `verify` has to say so."""
        try:
            yield
        except JournalDamaged as error:
            if not self.world.noted.is_damaged:
                raise
            self.world.note(f"the journal can't be read any further: {error}")
            self._is_unreadable = True

    def _begin_again(self) -> None:
        """Follow the journal anew: some of it is lost, which is known."""
        self.excused |= set(self.world.broker.acknowledged)
        self.world.noted.confirmed.clear()
        self.world.noted.account_acts.clear()
        self._is_unreadable = False
        self.oracle.begin_again()

    def _compare(self, journal: Journal) -> None:
        for difference in self.oracle.follow(journal):
            self.complain(difference)
        for packet in self._missing():
            self.complain(
                f"acknowledged, and not in the journal: {packet.topic} {packet.payload[:200]!r}"
            )
            self.excused.add(packet.n)
        for source, key in self._missing_acts():
            self.complain(f"confirmed, and not in the journal: the act {key} of {source}")
            del self.world.noted.confirmed[source, key]

    def _missing_acts(self) -> list[tuple[str, str]]:
        return [row for row in self.world.noted.confirmed if not self.oracle.knows_act(*row)]

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
        with self._reading():
            self._compare(pipeline.journal)
            packets = [
                row
                for n, row in self.world.broker.acknowledged.items()
                if n not in self.excused or self.oracle.knows(row)
            ]
            for complaint in judges.judge(self.world, self.oracle, pipeline, packets):
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
        if self._is_unreadable:
            self.complain("a journal that can't be read counts as whole")
        for row in wrong:
            self.complain(f"the journal is damaged, and the disk was not: {row}")
        for complaint in judges.judge_restart(self.world, path, opened):
            self.complain(complaint)
