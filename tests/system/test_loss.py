"""A journal that has lost history or is damaged, with real processes: people are paged, nothing starts by itself."""

import asyncio
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from monitor.cli import DAMAGED, LOSS
from monitor.core.events.monitor import MonitorLossAccepted
from monitor.core.inputs import Notice
from monitor.deadman.heartbeat_message import HeartbeatMessage, heartbeat_topic, status_topic
from monitor.journal import backup, verify
from monitor.journal.witness import read_witness, witness_path
from monitor.mqtt import BrokerAddress, Publisher
from tests.support.chaos_stream import reached
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, PATIENCE, Mosquitto
from tests.support.subscriber import Subscriber
from tests.system.test_cli import alert_at

CONGRESS = "congress"
DOORS = ("hall-gate-north-1", "hall-gate-north-2")
ROSTER = """
[[person]]
id = "anna"
name = "Anna"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{host}:{port}/anna" }}]

[[person]]
id = "bao"
name = "Bảo"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{host}:{port}/bao" }}]

[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "bao" }}]

[[escalation]]
id = "it"
rules = ["journal-*"]
step = [{{ notify = "anna" }}]

[[escalation]]
id = "all-else"

[fallback]
notify = "anna"
"""


class Scene:
    """A monitor beside a broker that survives it, and the phones of two people."""

    def __init__(self, folder: Path, broker: BrokerAddress, phones: HttpStub) -> None:
        phones.decide = lambda _: StubResponse(body=b'{"healthy":true}')
        self.phones = phones
        self.program = MonitorProcess(
            folder,
            broker,
            more='[heartbeat]\nevery = "1s"',
            roster=ROSTER.format(host=HOST, port=phones.port),
            rules=("doors.toml", "monitor.toml"),
        )

    @property
    def journal(self) -> Path:
        """The journal's path."""
        return self.program.journal

    async def start(self, *options: str) -> None:
        """Start it, and wait until it is connected: before that, the broker keeps nothing for it."""
        self.program.begin(*options)
        await asyncio.to_thread(self.program.until, self.program.answers)
        await asyncio.to_thread(
            self.program.until, lambda: bool(self.program.health()["broker_connected"])
        )

    async def force(self, door: str) -> None:
        """Force a door, and wait until its alert is in the journal."""
        await asyncio.to_thread(alert_at, self.program, door, "door.alarm", alarm="forced_open")

    async def killed(self) -> int:
        """Run until an alert is open and a heartbeat includes it; kill, and return the number of the latest input."""
        await self.start()
        await self.force(DOORS[0])
        with self.program.read() as journal:
            seq = journal.seq
        async with Subscriber(self.program.broker, "reader") as reader:
            await reader.subscribe(heartbeat_topic(CONGRESS))
            known = 0
            while known < seq:
                body = (await asyncio.wait_for(reader.take(), PATIENCE))[1]
                known = msgspec.json.decode(body, type=HeartbeatMessage).seq
        self.program.kill()
        return seq

    async def exit_code(self, *arguments: str) -> int:
        """Start it, with arguments; return the code with which it ends by itself."""
        done = await asyncio.to_thread(self.program.ask, "run", *arguments)
        with self.program.log.open("a") as log:
            log.write(done.stderr)
        return done.returncode

    async def accept(self) -> None:
        """Start it with a person's acceptance of the loss, and wait until it answers."""
        await self.start("--accept-loss")

    def pages(self) -> list[tuple[str, str]]:
        """Return person and text of each page about a loss or a damage."""
        asked = [json.loads(row.body) for row in self.phones.asked if row.method == "POST"]
        texts = [(row["topic"], row["title"] + row["message"]) for row in asked]
        return [row for row in texts if "History lost" in row[1] or "is damaged" in row[1]]

    async def status(self) -> str:
        """Return the retained status."""
        async with Subscriber(self.program.broker, "reader") as reader:
            await reader.subscribe(status_topic(CONGRESS))
            return (await asyncio.wait_for(reader.take(), PATIENCE))[1].decode()


@pytest.fixture
async def scene(tmp_path: Path, mosquitto: Mosquitto) -> AsyncIterator[Scene]:
    """A monitor that has not been started."""
    async with http_stub() as phones:
        made = Scene(tmp_path, mosquitto.address, phones)
        try:
            yield made
        finally:
            made.program.kill()


def witnessed(journal: Path) -> int:
    """Return the number of the latest input that the witness knows."""
    known = read_witness(journal)
    return 0 if known is None else known.seq


def frames(log: bytes) -> int:
    """Return how many frames of a write-ahead log belong to it, and not to an earlier use of the file."""
    page, n = int.from_bytes(log[8:12], "big"), 0
    while log[32 + n * (page + 24) :][8:16] == log[16:24]:
        n += 1
    return n


async def test_a_flipped_byte_in_the_log_after_a_kill(scene: Scene, tmp_path: Path) -> None:
    """The start fails with an exit code of its own; one person is paged, and status and watcher give both numbers."""
    program, log = scene.program, scene.journal.with_name("journal.db-wal")
    await scene.start()
    with closing(sqlite3.connect(scene.journal, isolation_level=None)) as reader:
        # As long as a reader needs the earlier state, nothing that follows leaves the log.
        reader.execute("BEGIN")
        (before,) = reader.execute("SELECT max(seq) FROM input").fetchone()
        kept = frames(log.read_bytes())
        await scene.force(DOORS[0])
        with program.read() as journal:
            seq = journal.seq
        # What the witness doesn't know yet isn't acknowledged either: the broker sends it again, and nothing is lost.
        await reached(lambda: witnessed(scene.journal) >= seq, PATIENCE)
        program.kill()
        whole = {
            name: scene.journal.with_name(name).read_bytes() for name in ("journal.db", log.name)
        }
    for name, body in whole.items():
        scene.journal.with_name(name).write_bytes(body)
    damaged = bytearray(whole[log.name])
    damaged[32 + kept * (4096 + 24) + 1000] ^= 1
    log.write_bytes(damaged)

    assert await scene.exit_code() == LOSS
    [(person, text)] = scene.pages()
    assert person == "anna"
    found = re.search(r"ends at input (\d+), but had reached (\d+)", text)
    assert found is not None, text
    assert before <= int(found[1]) < int(found[2])
    stopped = f"stopped: journal ends at {found[1]}, was at {found[2]}: so its witness"
    assert await scene.status() == stopped
    assert await scene.exit_code() == LOSS
    assert len(scene.pages()) == 1, "the same loss is not paged at every restart"

    await watcher_names(scene, tmp_path, stopped)


async def watcher_names(scene: Scene, folder: Path, reason: str) -> None:
    """Start a watcher and wait until one of its pages names the reason."""
    (folder / "pages").write_text(f"json://{HOST}:{scene.phones.port}/\n")
    watch = folder / "watch.toml"
    watch.write_text(
        'name = "night"\npages_file = "pages"\n[[monitor]]\ncongress = "congress"\n'
        f'host = "{HOST}"\nport = {scene.program.broker.port}\nsilent_after = "5s"\n'
    )
    watcher = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "watch", "--file", str(watch)
    )
    try:
        needle = json.dumps(reason)[1:-1].encode()
        await reached(lambda: any(needle in row.body for row in scene.phones.asked), PATIENCE)
    finally:
        watcher.kill()
        await watcher.wait()


async def damage_file(scene: Scene, damage: str) -> bytes:
    """Kill a running monitor and damage the file of its journal; return the file as it was."""
    await scene.killed()
    with closing(sqlite3.connect(scene.journal)) as db:
        # The pages in the log would take the place of those that are damaged.
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'alert'").fetchone()
    whole, start = scene.journal.read_bytes(), (page - 1) * 4096
    match damage:
        case "cut":
            scene.journal.write_bytes(whole[: len(whole) // 3])
        case "a page":
            scene.journal.write_bytes(whole[:start] + b"\xff" * 4096 + whole[start + 4096 :])
        case _:
            with closing(sqlite3.connect(scene.journal, isolation_level=None)) as db:
                db.execute("DELETE FROM snapshot")
                db.execute("UPDATE input SET body = x'7b7d' WHERE kind = 'notice' AND seq > 1")
    return whole


@pytest.mark.parametrize("damage", ["a page", "an input"])
async def test_a_damaged_journal_pages(scene: Scene, damage: str) -> None:
    """The start fails with an exit code of its own; one person is paged, and the status names the reason."""
    await damage_file(scene, damage)

    assert await scene.exit_code() == DAMAGED
    [(person, text)] = scene.pages()
    assert person == "anna"
    assert "until a person restores the journal" in text
    assert (await scene.status()).startswith("stopped: journal is damaged: ")


async def test_a_damaged_journal_is_watched_and_restored(scene: Scene, tmp_path: Path) -> None:
    """The watcher names the reason, the same damage is not paged at every start, and a restored journal starts."""
    whole = await damage_file(scene, "cut")

    assert await scene.exit_code() == DAMAGED
    assert await scene.exit_code() == DAMAGED
    assert len(scene.pages()) == 1
    await watcher_names(scene, tmp_path, await scene.status())

    for suffix in ("-wal", "-shm"):
        scene.journal.with_name(f"journal.db{suffix}").unlink(missing_ok=True)
    scene.journal.write_bytes(whole)
    await scene.start()
    assert await scene.status() == "online"


async def test_an_empty_journal_continues_on_the_word_of_a_person(scene: Scene) -> None:
    """An empty journal is not taken for a first start; once accepted, the loss is in the audit trail and an alert."""
    was = await scene.killed()
    for suffix in ("-wal", "-shm"):
        scene.journal.with_name(f"journal.db{suffix}").unlink()
    scene.journal.write_bytes(b"")

    assert await scene.exit_code() == LOSS
    assert scene.journal.stat().st_size == 0
    assert "ends at 0, was at" in await scene.status()
    await scene.accept()
    await asyncio.to_thread(
        scene.program.until,
        lambda: "journal-loss" in {rule for rule, _ in scene.program.open_alerts()},
    )
    with scene.program.read() as journal:
        inputs = list(journal.inputs())
        assert inputs[0][0] > was
    accepted = [
        given.event
        for _, given in inputs
        if isinstance(given, Notice) and isinstance(given.event, MonitorLossAccepted)
    ]
    assert [(row.ends, row.was >= was) for row in accepted] == [(0, True)]
    assert accepted[0].who
    assert await scene.status() == "online"
    assert await asyncio.to_thread(scene.program.stop) == 0
    assert verify(scene.journal) == []
    await asyncio.to_thread(scene.program.start)
    assert len(scene.program.logged("journal_loss")) == 1


@pytest.mark.parametrize("broken", ["rules", "venue"])
async def test_a_loss_is_reported_although_a_file_has_mistakes(
    scene: Scene, tmp_path: Path, broken: str
) -> None:
    """Rules or venue can't be read at the same time: the retained status names the loss, and everyone is paged."""
    await scene.killed()
    for suffix in ("-wal", "-shm"):
        scene.journal.with_name(f"journal.db{suffix}").unlink()
    scene.journal.write_bytes(b"")
    program, wrong = scene.program, tmp_path / "wrong"
    if broken == "rules":
        wrong = program.rules / "doors.toml"
    else:
        program.config.write_text(
            program.config.read_text().replace(str(ROOT / "venue.toml"), str(wrong))
        )
    wrong.write_text("this is no TOML")

    assert await scene.exit_code() == LOSS
    assert "ends at 0, was at" in await scene.status()
    assert {person for person, _ in scene.pages()} == {"anna", "bao"}


async def test_the_retained_heartbeat_is_a_witness_too(scene: Scene, tmp_path: Path) -> None:
    """A backup restored on a new machine without the witness is behind the heartbeat that the broker retains."""
    await asyncio.to_thread(scene.program.start)
    copy = tmp_path / "copy.db"
    await asyncio.to_thread(backup, scene.journal, copy)
    scene.program.kill()
    was = await scene.killed()
    for suffix in ("", "-wal", "-shm", ".witness"):
        scene.journal.with_name(f"journal.db{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, scene.journal)

    assert await scene.exit_code() == LOSS
    assert "so the retained heartbeat" in await scene.status()
    await scene.accept()
    assert scene.program.health()["seq"] > was
    scene.program.kill()
    await asyncio.to_thread(scene.program.start)


async def test_a_first_start_on_a_known_session_is_an_alert(scene: Scene) -> None:
    """Journal, witness and heartbeat are all gone: only the session at the broker shows that there was a monitor."""
    await scene.killed()
    for suffix in ("", "-wal", "-shm", ".witness"):
        scene.journal.with_name(f"journal.db{suffix}").unlink(missing_ok=True)
    async with Publisher(scene.program.broker, "eraser") as eraser:
        await eraser.publish(heartbeat_topic(CONGRESS), b"", retain=True)

    await asyncio.to_thread(scene.program.start)
    await asyncio.to_thread(
        scene.program.until,
        lambda: "journal-new" in {rule for rule, _ in scene.program.open_alerts()},
    )


async def test_a_missing_witness_is_an_alert(scene: Scene) -> None:
    """The heartbeat shows that nothing is missing: the monitor starts, and says that it could not compare."""
    await scene.killed()
    witness_path(scene.journal).unlink()
    await asyncio.to_thread(scene.program.start)
    await asyncio.to_thread(
        scene.program.until,
        lambda: "witness-missing" in {rule for rule, _ in scene.program.open_alerts()},
    )
    assert witness_path(scene.journal).exists()
