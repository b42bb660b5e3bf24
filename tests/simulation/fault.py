"""One fault of a day, what it may do, and which stage of the line it meets."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from monitor.ingest.pipeline import Pipeline
from tests.simulation.lives import Lives
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault."""

    kind: str
    at: float
    """When, in seconds since the beginning of the day."""
    size: float
    """How bad it is, from 0 to 1."""
    seed: int
    """What else is drawn."""

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:.0f} s, size {self.size:.2f}"


class Daily(Protocol):
    """What faults do to the monitor's process."""

    world: World
    lives: Lives

    def kill(self, *, power_cut: bool = False) -> None:
        """End the process at once."""
        ...

    def stop(self) -> None:
        """End the process as SIGTERM does."""
        ...

    def complain(self, what: str) -> None:
        """Note a promise that was broken."""
        ...


Happens = Callable[[Daily, Fault, Random], None]


def stage_of(world: World) -> str:
    """Return what the line is doing at present."""
    life = world.life
    if life is None or life.pipeline is None or not life.is_running:
        return "start"
    if any(row.at_work for row in life.parts.deliveries):
        return "paging"
    if any(row.lag for row in life.parts.relays):
        return "relay"
    return "intake" if world.broker.waiting else "waiting"


_STAGES: Sequence[tuple[str, str]] = (
    ("journal/witness", "witness"),
    ("journal/maintenance", "maintenance"),
    ("journal/outbox", "outbox"),
    ("sinks/relay", "relay"),
    ("ingest/recovery", "recovery"),
    ("ingest/pipeline", "commit"),
    ("simulation/life", "start"),
)


def stage_of_operation() -> str:
    """Return which part of the line is using the disk."""
    frame = sys._getframe(1)  # noqa: SLF001 - the stack is what is asked for
    names = []
    while frame.f_back is not None:
        names.append(frame.f_code.co_filename)
        frame = frame.f_back
    return next((stage for part, stage in _STAGES if any(part in row for row in names)), "console")


def acting(world: World) -> Pipeline | None:
    """Return the pipeline of a monitor on whose pages people can act."""
    life = world.life
    if life is None or not life.is_running or not world.is_alive():
        return None
    return life.pipeline
