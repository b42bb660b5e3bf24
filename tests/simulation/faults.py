"""The faults of a day: what kinds there are, and how each one happens."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Protocol

from monitor.core.events.commands import StaffAcknowledge
from monitor.errors import MonitorError
from monitor.ingest.pipeline import Pipeline
from tests.simulation.broker import Weather
from tests.simulation.disk import FULL, IO_ERROR, READ_ONLY, Operation, Trouble
from tests.simulation.machine import call_later
from tests.simulation.outside import Mood, Receiver
from tests.simulation.traffic import at
from tests.simulation.world import ROOT, World

MANY = 10**9
PEOPLE = ("anna", "bao", "chi", "dung")


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


def happen(day: Daily, fault: Fault) -> None:
    """Let a fault happen."""
    world = day.world
    world.note(f"FAULT {fault}")
    if fault.kind not in DISK:
        world.met(fault.kind, stage_of(world))
    KINDS[fault.kind](day, fault, Random(fault.seed))


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


# Broker and network -------------------------------------------------------------------------------------------------


def _weather(name: str, value: Callable[[float], object] = lambda _: True) -> Happens:
    """A time in which the network behaves in a way."""

    def happens(day: Daily, fault: Fault, _: Random) -> None:
        weather, before = day.world.broker.weather, getattr(Weather(), name)
        setattr(weather, name, value(fault.size))
        call_later(30 + 270 * fault.size, lambda: setattr(weather, name, before))

    return happens


def _disconnect(day: Daily, fault: Fault, _: Random) -> None:
    day.world.broker.disconnect("connection reset", again_in=1 + 200 * fault.size**2)


def _broker_kill(day: Daily, fault: Fault, _: Random) -> None:
    day.world.broker.kill(60 * fault.size, 2 + 60 * fault.size)


def _retained_flood(day: Daily, fault: Fault, rng: Random) -> None:
    broker = day.world.broker
    for n in range(50 + int(400 * fault.size)):
        name = f"ghost-{rng.randrange(10**6)}"
        body = {"type": "door.mode", "at": at(0).isoformat(), "id": str(n), "point": name}
        broker.retained[f"venue/centre/door/{name}"] = json.dumps(
            {**body, "mode": "locked"}
        ).encode()
    broker.disconnect("connection reset")
    call_later(120, broker.retained.clear)


# Disk ---------------------------------------------------------------------------------------------------------------


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
    world.noted.is_damaged = True
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


# Process and clock --------------------------------------------------------------------------------------------------


def _kill(day: Daily, _: Fault, __: Random) -> None:
    day.kill()


def _stop(day: Daily, _: Fault, __: Random) -> None:
    day.stop()


def _step(sign: int) -> Happens:
    def happens(day: Daily, fault: Fault, rng: Random) -> None:
        machine = day.world.machine
        by = sign * (12 + 7200 * fault.size**3)
        if day.world.is_alive() and day.world.life is not None and day.world.life.is_running:
            day.world.noted.clock_steps.append((machine.elapsed, by))
        machine.stepped += by
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


# Receivers and people -----------------------------------------------------------------------------------------------


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
        try:
            results.append(pipeline.record(act, "console/anna", key))
        except MonitorError as error:
            day.world.note(f"the console says: {error}")
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
        try:
            pipeline.record(act, "console/eve", f"{fault.seed} {n}")
        except MonitorError as error:
            day.world.note(f"the console says: {error}")
            return


def acting(world: World) -> Pipeline | None:
    """Return the pipeline of a monitor on whose pages people can act."""
    life = world.life
    if life is None or not life.is_running or not world.is_alive():
        return None
    return life.pipeline


# Strangers ----------------------------------------------------------------------------------------------------------


_INVENTED: Sequence[tuple[str, str, Mapping[str, object]]] = (
    ("door.alarm", "point", {"alarm": "forced_open"}),
    ("emergency.fire", "zone", {}),
    ("device.tamper", "device", {"active": True}),
    ("access.duress", "point", {}),
)


def _invented_names(day: Daily, fault: Fault, rng: Random) -> None:
    """Hundreds of doors, zones or devices that there are not report the same."""
    now = at(day.world.machine.elapsed).isoformat()
    kind, subject, more = rng.choice(_INVENTED)
    for n in range(120 + int(480 * fault.size)):
        name = f"invented-{rng.randrange(10**9)}"
        body = {"type": kind, "at": now, "id": f"s{n}", subject: name, **more}
        topic = f"venue/centre/{kind.partition('.')[0]}/{name}"
        day.world.broker.publish(topic, json.dumps(body).encode())


def _of_devices(day: Daily, rng: Random) -> list[tuple[str, dict[str, Any]]]:
    """Return some of what devices have sent."""
    known = list(day.world.broker.acknowledged.values())[-200:]
    chosen = rng.sample(known, min(8, len(known)))
    found = []
    for packet in chosen:
        try:
            body = json.loads(packet.payload)
        except ValueError:
            continue
        if isinstance(body, dict) and packet.payload in day.world.noted.sent:
            found.append((packet.topic, body))
    return found


_STOLEN: Mapping[str, Mapping[str, object]] = {
    "access.denied": {"reason": "credential_lost"},
    "inspection.item": {"note": "stolen"},
    "door.alarm": {"alarm": "held_open"},
}


def _stolen_ids(day: Daily, _: Fault, rng: Random) -> None:
    """Someone sends another event under the time and the id of one of a device."""
    for topic, body in _of_devices(day, rng):
        changed = _STOLEN.get(body["type"])
        if changed is not None:
            day.world.broker.publish(topic, json.dumps({**body, **changed}).encode())


def _other_site(day: Daily, _: Fault, rng: Random) -> None:
    for topic, body in _of_devices(day, rng):
        other = topic.replace("/centre/", "/annex/")
        day.world.broker.publish(other, json.dumps(body | {"id": f"o{rng.random()}"}).encode())


def _hostile_payloads(day: Daily, fault: Fault, rng: Random) -> None:
    bodies = (
        b"",
        b"{",
        b"[" * 5000,
        b"\xff\xfe",
        json.dumps({"type": "door.opened", "at": "9999-12-31T23:59:59Z", "point": "d2"}).encode(),
        json.dumps({"type": "door.opened", "at": at(0).isoformat(), "point": "d2\x1b[2J"}).encode(),
        json.dumps({"type": "zone.count", "zone": "hall", "count": 10**30}).encode(),
        b"x" * int(10_000 + 300_000 * fault.size),
    )
    for _ in range(30):
        topic = rng.choice(("venue/centre/door/d2", "venue/centre/zone/hall", "venue//x", "a/b"))
        day.world.broker.publish(topic, rng.choice(bodies))


def _board_written(day: Daily, _: Fault, rng: Random) -> None:
    broker = day.world.broker
    topics = sorted(broker.board)
    for topic in [*rng.sample(topics, min(3, len(topics))), "venue/centre/alert/ghost"]:
        broker.written.append(topic)
        if rng.random() < 0.5:
            broker.board.pop(topic, None)
        else:
            broker.board[topic] = b'{"title": "all is well"}'


RESTARTS: Mapping[str, Happens] = {"kill": _kill, "stop": _stop, "power cut": _power_cut}
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
}
KINDS: Mapping[str, Happens] = {
    **RESTARTS,
    **DISK,
    "disconnection": _disconnect,
    "session lost": lambda day, _, __: day.world.broker.lose_session(),
    "session taken over": lambda day, fault, _: day.world.broker.steal(fault.size),
    "half-open connection": lambda day, _, __: day.world.broker.freeze(),
    "reordering": _weather("reorders"),
    "duplicates": _weather("duplicates"),
    "slow network": _weather("delay", lambda size: 20 * size),
    "broker half answers": _weather("half_answers"),
    "broker killed": _broker_kill,
    "retained flood": _retained_flood,
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
    "invented names": _invented_names,
    "stolen ids": _stolen_ids,
    "other site": _other_site,
    "hostile payloads": _hostile_payloads,
    "board written": _board_written,
}


def drawn(rng: Random, begin: float, end: float) -> tuple[Fault, ...]:
    """Draw the faults of a day: at least five of three kinds, one of them a restart."""
    kinds = [rng.choice(sorted(RESTARTS)), *rng.sample(sorted(KINDS), rng.randrange(4, 9))]
    if len(set(kinds)) < 3:
        kinds += rng.sample(sorted(KINDS), 2)
    found = [
        Fault(kind, rng.uniform(begin, end), rng.random(), rng.randrange(2**32)) for kind in kinds
    ]
    return tuple(sorted(found, key=lambda row: row.at))
