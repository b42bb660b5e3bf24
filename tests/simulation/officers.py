"""What officers do on a day, in the console and through the desk's device."""

import json
from random import Random

from monitor.core.events.commands import StaffAcknowledge
from tests.simulation.fault import acting
from tests.simulation.people import record, someone_decides
from tests.simulation.world import World

EVERY, EVERY_WITH_ACCOUNTS = 400.0, 120.0
"""Seconds between two acts."""
DECISIONS = 0.7
"""The share of acts that are decisions, where people have accounts."""


def times(rng: Random, seconds: float, every: float) -> list[float]:
    """Draw when officers act."""
    found, t = [], 0.0
    while (t := t + rng.expovariate(1 / every) + 20) < seconds:
        found.append(t)
    return found


def officer_acts(world: World, rng: Random) -> None:
    """An officer acknowledges an alert; where people have accounts, someone often decides about readiness instead."""
    pipeline = acting(world)
    if pipeline is not None and world.has_accounts and rng.random() < DECISIONS:
        someone_decides(world, pipeline, rng)
        return
    choice = rng.random()
    if pipeline is None:
        return
    opened = sorted(pipeline.engine.state.alerts.open)
    if not opened:
        return
    alert = rng.choice(opened)
    if choice < 0.5:
        act = StaffAcknowledge(at=pipeline.clock.now(), who="bao", alert=alert)
        record(world, pipeline, act, "bao", str(rng.random()))
        return
    body = {
        "type": "staff.acknowledge",
        "at": world.machine.true_time().isoformat(),
        "id": str(rng.random()),
        "who": "anna",
        "alert": alert,
    }
    world.broker.publish("venue/centre/staff/desk", json.dumps(body).encode())
