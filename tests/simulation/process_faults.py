"""What happens to the process, the clocks, the receivers, and by people."""

import json
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any

from monitor.core.events.commands import StaffAcknowledge
from monitor.errors import MonitorError
from tests.simulation.fault import Daily, Fault, Happens, acting
from tests.simulation.machine import call_later
from tests.simulation.outside import Mood, Receiver
from tests.simulation.people import record
from tests.simulation.rulebook import ROOT
from tests.simulation.standby import Copy
from tests.simulation.traffic import at

PEOPLE = ("anna", "bao", "chi", "dung")


def _kill(day: Daily, _: Fault, __: Random) -> None:
    day.kill()


def _killed_while_paging(day: Daily, _: Fault, __: Random) -> None:
    """A page has arrived, and before its sender knows, the process is killed."""
    day.world.phones.then = day.kill


def _night(day: Daily, fault: Fault, rng: Random) -> None:
    """The process is killed, and nobody starts it for a long time, while the broker keeps what comes."""
    day.lives.longer_down = 600 + 1800 * fault.size
    day.kill()
    broker, begins = day.world.broker, day.world.machine.elapsed

    def sends(n: int, t: float) -> None:
        body = {
            "type": "access.denied",
            "at": at(t).isoformat(),
            "id": f"night-{fault.seed}-{n}",
            "point": "d1",
            "credential": f"c{n % 7}",
            "reason": "invalid_pin",
        }
        broker.publish("venue/centre/access/d1", json.dumps(body).encode())

    for n in range(200 + int(1300 * fault.size)):
        after = rng.uniform(1, 500)
        call_later(after, partial(sends, n, begins + after))


def _machine_lost(day: Daily, fault: Fault, _: Random) -> None:
    """The machine is lost with its disk, and a standby takes over with a copy of some seconds before."""
    world = day.world
    if acting(world) is None:
        return
    try:
        copy = Copy(world, world.new_folder())
    except MonitorError as error:
        world.note(f"the standby says: {error}")
        return
    call_later(0.1 + 60 * fault.size**2, lambda: day.lives.lose_machine(copy))


def _stop(day: Daily, _: Fault, __: Random) -> None:
    day.stop()


def _step(sign: int) -> Happens:
    def happens(day: Daily, fault: Fault, rng: Random) -> None:
        machine = day.world.machine
        by = sign * (12 + 7200 * fault.size**3)
        if day.world.is_alive() and day.world.life is not None and day.world.life.is_running:
            day.world.noted.clock_steps.append((machine.elapsed, by))
        machine.stepped += by
        day.world.noted.is_clock_set = True
        if rng.random() < 0.5:
            call_later(600, lambda: _set_right(machine))

    def _set_right(machine: Any) -> None:  # noqa: ANN401
        machine.stepped = machine.drifted = 0.0

    return happens


def _drift(day: Daily, fault: Fault, rng: Random) -> None:
    day.world.machine.drift = rng.choice((-1, 1)) * fault.size * 0.0005


def _stall(day: Daily, fault: Fault, _: Random) -> None:
    world, machine = day.world, day.world.machine
    began, seconds = machine.elapsed, 1 + 120 * fault.size**2
    machine.pass_time(seconds)
    world.noted.gaps.append((began, began + seconds))


def _suspend(day: Daily, fault: Fault, _: Random) -> None:
    world, machine = day.world, day.world.machine
    began, seconds = machine.elapsed, 3 + 900 * fault.size**2
    machine.suspend(seconds)
    world.noted.gaps.append((began, began + seconds))


def _sink(mood: Mood) -> Happens:
    def happens(day: Daily, fault: Fault, rng: Random) -> None:
        receiver: Receiver = rng.choice(list(day.world.archives.values()))
        receiver.mood = mood
        call_later(60 + 300 * fault.size, lambda: setattr(receiver, "mood", "well"))

    return happens


def _phone(mood: Mood) -> Happens:
    def happens(day: Daily, fault: Fault, rng: Random) -> None:
        moods = day.world.phones.moods
        for person in rng.sample(PEOPLE, 1 + int(3 * fault.size)):
            moods[person] = mood
            call_later(60 + 240 * fault.size, partial(_recovers, moods, person))

    return happens


def _recovers(moods: dict[str, Mood], person: str) -> None:
    moods.pop(person, None)


def _rules_half_written(day: Daily, fault: Fault, rng: Random) -> None:
    world, n = day.world, rng.randrange(10)
    world.write_rules(n, whole=False)
    call_later(1 + 60 * fault.size, lambda: world.write_rules(n))


def _roster_half_written(day: Daily, fault: Fault, rng: Random) -> None:
    world = day.world

    def write(text: str) -> None:
        (world.place.folder / "roster.toml").write_text(text)

    whole = (ROOT / "tests/support/roster.toml").read_text()
    write(whole[: rng.randrange(len(whole))])
    changed = f"{whole}\n# {rng.random()}\n"
    call_later(1 + 60 * fault.size, lambda: write(changed))


def _double_click(day: Daily, fault: Fault, rng: Random) -> None:
    pipeline = acting(day.world)
    if pipeline is None:
        return
    opened = sorted(pipeline.engine.state.alerts.open) or ["none"]
    alert, key = rng.choice(opened), str(fault.seed)
    results = []
    for _ in range(2):
        act = StaffAcknowledge(at=pipeline.clock.now(), who="anna", alert=alert)
        results.append(record(day.world, pipeline, act, "anna", key))
        if results[-1] is None:
            return
    if results[0] != results[1]:
        day.complain(f"an act that was repeated had another outcome: {results}")


def _wrong_ids(day: Daily, fault: Fault, rng: Random) -> None:
    pipeline = acting(day.world)
    if pipeline is None:
        return
    for n in range(3):
        act = StaffAcknowledge(
            at=pipeline.clock.now(), who=rng.choice(("eve", "anna")), alert=f"x{n}"
        )
        if record(day.world, pipeline, act, "eve", f"{fault.seed} {n}") is None:
            return


PROCESS: Mapping[str, Happens] = {
    "kill": _kill,
    "stop": _stop,
    "killed while paging": _killed_while_paging,
    "long night": _night,
    "machine lost": _machine_lost,
    "clock put forward": _step(1),
    "clock put back": _step(-1),
    "clock drifts": _drift,
    "process stalls": _stall,
    "machine suspended": _suspend,
    "sink late": _sink("late"),
    "sink away": _sink("away"),
    "sink refuses": _sink("refusing"),
    "sink half answers": _sink("half-answering"),
    "phone late": _phone("late"),
    "phone away": _phone("away"),
    "phone refuses": _phone("refusing"),
    "phone half answers": _phone("half-answering"),
    "rules half written": _rules_half_written,
    "roster half written": _roster_half_written,
    "double click": _double_click,
    "wrong ids": _wrong_ids,
}
