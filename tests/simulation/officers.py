"""What officers do on a day, in the console and through the desk's device."""

import json
from random import Random

from monitor.core.events.commands import StaffAcknowledge
from monitor.errors import MonitorError
from tests.simulation.fault import acting
from tests.simulation.world import World


def times(rng: Random, seconds: float) -> list[float]:
    """Draw when officers act."""
    found, t = [], 0.0
    while (t := t + rng.expovariate(1 / 400) + 20) < seconds:
        found.append(t)
    return found


def officer_acts(world: World, rng: Random) -> None:
    """An officer acknowledges an alert."""
    pipeline = acting(world)
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
            world.note(f"the console says: {error}")
        return
    body = {
        "type": "staff.acknowledge",
        "at": world.machine.true_time().isoformat(),
        "id": str(rng.random()),
        "who": "anna",
        "alert": alert,
    }
    world.broker.publish("venue/centre/staff/desk", json.dumps(body).encode())
