"""The simulated world of one seed: machine, disk, broker, receivers and files, and what was noted about the day."""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from shutil import rmtree
from types import ModuleType
from typing import Any

import structlog
from msgspec.structs import replace

import monitor.journal.witness
import monitor.runtime.daemon_thread
import monitor.sinks.mqtt
import monitor.sinks.notify.channel_runner
from monitor.core.rules.model import RuleSet
from monitor.errors import ConfigError
from monitor.rules.read import load
from tests.simulation.broker import SimulatedBroker
from tests.simulation.disk import DiskOs, SimulatedDisk
from tests.simulation.inbox import SimulatedTopics
from tests.simulation.life import Life, Place
from tests.simulation.machine import ImmediateThread, Machine, SimulatedClock, SimulatedTime
from tests.simulation.outside import Archive, Phones
from tests.simulation.sqlite_vfs import SqliteVfs

ROOT = Path(__file__).parents[2]
END = "# the end\n"
"""The last line of the file that stands for the rules: without it, the file is still being written."""
VARIANTS = 4
"""The versions of the rules that people switch between."""


@cache
def shipped() -> RuleSet:
    """Return the shipped rules with the venue of their tests.

    In the simulation all its points record who leaves, and passed checklists are all that a go takes.
    """
    rules = load(ROOT / "rules")
    venue = rules.test_venue
    points = tuple(replace(point, exit_reader=True) for point in venue.points)
    readiness = replace(venue.readiness, sign_off=False, approval=False)
    return rules.rule_set(replace(venue, points=points, readiness=readiness))


@cache
def variant(n: int) -> RuleSet:
    """Return a version of the rules: all but a few that no judge of the simulation looks at."""
    whole = shipped()
    gone = [row.id for row in whole.rules if row.id.startswith("lodging")][: 2 * n]
    return replace(whole, rules=tuple(row for row in whole.rules if row.id not in gone))


@cache
def _vfs() -> SqliteVfs:
    return SqliteVfs()


@dataclass(slots=True)
class Noted:
    """What was noted about a day, for its verdict and for its trace."""

    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each kind of fault met each stage of the line."""
    lines: list[str] = field(default_factory=list)
    """The trace."""
    stops: list[str] = field(default_factory=list)
    """The reasons for which the monitor stopped by itself."""
    restarts: int = 0
    clock_steps: list[tuple[float, float]] = field(default_factory=list)
    """When the clock was set while the monitor ran, and by how much."""
    gaps: list[tuple[float, float]] = field(default_factory=list)
    """When the monitor didn't run, or stood still: from and until."""
    is_damaged: bool = False
    """Something on the disk is not as it was written."""
    is_loss_accepted: bool = False
    """History was lost, which was noticed, and a person accepted that."""
    sent: set[bytes] = field(default_factory=set)
    """The payloads of the venue's own devices."""


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
        self.machine = Machine(grain=self.lateness.total_seconds() * rng.uniform(0.3, 0.6))
        self.clock = SimulatedClock(self.machine)
        self.disk = SimulatedDisk(self.rng("disk"))
        self.broker = SimulatedBroker(self.rng("broker"), lambda: self.machine.running)
        self.archives = {"webhook": Archive(), "alertmanager": Archive()}
        self.phones = Phones(self.rng("phones"), lambda: self.machine.running, self.is_alive)
        self.life: Life | None = None
        self.noted = Noted()
        self.snapshot_every = timedelta(seconds=rng.choice((60, 300, 300)))
        self.retention = timedelta(days=1)
        self._generation = 0
        self._boards = 0
        self._parts = rng
        self.place = self._first_place()

    def rng(self, purpose: str) -> Random:
        """Return random numbers for one purpose: what one draws changes nothing for the others."""
        return Random(f"{self.seed} {purpose}")

    def is_alive(self) -> bool:
        """Whether there is a monitor that acts."""
        return self.life is not None and self.life.is_alive and not self.disk.is_dead

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
        """Read the file that stands for the rules: the shipped ones take a second to read.

        Raises:
            ConfigError: it is half written.

        """
        text = (self.place.folder / "rules" / "rules.toml").read_text()
        if not text.endswith(END):
            raise ConfigError([f"rules.toml:1: {text!r} does not end"])
        return variant(int(text.split()[0]))

    def write_rules(self, n: int, *, whole: bool = True) -> None:
        """Write the file of the rules, or half of it."""
        text = f"{n % VARIANTS} is in force\n{END if whole else ''}"
        (self.place.folder / "rules" / "rules.toml").write_text(text)

    def restart_on(self, *, power_cut: bool) -> None:
        """Leave the folder as a kill or a power cut leaves it, and go on in a copy."""
        self._generation += 1
        old, new = self.place.folder, self.folder / str(self._generation)
        if power_cut:
            lost = self.disk.copy_after_power_cut(old, new)
            self.note(f"the power cut loses or tears {lost} writes")
        else:
            self.disk.copy_as_killed(old, new)
        self.place = self.place._replace(folder=new)

    def forget_old_folder(self) -> None:
        """Delete what the monitor before the restart has left open."""
        self.disk.forget()
        rmtree(self.folder / str(self._generation - 1), ignore_errors=True)

    def _first_place(self) -> Place:
        folder = self.folder / "0"
        (folder / "rules").mkdir(parents=True)
        (folder / "venue.toml").write_text("")
        (folder / "roster.toml").write_text((ROOT / "tests/support/roster.toml").read_text())
        place = Place(
            folder=folder,
            clock=self.clock,
            broker=self.broker,
            archives=self.archives,
            rng=self.rng("monitor"),
            lateness=self.lateness,
            snapshot_every=self.snapshot_every,
            retention=self.retention,
            read=self.read_rules,
        )
        self.place = place
        self.write_rules(0)
        return place

    def topics(self, *_: object) -> SimulatedTopics:
        """Stand for `monitor.mqtt.RetainedTopics`."""
        self._boards += 1
        return SimulatedTopics(self.broker, self.is_alive, self._boards)


@contextmanager
def entered(seed: int) -> Iterator[World]:
    """Replace what the monitor has of the real world by that of a seed, for the duration of the block."""
    shared = Path("/dev/shm")  # noqa: S108 - in memory: the simulated disk decides what is durable
    where = shared if shared.is_dir() else None
    with ExitStack() as stack, tempfile.TemporaryDirectory(dir=where) as folder:
        world = World(seed, Path(folder))
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
        yield world


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


Act = Callable[[World], None]
"""Something that happens in the world."""
