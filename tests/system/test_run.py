"""The program from its start to its end: what it says, what it leaves behind, and with which code it goes."""

import asyncio
import json
import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.journal import stats, verify
from monitor.mqtt import Connection, Publisher
from tests.support.monitor_process import Program
from tests.support.pipeline import START, said
from tests.support.servers import Mosquitto

GATE = "venue/hall/door/hall-gate-north-1"
MONITOR = "venue/congress/monitor"


@pytest.fixture
def program(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Program]:
    """A deployment, not yet started; nothing of it is left running."""
    made = Program(tmp_path, mosquitto.address)
    yield made
    made.kill()


async def send(program: Program, n: int, first: int = 0) -> None:
    """Openings of a door, each with an id of its own."""
    async with Publisher(program.broker, "door") as publisher:
        rows = range(first, first + n)
        point = "hall-gate-north-1"
        await publisher.publish_many(
            (GATE, said("door.opened", START, point=point, id=str(row))) for row in rows
        )


async def kept(program: Program, topic: str) -> bytes:
    """What the broker keeps for a topic."""
    heard: list[bytes] = []
    connection = Connection(
        program.broker, "visitor", deliver=lambda _topic, payload, _kept, _id: heard.append(payload)
    )
    await connection.open()
    await connection.subscribe([topic])
    await connection.publish([("visitor", b"")])  # its answer comes after what is kept
    await connection.close()
    return b"".join(heard)


def ids(program: Program) -> list[str]:
    """The senders' own ids in the journal, in order."""
    with closing(sqlite3.connect(program.journal)) as db:
        rows = db.execute("SELECT payload FROM input WHERE topic = ? ORDER BY seq", (GATE,))
        return [json.loads(payload)["id"] for (payload,) in rows]


def ended(program: Program) -> int:
    """The exit code, when it has ended by itself."""
    assert program.process is not None
    return program.process.wait(30)


async def test_a_clean_end(program: Program) -> None:
    """SIGTERM: code 0, the state is written down, everybody is told, and nothing is replayed at the next start."""
    with program:
        await send(program, 20)
        program.until(lambda: len(ids(program)) == 20)
        assert await kept(program, MONITOR) == b"online"
        assert program.stop() == 0
    assert await kept(program, MONITOR) == b"offline"
    assert not program.journal.with_name("journal.db.running").exists()
    assert not program.journal.with_name("journal.db-wal").exists()
    assert verify(program.journal) == []
    with closing(sqlite3.connect(program.journal)) as db:
        (latest,) = db.execute("SELECT max(seq) FROM snapshot").fetchone()
    assert latest == stats(program.journal)["last_seq"]
    with program:
        assert [row["replayed"] for row in program.logged("recovered")] == [0, 0]
        assert program.stop() == 0


async def test_what_is_older_than_the_retention_goes(program: Program) -> None:
    """A start removes it, when every sink has had it; a sink that is no longer there holds nothing back."""
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


async def test_a_kill_is_told_by_the_last_will(program: Program) -> None:
    """Nobody has to notice a dead monitor by its silence."""
    with program:
        await send(program, 1)
        program.kill()
        async with asyncio.timeout(30):
            while await kept(program, MONITOR) != b"offline":  # noqa: ASYNC110 - the broker tells
                await asyncio.sleep(0.05)


def test_systemd_hears_of_it(program: Program, tmp_path: Path) -> None:
    """Ready when it works, alive while it does, stopping when it goes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.settimeout(30)
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
            while (heard := wire.recv(100)) == b"WATCHDOG=1":
                pass
            assert heard == b"STOPPING=1"


async def test_a_full_disk(program: Program) -> None:
    """It stops with code 1 and says why in the log and on MQTT; what was not written comes again and is then there."""
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
    assert "the disk fails or is full: check it" in program.said()
    assert "Traceback" not in program.said()
    farewell = await kept(program, MONITOR)
    assert farewell.startswith(b"stopped: ")
    assert b"the disk fails or is full" in farewell
    assert verify(program.journal) == []
    assert len(ids(program)) < 2_050

    with program:
        program.until(lambda: len(ids(program)) == 2_050)
        assert sorted(ids(program), key=int) == [str(n) for n in range(2_050)]
        assert program.stop() == 0


@pytest.mark.parametrize("damage", ["cut", "replaced"])
async def test_a_damaged_journal(program: Program, damage: str) -> None:
    """The start refuses with code 1 and the way out, and acknowledges nothing; with the backup back all is there."""
    with program:
        await send(program, 50)
        program.until(lambda: len(ids(program)) == 50)
        assert program.stop() == 0
    await send(program, 50, first=50)
    whole = program.journal.read_bytes()
    other = b"a text that somebody saved here" * 100
    program.journal.write_bytes(whole[: len(whole) // 3] if damage == "cut" else other)
    program.begin()
    assert ended(program) == 1
    assert "put the latest backup in its place" in program.said()
    assert "Traceback" not in program.said()

    program.journal.write_bytes(whole)
    with program:
        program.until(lambda: len(ids(program)) == 100)
        assert program.stop() == 0


def test_a_port_that_is_taken(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Somebody has to choose another port: code 2, and which it is."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = Program(tmp_path, mosquitto.address)
        text = program.config.read_text()
        program.config.write_text(text.replace("[http]\nport = 0", f"[http]\nport = {port}"))
        found = program.ask("run")
    assert found.returncode == 2
    assert f"[http] 127.0.0.1:{port}" in found.stderr
    assert "choose another port" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_broker_that_is_not_there_is_waited_for(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The monitor starts without its broker, says what it lacks, and begins when the broker comes."""
    mosquitto.kill()
    program = Program(tmp_path, mosquitto.address)
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
