"""Strangers at the broker, with real processes: invented names and forged sites cost no real door its alert."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.mqtt import Connection, Publisher
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import Mosquitto

DOOR = "hall-gate-north-1"
PATIENCE = 60.0
Sent = tuple[str, bytes]


def forced(point: str, at: datetime, own: str) -> bytes:
    """A door reports that it was forced open."""
    event = {"type": "door.alarm", "at": at.isoformat(), "alarm": "forced_open", "point": point}
    return json.dumps(event | {"id": own}).encode()


def fire(zone: str, at: datetime) -> bytes:
    """A detector reports a fire."""
    return json.dumps({"type": "emergency.fire", "at": at.isoformat(), "zone": zone}).encode()


async def send(program: MonitorProcess, *messages: Sent, retain: bool = False) -> None:
    """Publish messages, each acknowledged by the broker."""
    async with Publisher(program.broker, "stranger") as publisher:
        await publisher.publish_many(messages, retain=retain)


async def test_invented_names_cost_no_real_door_its_alert(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    """Two thousand doors and a thousand zones that do not exist hide neither a real door's alert nor a real fire."""
    now = datetime.now(UTC)
    names = [(f"venue/hall/door/x{n}", forced(f"x{n}", now, "1")) for n in range(2_000)]
    names += [(f"venue/hall/emergency/z{n}", fire(f"z{n}", now)) for n in range(1_000)]
    with MonitorProcess(tmp_path, mosquitto.address) as program:
        await send(program, *names)
        await send(
            program,
            (f"venue/hall/door/{DOOR}", forced(DOOR, now, "1")),
            ("venue/hall/emergency/hall-foyer", fire("hall-foyer", now)),
        )
        real = {("door-forced", DOOR), ("fire", "hall-foyer")}
        program.until(lambda: real <= program.open_alerts().keys(), PATIENCE)
        found = program.open_alerts()

    assert sum(rule == "door-forced" for rule, _ in found) == 101
    assert {key: n for (rule, key), (_, n) in found.items() if rule == "fire"} == {
        "* / hall": 1_000,
        "hall-foyer": 1,
    }
    assert ("monitor-keys-capped", "door-forced") in found


async def test_a_forged_site_hides_no_true_message(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The forged copy is refused before and after a SIGKILL, and the true message raises its alert."""
    now = datetime.now(UTC)
    forged = ("venue/hotel-a/door/" + DOOR, forced(DOOR, now, "7"))
    refused = ("rejected-input", forged[0])
    with MonitorProcess(tmp_path, mosquitto.address) as program:
        await send(program, forged)
        program.until(lambda: refused in program.open_alerts(), PATIENCE)
        program.kill()
        program.start()
        await send(program, forged, (f"venue/hall/door/{DOOR}", forged[1]))
        program.until(lambda: ("door-forced", DOOR) in program.open_alerts(), PATIENCE)
        program.until(lambda: program.open_alerts()[refused][1] >= 2, PATIENCE)


async def kept(program: MonitorProcess) -> dict[str, bytes]:
    """The alerts that the broker keeps."""
    found: dict[str, bytes] = {}

    def hear(topic: str, payload: bytes, retained: bool, _packet_id: int) -> None:
        if retained:
            found[topic] = payload

    connection = Connection(program.broker, "screen", deliver=hear)
    await connection.open()
    try:
        await connection.subscribe(["venue/+/alert/#"], qos=0)
        await connection.subscribe(["screen/nothing"], qos=0)
    finally:
        await connection.close()
    return found


async def board_is(program: MonitorProcess) -> bool:
    """Return whether the broker keeps the alerts of the journal, and no others."""
    with program.read() as journal:
        ours = {alert.id for alert in journal.alerts() if not alert.silent}
    return {topic.rpartition("/")[2] for topic in await kept(program)} == ours


@pytest.mark.parametrize("embedded", [False, True])
async def test_ghosts_on_the_board_disappear_and_raise_an_alert(
    tmp_path: Path, mosquitto: Mosquitto, *, embedded: bool
) -> None:
    """Alerts forged before the start or while the monitor runs are removed; a deleted one of its own is restored."""
    now = datetime.now(UTC)
    before, during = "venue/hall/alert/before", "venue/nowhere/alert/during"
    with MonitorProcess(tmp_path, None if embedded else mosquitto.address) as program:
        await send(program, (f"venue/hall/door/{DOOR}", forced(DOOR, now, "1")))
        program.until(lambda: ("door-forced", DOOR) in program.open_alerts(), PATIENCE)
        await until(lambda: board_is(program))
        with program.read() as journal:
            (own,) = [alert.id for alert in journal.alerts() if alert.rule == "door-forced"]
        if not embedded:
            program.stop()
            async with Publisher(mosquitto.address, "stranger") as publisher:
                await publisher.publish(before, b'{"title": "All clear"}', retain=True)
            program.start()
            # What changes before the board is connected is restored without an alert.
            program.until(lambda: ("board-written", before) in program.open_alerts(), PATIENCE)
        await send(program, (during, b"{}"), (f"venue/hall/alert/{own}", b""), retain=True)
        written = {("board-written", during), ("board-written", f"venue/hall/alert/{own}")}
        written |= set() if embedded else {("board-written", before)}
        program.until(lambda: written <= program.open_alerts().keys(), PATIENCE)
        await until(lambda: board_is(program))
        found = {key for key in program.open_alerts() if key[0] == "board-written"}
    assert found == written


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            pass
