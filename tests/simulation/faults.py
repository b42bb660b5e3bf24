"""All kinds of faults, and how those of a day are drawn."""

from collections.abc import Mapping
from random import Random

from tests.simulation.disk_faults import DISK
from tests.simulation.fault import Daily, Fault, Happens, stage_of
from tests.simulation.network_faults import NETWORK
from tests.simulation.process_faults import PROCESS

RESTARTS = ("kill", "power cut", "stop")
KINDS: Mapping[str, Happens] = {**PROCESS, **DISK, **NETWORK}


def happen(day: Daily, fault: Fault) -> None:
    """Let a fault happen."""
    world = day.world
    world.note(f"FAULT {fault}")
    if fault.kind not in DISK:
        world.met(fault.kind, stage_of(world))
    KINDS[fault.kind](day, fault, Random(fault.seed))


def drawn(rng: Random, begin: float, end: float) -> tuple[Fault, ...]:
    """Draw the faults of a day: at least five of three kinds, one of them a restart."""
    kinds = [rng.choice(RESTARTS), *rng.sample(sorted(KINDS), rng.randrange(4, 9))]
    if len(set(kinds)) < 3:
        kinds += rng.sample(sorted(KINDS), 2)
    found = [
        Fault(kind, rng.uniform(begin, end), rng.random(), rng.randrange(2**32)) for kind in kinds
    ]
    return tuple(sorted(found, key=lambda row: row.at))
