"""The broker fails in every way that brokers fail: the monitor reports it, reconnects, and has missed nothing."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from monitor.core.events.monitor import MonitorConnected, MonitorDisconnected
from monitor.core.inputs import Notice
from monitor.mqtt import Connection
from tests.support.chaos_stream import Stream, all_in, as_expected, drafts, reached
from tests.support.monitor_process import MonitorProcess
from tests.support.mqtt_faults import TcpProxy
from tests.support.servers import Mosquitto


def embedded_broker(pid: int) -> int:
    """The broker among the child processes of a monitor: after a kill, another one looks through its store."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                _, _, fields = (folder / "stat").read_text().rpartition(") ")
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has just ended
            if int(fields.split()[1]) == pid and b"nats-server.json" in command:
                found.append(int(folder.name))
    (broker,) = found
    return broker


def comings_and_goings(program: MonitorProcess) -> list[str]:
    """The connection's events in the journal, in order, without repetitions."""
    with program.read() as journal:
        found = [
            "here" if isinstance(given.event, MonitorConnected) else "away"
            for _, given in journal.inputs()
            if isinstance(given, Notice)
            and isinstance(given.event, MonitorConnected | MonitorDisconnected)
        ]
    return [row for n, row in enumerate(found) if n == 0 or found[n - 1] != row]


async def lose_embedded_broker(folder: Path, *, n: int, kills: int, rate: float, seed: int) -> None:
    """Kill the monitor's own broker this many times while messages arrive."""
    with MonitorProcess(folder) as program:
        assert program.process is not None
        stream = Stream(program.broker, drafts(n, seed), rate=rate)
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.run())
            for kill in range(1, kills + 1):
                await stream.sent(n * kill // (kills + 1))
                broker = await asyncio.to_thread(embedded_broker, program.process.pid)
                os.kill(broker, signal.SIGKILL)
                await reached(lambda: len(program.logged("embedded_broker_died")) == kill, 30)  # noqa: B023
                await reached(lambda: program.health()["broker_connected"], 30)
        await all_in(program, stream)
        await as_expected(program, stream)
        assert comings_and_goings(program) == ["here", *["away", "here"] * kills]
        assert await asyncio.to_thread(program.stop) == 0


async def test_the_embedded_broker_is_killed(tmp_path: Path) -> None:
    """What the broker had acknowledged to devices is in the journal, and the monitor restarts the broker."""
    await lose_embedded_broker(tmp_path, n=600, kills=2, rate=200, seed=3)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_the_embedded_broker_is_killed_for_long(tmp_path: Path) -> None:
    """Twenty thousand messages survive ten kills of the embedded broker."""
    await lose_embedded_broker(tmp_path, n=20_000, kills=10, rate=500, seed=300)


async def test_a_broker_without_persistence_is_killed(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The journal keeps what it has; the monitor reconnects, reports possible losses, and publishes the board again."""
    with MonitorProcess(tmp_path, mosquitto.address) as program:
        stream = Stream(program.broker, drafts(300, 4), rate=1000)
        await stream.run()
        await all_in(program, stream)
        mosquitto.kill()
        await reached(lambda: not program.health()["broker_connected"], 30)
        status, body = program.get("/healthz")
        assert status == 503
        assert str(mosquitto.port) in body
        await asyncio.to_thread(mosquitto.start)
        await reached(lambda: program.get("/healthz")[0] == 200, 30)
        assert ("session-lost", str(mosquitto.address)) in program.open_alerts()

        more = Stream(program.broker, drafts(300, 5), rate=1000)
        await more.run()
        both = Stream(program.broker, [*stream.drafts, *more.drafts], rate=1)
        both.published = stream.published + more.published
        await all_in(program, both)
        await as_expected(program, both)
        await reached(lambda: program.health()["lag"] == {"mqtt": 0}, 30)
        with program.read() as journal:
            open_ones = {alert.id for alert in journal.alerts()}
        assert await board(mosquitto) == open_ones
        assert comings_and_goings(program) == ["here", "away", "here"]


async def board(broker: Mosquitto) -> set[str]:
    """The ids of the alerts that the broker retains."""
    found: set[str] = set()

    def hear(topic: str, payload: bytes, retained: bool, _: int) -> None:
        if retained and payload:
            found.add(topic.rpartition("/")[2])

    connection = Connection(broker.address, "visitor", deliver=hear)
    await connection.open()
    await connection.subscribe(["venue/+/alert/+", "venue/+/silent-alert/+"])
    # Retained messages arrive before the answer to any later request.
    await connection.publish([("visitor", b"")])
    await connection.close()
    return found


async def test_a_connection_goes_dead_silently(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """When a connection goes silent without an error, the monitor reconnects after two keepalives."""
    async with TcpProxy(mosquitto) as wire:
        program = MonitorProcess(tmp_path, wire.address)
        try:
            await asyncio.to_thread(program.start)
            await reached(lambda: program.health()["broker_connected"], 30)
            stream = Stream(mosquitto.address, drafts(600, 6), rate=200)
            async with asyncio.TaskGroup() as group:
                group.create_task(stream.run())
                await stream.sent(200)
                before = wire.connections
                wire.freeze()
            await reached(lambda: wire.connections > before, 30)
            await all_in(program, stream)
            await as_expected(program, stream)
            assert comings_and_goings(program) == ["here", "away", "here"]
            assert any(
                "no packet received" in row["reason"]
                for row in program.logged("broker_unavailable")
            )
            assert await asyncio.to_thread(program.stop) == 0
        finally:
            program.kill()
