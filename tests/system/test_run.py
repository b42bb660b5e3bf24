"""The program from start to exit: its messages, the files it leaves, and its exit codes."""

import asyncio
import json
import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from monitor.app.runfile import read_run_file
from monitor.cli import DAMAGED
from monitor.journal import stats, verify
from monitor.mqtt import Connection, Publisher
from monitor.mqtt.backlog_check import blocks
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import START, event_payload
from tests.support.servers import HOST, PATIENCE, Mosquitto

GATE = "venue/hall/door/hall-gate-north-1"
MONITOR = "venue/congress/monitor"


@pytest.fixture
def program(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[MonitorProcess]:
    """A deployment that is not started yet."""
    made = MonitorProcess(tmp_path, mosquitto.address)
    yield made
    made.kill()


async def send(program: MonitorProcess, n: int, first: int = 0) -> None:
    """Publish openings of a door, each with an id of its own."""
    async with Publisher(program.broker, "door") as publisher:
        rows = range(first, first + n)
        point = "hall-gate-north-1"
        await publisher.publish_many(
            (GATE, event_payload("door.opened", START, point=point, id=str(row))) for row in rows
        )


async def kept(program: MonitorProcess, topic: str) -> bytes:
    """Return the retained message of a topic."""
    received: list[bytes] = []
    connection = Connection(
        program.broker,
        "visitor",
        deliver=lambda _topic, payload, _kept, _id: received.append(payload),
    )
    await connection.open()
    await connection.subscribe([topic])
    await connection.publish([("visitor", b"")])  # acknowledged after the retained message
    await connection.close()
    return b"".join(received)


def ids(program: MonitorProcess) -> list[str]:
    """Return the senders' ids in the journal, in order."""
    with closing(sqlite3.connect(program.journal)) as db:
        rows = db.execute("SELECT payload FROM input WHERE topic = ? ORDER BY seq", (GATE,))
        return [json.loads(payload)["id"] for (payload,) in rows]


def ended(program: MonitorProcess) -> int:
    """Wait until the program exits by itself; return the exit code."""
    assert program.process is not None
    return program.process.wait(PATIENCE)


async def test_a_clean_exit(program: MonitorProcess) -> None:
    """SIGTERM leads to exit code 0, a snapshot, a retained ``offline``, and nothing to replay at the next start."""
    with program:
        await send(program, 20)
        program.until(lambda: len(ids(program)) == 20)
        assert await kept(program, MONITOR) == b"online"
        assert program.stop() == 0
    assert await kept(program, MONITOR) == b"offline"
    assert json.loads(program.journal.with_name("journal.db.running").read_bytes())["pid"] == 0
    assert not program.journal.with_name("journal.db-wal").exists()
    assert verify(program.journal) == []
    with closing(sqlite3.connect(program.journal)) as db:
        (latest,) = db.execute("SELECT max(seq) FROM snapshot").fetchone()
    assert latest == stats(program.journal)["last_seq"]
    with program:
        assert [row["replayed"] for row in program.logged("recovered")] == [0, 0]
        assert program.stop() == 0


async def test_inputs_older_than_the_retention_are_deleted(program: MonitorProcess) -> None:
    """Old inputs are deleted at a start, once every sink has processed them; a removed sink doesn't prevent it."""
    with program:
        await send(program, 20)
        program.until(lambda: len(ids(program)) == 20 and program.health()["lag"] == {"mqtt": 0})
        assert program.stop() == 0
    with closing(sqlite3.connect(program.journal, isolation_level=None)) as db:
        db.execute("INSERT INTO cursor (reader, seq) VALUES ('gone', 0)")
    text = program.config.read_text()
    program.config.write_text(text.replace("[journal]", '[journal]\nretention = "1s"'))
    with program:
        program.until(lambda: not ids(program))
        assert stats(program.journal)["first_seq"] > 20
        assert stats(program.journal)["cursors"].keys() == {"mqtt"}
        program.until(lambda: bool(program.logged("journal_pruned")))
        assert program.stop() == 0
    assert verify(program.journal) == []


async def test_a_kill_is_reported_by_the_last_will(program: MonitorProcess) -> None:
    """The broker publishes ``offline`` for a killed monitor."""
    with program:
        await send(program, 1)
        program.kill()
        async with asyncio.timeout(PATIENCE):
            while await kept(program, MONITOR) != b"offline":  # noqa: ASYNC110 - the broker tells
                await asyncio.sleep(0.05)


def test_systemd_is_notified(program: MonitorProcess, tmp_path: Path) -> None:
    """The notices are ready after the start, a watchdog while the monitor runs, and stopping at the end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.settimeout(PATIENCE)
        wire.bind(str(tmp_path / "notify"))
        program.environment |= {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "100000",
        }
        with program:
            assert wire.recv(100) == b"READY=1"
            assert wire.recv(100) == b"WATCHDOG=1"
            assert wire.recv(100) == b"WATCHDOG=1"
            assert program.stop() == 0
            while (notice := wire.recv(100)) == b"WATCHDOG=1":
                pass
            assert notice == b"STOPPING=1"


async def test_a_full_disk(program: MonitorProcess) -> None:
    """The exit code is 1, with the reason in the log and on MQTT; unwritten messages are redelivered and not lost."""
    with program:
        await send(program, 50)
        program.until(lambda: len(ids(program)) == 50)
        assert program.process is not None
        wal = program.journal.with_name("journal.db-wal")
        room = wal.stat().st_size + 50_000
        before = resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (room, before[1]))
        await send(program, 2_000, first=50)
        assert ended(program) == 1
    assert "the disk is failing or full: check it" in program.log_text()
    assert "Traceback" not in program.log_text()
    farewell = await kept(program, MONITOR)
    assert farewell.startswith(b"stopped: ")
    assert b"the disk is failing or full" in farewell
    assert verify(program.journal) == []
    assert len(ids(program)) < 2_050

    with program:
        program.until(lambda: len(ids(program)) == 2_050)
        assert sorted(ids(program), key=int) == [str(n) for n in range(2_050)]
        assert program.stop() == 0


@pytest.mark.parametrize("damage", ["cut", "replaced"])
async def test_a_damaged_journal(program: MonitorProcess, damage: str) -> None:
    """The start fails with code 6 and advice, and acknowledges nothing; with the backup nothing is lost."""
    with program:
        await send(program, 50)
        program.until(lambda: len(ids(program)) == 50)
        assert program.stop() == 0
    await send(program, 50, first=50)
    whole = program.journal.read_bytes()
    other = b"a text that was saved here" * 100
    program.journal.write_bytes(whole[: len(whole) // 3] if damage == "cut" else other)
    program.begin()
    assert ended(program) == DAMAGED
    assert "put the latest backup in its place" in program.log_text()
    assert "Traceback" not in program.log_text()

    program.journal.write_bytes(whole)
    with program:
        program.until(lambda: len(ids(program)) == 100)
        assert program.stop() == 0


def test_a_port_that_is_in_use(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The exit code is 2, and the error names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = MonitorProcess(tmp_path, mosquitto.address)
        text = program.config.read_text()
        program.config.write_text(text.replace("[http]\nport = 0", f"[http]\nport = {port}"))
        found = program.ask("run")
    assert found.returncode == 2
    assert f"[http] 127.0.0.1:{port}" in found.stderr
    assert "choose another port" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_missing_broker_is_waited_for(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The monitor starts without its broker, is unhealthy, and recovers when the broker comes."""
    mosquitto.kill()
    program = MonitorProcess(tmp_path, mosquitto.address)
    try:
        program.start()
        status, body = program.get("/healthz")
        assert status == 503
        assert str(mosquitto.port) in json.loads(body)["troubles"][0]
        mosquitto.start()
        program.until(lambda: program.get("/healthz")[0] == 200)
        assert program.stop() == 0
    finally:
        program.kill()


def descriptors(pid: int) -> int:
    """Return how many files a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def test_damage_in_the_broker_s_store_is_an_alert(tmp_path: Path) -> None:
    """After a bit has flipped in what the embedded broker keeps, the monitor starts and raises an alert."""
    program = MonitorProcess(tmp_path)
    with program:
        program.stop()
    block = max(blocks(tmp_path / "broker"), key=lambda path: path.stat().st_size)
    content = bytearray(block.read_bytes())
    content[-1] ^= 1
    block.write_bytes(content)
    with program:
        program.until(lambda: any(rule == "backlog-damaged" for rule, _ in program.open_alerts()))


async def test_idle_connections_do_not_end_it(program: MonitorProcess) -> None:
    """With a thousand idle clients of the web server and few descriptors, events are committed and health responds."""
    with program, ExitStack() as stack:
        assert program.process is not None
        resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (450, 450))
        running = read_run_file(program.journal)
        assert running is not None
        for _ in range(1000):
            address = (HOST, running.http_port)
            stack.enter_context(await asyncio.to_thread(socket.create_connection, address))
        with program.read() as journal:
            before = journal.seq
        await send(program, 50)
        program.until(lambda: program.health()["seq"] >= before + 50)
        assert descriptors(program.process.pid) < 330
        assert program.stop() == 0
    assert verify(program.journal) == []
