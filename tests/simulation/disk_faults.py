"""What happens to the disk, and to the process by it."""

from collections.abc import Mapping
from random import Random

from tests.simulation.disk import FULL, IO_ERROR, READ_ONLY, Operation, Trouble
from tests.simulation.fault import Daily, Fault, Happens, stage_of_operation
from tests.simulation.machine import call_later

MANY = 10**9


def _fails(
    *operations: Operation,
    code: int,
    once: bool = False,
    drops: bool = False,
    only: str = "",
    last: float = 60,
) -> Happens:
    """A time in which operations fail."""

    def happens(day: Daily, fault: Fault, rng: Random) -> None:
        world, troubles = day.world, day.world.disk.troubles
        trouble = Trouble(
            frozenset(operations),
            code,
            left=1 if once else MANY,
            after=rng.randrange(40),
            drops=drops,
            only=only,
            met=lambda: world.met(fault.kind, stage_of_operation()),
        )
        troubles.append(trouble)
        if drops:
            world.noted.is_damaged = True

        def ends() -> None:
            if trouble in troubles:
                troubles.remove(trouble)

        call_later(5 + last * fault.size, ends)

    return happens


def _power_cut(day: Daily, fault: Fault, rng: Random) -> None:
    """The power fails at some operation of the disk; often at one of a part that rarely uses it."""
    world, part = day.world, rng.choice(("", "", "outbox", "witness", "relay", "maintenance"))

    def off() -> None:
        world.met(fault.kind, stage_of_operation())
        day.kill(power_cut=True)

    world.disk.troubles.append(
        Trouble(
            frozenset({"write", "sync"}),
            after=rng.randrange(120 if not part else 12),
            then=off,
            when=lambda: not part or stage_of_operation() == part,
        )
    )


def _lying_disk(day: Daily, fault: Fault, rng: Random) -> None:
    """Syncs of one file do nothing, until the power fails."""
    world = day.world
    only = rng.choice(("-wal", ".witness"))
    world.disk.troubles.append(
        Trouble(
            frozenset({"sync"}),
            left=MANY,
            lies=True,
            only=only,
            met=lambda: world.met(fault.kind, stage_of_operation()),
        )
    )
    world.noted.is_damaged = world.noted.has_lied = True
    call_later(10 + 60 * fault.size, lambda: day.kill(power_cut=True))


def _bit_flip(day: Daily, fault: Fault, rng: Random) -> None:
    """The process is killed, and a bit of a file flips before it starts again."""
    day.kill()
    world = day.world
    files = sorted(row for row in world.place.folder.glob("journal.db*") if row.stat().st_size)
    path = rng.choice(files)
    place = rng.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << rng.randrange(8)]))
    world.noted.is_damaged = True
    world.met(fault.kind, "start")
    if path.name.endswith("-wal"):
        # SQLite drops what is behind it: lost like what a disk has confirmed and not written.
        world.noted.has_lied = True
    world.note(f"a bit of {path.name} flips at {place}")


def _journal_gone(day: Daily, fault: Fault, rng: Random) -> None:
    """The process is killed, and its journal is gone, empty or cut off when it starts again."""
    day.kill()
    world = day.world
    path, what = world.place.journal, rng.choice(("gone", "empty", "cut"))
    log = path.with_name("journal.db-wal")
    match what:
        case "gone":
            path.unlink()
            log.unlink(missing_ok=True)
        case "empty":
            path.write_bytes(b"")
            log.unlink(missing_ok=True)
        case _:
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.truncate(size // 2)
    world.noted.is_damaged = True
    world.met(fault.kind, "start")
    world.note(f"the journal is {what}")


def _all_gone(day: Daily, fault: Fault, _: Random) -> None:
    """The process is killed, and its journal is gone with all that was beside it."""
    day.kill()
    world = day.world
    for path in world.place.folder.glob("journal.db*"):
        path.unlink()
    world.noted.is_damaged = True
    world.met(fault.kind, "start")


DISK: Mapping[str, Happens] = {
    "power cut": _power_cut,
    "disk full": _fails("write", code=FULL),
    "write error": _fails("write", code=IO_ERROR["write"], once=True),
    "read error": _fails("read", code=IO_ERROR["read"], once=True),
    "failed sync": _fails("sync", code=IO_ERROR["sync"], once=True, drops=True, only="-wal"),
    "read-only disk": _fails("write", code=READ_ONLY, last=30),
    "lying disk": _lying_disk,
    "bit flip": _bit_flip,
    "journal gone": _journal_gone,
    "journal and witness gone": _all_gone,
}
