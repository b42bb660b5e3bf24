"""What happens to the broker, the network, and those who send what they should not."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from tests.simulation.broker import Weather
from tests.simulation.fault import Daily, Fault, Happens
from tests.simulation.machine import call_later
from tests.simulation.traffic import at


def _weather(name: str, value: Callable[[float], object] = lambda _: True) -> Happens:
    """A time in which the network behaves in a way."""

    def happens(day: Daily, fault: Fault, _: Random) -> None:
        weather, before = day.world.broker.weather, getattr(Weather(), name)
        setattr(weather, name, value(fault.size))
        call_later(30 + 270 * fault.size, lambda: setattr(weather, name, before))

    return happens


def _disconnect(day: Daily, fault: Fault, _: Random) -> None:
    day.world.broker.disconnect(again_in=1 + 200 * fault.size**2)


def _session_lost(day: Daily, _: Fault, __: Random) -> None:
    world = day.world
    if world.broker.has_session:
        world.noted.session_lost_at = world.machine.elapsed
    world.broker.lose_session()


def _garbled_stream(day: Daily, fault: Fault, rng: Random) -> None:
    """Something between broker and monitor sends what no broker sends."""
    wire = day.world.broker.wire
    if wire is not None:
        wire.send_garbage(rng.randbytes(1 + int(400 * fault.size)))


def _broker_kill(day: Daily, fault: Fault, _: Random) -> None:
    now, down = day.world.machine.elapsed, 2 + 60 * fault.size
    day.world.noted.broker_down.append((now, now + down))
    day.world.broker.kill(60 * fault.size, down)


def _retained_flood(day: Daily, fault: Fault, rng: Random) -> None:
    broker = day.world.broker
    for n in range(50 + int(400 * fault.size)):
        name = f"ghost-{rng.randrange(10**6)}"
        body = {"type": "door.mode", "at": at(0).isoformat(), "id": str(n), "point": name}
        broker.retained[f"venue/centre/door/{name}"] = json.dumps(
            {**body, "mode": "locked"}
        ).encode()
    broker.disconnect()
    call_later(120, broker.retained.clear)


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
        except (ValueError, RecursionError):
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


NETWORK: Mapping[str, Happens] = {
    "disconnection": _disconnect,
    "session lost": _session_lost,
    "session taken over": lambda day, fault, _: day.world.broker.steal(fault.size),
    "half-open connection": lambda day, _, __: day.world.broker.freeze(),
    "garbled stream": _garbled_stream,
    "reordering": _weather("reorders"),
    "duplicates": _weather("duplicates"),
    "slow network": _weather("delay", lambda size: 20 * size),
    "broker half answers": _weather("half_answers"),
    "broker killed": _broker_kill,
    "retained flood": _retained_flood,
    "invented names": _invented_names,
    "stolen ids": _stolen_ids,
    "other site": _other_site,
    "hostile payloads": _hostile_payloads,
    "board written": _board_written,
}
