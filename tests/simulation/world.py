"""The simulated world of one seed: machine, disk, broker, receivers and files, and what was noted about the day."""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from shutil import rmtree
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

import monitor.accounts.audit
import monitor.app.broker
import monitor.app.loss
import monitor.app.open_journal
import monitor.app.open_pipeline
import monitor.journal.witness
import monitor.runtime.daemon_thread
import monitor.sinks.mqtt
import monitor.sinks.notify.channel_runner
from monitor.core.rules.model import RuleSet
from monitor.deadman.heartbeat_message import HeartbeatMessage
from tests.simulation import rulebook
from tests.simulation.broker import SimulatedBroker
from tests.simulation.disk import DiskOs, SimulatedDisk
from tests.simulation.machine import (
    ImmediateThread,
    Machine,
    SimulatedClock,
    SimulatedTime,
    wait,
)
from tests.simulation.noted import Noted
from tests.simulation.outside import Archive, Phones
from tests.simulation.place import Place
from tests.simulation.sqlite_vfs import SqliteVfs
from tests.simulation.topics import SimulatedPublisher, SimulatedTopics
from tests.simulation.watcher import Watcher
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.life import Life


WITH_ACCOUNTS = 0.3
"""The share of days on which people have accounts, approve and sign."""
WITH_EXITS = 0.4
"""The share of days on which a hall is opened, and its emergency exit is locked."""


@cache
def _vfs() -> SqliteVfs:
    return SqliteVfs()


class World:
    """Everything outside the monitor.

    Args:
        seed: what everything is drawn from.
        folder: where the files of the day are.

    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        rng = self.rng("world")
        self.lateness = timedelta(seconds=rng.choice((10, 15, 20)))
        self.machine = Machine(grain=self.lateness.total_seconds() * rng.uniform(0.5, 0.75))
        self.clock = SimulatedClock(self.machine)
        self.disk = SimulatedDisk(self.rng("disk"))
        self.broker = SimulatedBroker(self.rng("broker"), lambda: self.machine.running)
        self.archives = {"webhook": Archive(), "alertmanager": Archive()}
        self.phones = Phones(self.rng("phones"), lambda: self.machine.running, self.is_alive)
        self.watcher = Watcher(self.machine.true_time)
        self.life: Life | None = None
        self.noted = Noted()
        self.snapshot_every = timedelta(seconds=rng.choice((120, 900, 900)))
        self.retention = timedelta(days=1)
        self.step_limit = rng.choice((7, 50, 1000))
        self.has_accounts = self.rng("people").random() < WITH_ACCOUNTS
        self.has_exits = self.rng("fire exits").random() < WITH_EXITS
        self._generation = 0
        self._left: Path | None = None
        """The folder of the life before."""
        self._boards = 0
        self._network = self.rng("network")
        self.place = self._first_place()

    def rng(self, purpose: str) -> Random:
        """Return random numbers for one purpose: what one draws changes nothing for the others."""
        return Random(f"{self.seed} {purpose}")

    def is_alive(self) -> bool:
        """Whether there is a monitor that acts."""
        return self.life is not None and self.life.is_alive and not self.disk.is_dead

    @property
    def is_clock_true(self) -> bool:
        """Whether the machine's clock has shown the true time all day."""
        machine = self.machine
        return not (self.noted.is_clock_set or machine.drift)

    def note(self, what: str) -> None:
        """Add a line to the trace."""
        seconds = self.machine.elapsed
        clock = f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}"
        self.noted.lines.append(f"{clock}  {what}".replace(str(self.folder), ""))

    def met(self, kind: str, stage: str) -> None:
        """Note that a fault has met a stage of the line."""
        self.noted.coverage[kind, stage] += 1
        self.note(f"{kind} meets {stage}")

    def read_rules(self) -> RuleSet:
        """Read the rules.

        Raises:
            ConfigError: their file is half written.

        """
        read = rulebook.read_files if self.has_accounts else rulebook.read
        return read(self.place.folder)

    def write_rules(self, n: int, *, whole: bool = True) -> None:
        """Write the file of the rules, or half of it."""
        write = rulebook.write_files if self.has_accounts else rulebook.write
        write(self.place.folder, n, whole=whole)

    def restart_on(self, *, power_cut: bool) -> None:
        """Leave the folder as a kill or a power cut leaves it, and go on in a copy."""
        old, new = self.place.folder, self.new_folder()
        if power_cut:
            lost = self.disk.copy_after_power_cut(old, new)
            self.note(f"the power cut loses or tears {lost} writes")
        else:
            self.disk.copy_as_killed(old, new)
        self.move_to(new)

    def new_folder(self) -> Path:
        """Return the path of another folder."""
        self._generation += 1
        return self.folder / str(self._generation)

    def move_to(self, folder: Path) -> None:
        """Go on in another folder."""
        self._left = self.place.folder
        self.place = self.place._replace(folder=folder)

    def forget_old_folder(self) -> None:
        """Delete what the monitor before the restart has left open."""
        self.disk.forget()
        if self._left is not None:
            rmtree(self._left, ignore_errors=True)

    def _first_place(self) -> Place:
        folder = self.folder / "0"
        (folder / "rules").mkdir(parents=True)
        (folder / "venue.toml").write_text(rulebook.VENUE_FILE)
        (folder / "roster.toml").write_text(
            (rulebook.ROOT / "tests/support/roster.toml").read_text()
        )
        place = Place(
            folder=folder,
            clock=self.clock,
            broker=self.broker,
            watcher=self.watcher,
            archives=self.archives,
            rng=self.rng("monitor"),
            lateness=self.lateness,
            snapshot_every=self.snapshot_every,
            retention=self.retention,
            has_accounts=self.has_accounts,
            read=self.read_rules,
        )
        self.place = place
        self.write_rules(0)
        return place

    async def connection(
        self, make: Callable[[], asyncio.BufferedProtocol]
    ) -> tuple[asyncio.Transport, asyncio.BufferedProtocol]:
        """Open a connection of the present life to the broker.

        Raises:
            OSError: the broker is not there.

        """
        await wait(0.005)
        life = self.life
        if life is None or not self.broker.accepts:
            raise ConnectionRefusedError(111, "Connection refused")
        protocol = make()
        wire = Wire(self.broker, protocol, self._network, lambda: life.is_alive, life.count)
        protocol.connection_made(wire)
        return wire, protocol

    async def retained_heartbeat(self, *_: object) -> HeartbeatMessage | None:
        """Stand for `monitor.deadman.retained_heartbeat`."""
        await wait(0.02)
        if not self.broker.is_up or not self.broker.heartbeat:
            return None
        return msgspec.json.decode(self.broker.heartbeat, type=HeartbeatMessage)

    def publisher(self, *_: object) -> SimulatedPublisher:
        """Stand for `monitor.mqtt.Publisher`."""
        return SimulatedPublisher(self.broker)

    def topics(self, *_: object) -> SimulatedTopics:
        """Stand for `monitor.mqtt.RetainedTopics`."""
        self._boards += 1
        return SimulatedTopics(self.broker, self.is_alive, self._boards)


@contextmanager
def entered(seed: int) -> Iterator[World]:
    """Replace what the monitor has of the real world by that of a seed, for the duration of the block."""
    with ExitStack() as stack, _folder(seed) as folder:
        world = World(seed, folder)
        vfs = _vfs()
        vfs.use(world.disk)
        stack.callback(vfs.use, None)
        stack.callback(world.disk.forget)
        stack.callback(structlog.configure, **structlog.get_config())
        structlog.configure(processors=[partial(_log, world)])
        time = SimulatedTime(world.machine)
        for module in _with_time():
            _replace(stack, module, "time", time)
        _replace(stack, monitor.journal.witness, "os", DiskOs(world.disk))
        _replace(stack, monitor.runtime.daemon_thread, "Thread", ImmediateThread)
        _replace(stack, monitor.sinks.mqtt, "RetainedTopics", world.topics)
        _replace(stack, monitor.sinks.notify.channel_runner, "open_channel", world.phones.open)
        _replace(stack, monitor.app.broker, "SystemRandom", lambda: world.place.rng)
        _replace(stack, monitor.app.open_journal, "refuse_rival", _no_rival)
        _replace(stack, monitor.app.open_pipeline, "STEP_LIMIT", world.step_limit)
        _replace(stack, monitor.app.loss, "open_channel", world.phones.open)
        _replace(stack, monitor.app.loss, "Publisher", world.publisher)
        _replace(stack, monitor.app.loss, "retained_heartbeat", world.retained_heartbeat)
        ids = world.rng("ids")
        _replace(stack, monitor.accounts.audit, "new_id", lambda: ids.randbytes(8).hex())
        yield world


@contextmanager
def _folder(seed: int) -> Iterator[Path]:
    """Make a folder; its path is the same in each run, as alerts name it, unless two processes play a seed at once."""
    shared = Path("/dev/shm")  # noqa: S108 - in memory: the simulated disk decides what is durable
    where = shared if shared.is_dir() else Path(tempfile.gettempdir())
    own = where / f"simulated-day-{seed}"
    try:
        own.mkdir()
    except FileExistsError:
        with tempfile.TemporaryDirectory(dir=where) as folder:
            yield Path(folder)
        return
    try:
        yield own
    finally:
        rmtree(own, ignore_errors=True)


async def _no_rival(*_: object) -> None:
    """Stand for `monitor.app.broker.refuse_rival`: there is one monitor in this world."""
    await wait(0.01)


def _with_time() -> list[ModuleType]:
    real = sys.modules["time"]
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("monitor.") and getattr(module, "time", None) is real
    ]


def _replace(stack: ExitStack, module: ModuleType, name: str, by: object) -> None:
    stack.callback(setattr, module, name, getattr(module, name))
    setattr(module, name, by)


def _log(world: World, _: object, __: str, event: dict[str, Any]) -> Any:  # noqa: ANN401 - structlog's own
    what = event.pop("event")
    # The hashes cover the name of the day's folder, which is another one each time.
    shown = {name: value for name, value in event.items() if name not in ("exc_info", "head")}
    rest = " ".join(f"{name}={value}" for name, value in shown.items())
    world.note(f"  log: {what} {rest}"[:300])
    if event.get("exc_info"):
        world.note(f"  {sys.exc_info()[1]!r}")
    raise structlog.DropEvent
