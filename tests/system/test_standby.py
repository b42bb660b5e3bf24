"""A warm standby: two machines with a folder each, a broker and a phone; the primary is killed, the standby goes on."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import OK, WRONG
from monitor.core.alert import Alert
from monitor.deadman.heartbeat_message import heartbeat_topic
from monitor.journal import verify
from monitor.standby.status import StandbyStatus, read_status
from monitor.venue import load
from tests.support.chaos_stream import reached
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.monitor_process import MonitorProcess
from tests.support.phone import person_with_phone
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, PATIENCE, Mosquitto, free_port
from tests.support.subscriber import Subscriber
from tests.system.test_cli import alert_at, send

CONGRESS = load(ROOT / "venue.toml").congress.id
TOKEN = "0123456789abcdef" * 4


class Pair:
    """A primary and its standby, with the same configuration, each in a folder of its own."""

    def __init__(self, folder: Path, broker: Mosquitto, phones: HttpStub) -> None:
        phones.decide = lambda _: StubResponse(body=b'{"healthy":true}')
        self.phones = phones
        port = free_port()
        roster = f"""
{person_with_phone("anna", phones.port)}
{person_with_phone("chief", phones.port)}
[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "chief" }}]

[[escalation]]
id = "doors"
rules = ["door-forced"]
step = [{{ notify = "anna", wait = "1h" }}]

[[escalation]]
id = "all-else"

[fallback]
notify = "chief"
"""
        more = f"""
[standby]
token_file = "token"
url = "http://{HOST}:{port}"
[heartbeat]
every = "1s"
"""
        for name in ("primary", "standby"):
            (folder / name).mkdir()
            (folder / name / "token").write_text(TOKEN)
        rules = ("doors.toml", "monitor.toml")
        self.primary = MonitorProcess(
            folder / "primary", broker.address, more, roster, port, rules=rules
        )
        self.standby = MonitorProcess(folder / "standby", broker.address, more, roster, rules=rules)
        self.copying = self.primary.process
        """The process that copies, once it is started."""

    def start(self) -> None:
        """Start the primary and the copying; return when the copy is in step."""
        self.primary.__enter__()
        # As an operator sets it up: with the keys of the primary.
        for key in ("key", "var/links.key"):
            if (self.primary.folder / key).exists():
                (self.standby.folder / key).parent.mkdir(exist_ok=True)
                shutil.copy(self.primary.folder / key, self.standby.folder / key)
        self.standby.begin_command("standby")
        self.copying = self.standby.process
        self.standby.until(self.is_in_step)

    def status(self) -> StandbyStatus | None:
        """Return what the standby says about its copy."""
        return read_status(self.standby.journal)

    def is_in_step(self) -> bool:
        """Return whether the copy has everything that the primary has."""
        with self.primary.read() as journal:
            seq = journal.seq
        status = self.status()
        return status is not None and not status.trouble and status.seq >= seq

    def take_over(self) -> None:
        """Take over; return when the standby runs as the monitor and receives."""
        self.standby.begin("--take-over")
        self.standby.until(self.standby.answers)
        self.standby.until(lambda: bool(self.standby.health()["broker_connected"]))

    def pages(self, person: str = "anna") -> list[dict[str, Any]]:
        """Return the pages that reached a phone."""
        asked = [json.loads(row.body) for row in self.phones.asked if row.method == "POST"]
        return [message for message in asked if message["topic"] == person]

    def took_over(self) -> list[Alert]:
        """Return the standby's open alerts about the take-over."""
        with self.standby.read() as journal:
            return [alert for alert in journal.alerts() if alert.rule == "standby-took-over"]

    async def forced(self, program: MonitorProcess, door: str) -> str:
        """Force a door, and wait for Anna's page about it; return the id of the alert."""
        await reached(lambda: not program.health()["catching_up"], PATIENCE)
        before = len(self.pages())
        alert = await asyncio.to_thread(alert_at, program, door, "door.alarm", alarm="forced_open")
        await reached(lambda: len(self.pages()) == before + 1, PATIENCE)
        return alert.id

    def kill(self) -> None:
        """End everything."""
        self.primary.kill()
        self.standby.kill()
        if self.copying is not None:
            self.copying.kill()
            self.copying.wait()


@pytest.fixture
async def pair(tmp_path: Path, mosquitto: Mosquitto) -> AsyncIterator[Pair]:
    """A primary, and a standby whose copy is in step."""
    async with http_stub() as phones:
        made = Pair(tmp_path, mosquitto, phones)
        try:
            await asyncio.to_thread(made.start)
            yield made
        finally:
            made.kill()


async def heartbeat_reaches(pair: Pair, seq: int) -> None:
    """Wait until the broker has a heartbeat of the primary with this input or a later one."""
    async with Subscriber(pair.primary.broker, "reader") as reader:
        await reader.subscribe(heartbeat_topic(CONGRESS))
        while json.loads((await reader.take())[1])["seq"] < seq:
            pass


async def test_the_standby_takes_over(pair: Pair) -> None:
    """After the kill, one command lets the standby go on: the same alerts, no page twice, no event missing."""
    alert = await pair.forced(pair.primary, "hall-vip-door")
    await reached(pair.is_in_step, PATIENCE)
    done = await asyncio.to_thread(pair.standby.ask, "standby", "--status")
    assert done.returncode == OK, done.stdout

    refused = await asyncio.to_thread(pair.standby.ask, "run", "--take-over")
    assert refused.returncode == WRONG
    assert "the primary may be running: it answers at" in refused.stderr
    assert pair.copying is not None
    assert pair.copying.poll() is None, "a refused take-over leaves the copying alone"

    pair.primary.kill()
    # What arrives while no one listens is kept by the broker.
    stage = {"point": "hall-stage-door", "active": True}
    await asyncio.to_thread(send, pair.primary, "door/hall-stage-door", "door.tamper", **stage)
    await asyncio.to_thread(pair.take_over)
    assert pair.copying.wait(PATIENCE) == OK

    with pair.standby.read() as journal:
        assert alert in {row.id for row in journal.alerts()}
    await reached(
        lambda: ("door-tamper", "hall-stage-door") in pair.standby.open_alerts(), PATIENCE
    )
    (loss,) = pair.took_over()
    assert loss.title.startswith("Standby took over at input ")
    await pair.forced(pair.standby, "hall-delegates-door")
    titles = [page["title"] for page in pair.pages()]
    assert len(titles) == len(set(titles)) == 2, "each door is paged once"
    assert verify(pair.standby.journal) == []


async def test_a_take_over_is_repeated(pair: Pair) -> None:
    """Killed and started with the same command, as a service is, it goes on at once; a loss is not accepted again."""
    await reached(pair.is_in_step, PATIENCE)
    pair.primary.kill()
    await asyncio.to_thread(pair.take_over)
    pair.standby.kill()
    await asyncio.to_thread(pair.take_over)
    assert len(pair.took_over()) == 1

    pair.standby.kill()
    for suffix in ("", "-wal", "-shm"):
        pair.standby.journal.with_name(f"journal.db{suffix}").unlink()
    done = await asyncio.to_thread(pair.standby.ask, "run", "--take-over")
    assert done.returncode != OK


async def test_the_loss_is_named(pair: Pair) -> None:
    """What the primary took in after the last copy is counted in an alert, and no one is paged again about it."""
    await reached(pair.is_in_step, PATIENCE)
    assert pair.copying is not None
    pair.copying.send_signal(signal.SIGSTOP)
    await pair.forced(pair.primary, "hall-vip-door")
    with pair.primary.read() as journal:
        had = journal.seq
    async with asyncio.timeout(PATIENCE):
        await heartbeat_reaches(pair, had)
    pair.primary.kill()
    await asyncio.to_thread(pair.take_over)

    (named,) = pair.standby.logged("taken_over")
    assert named["seq"] < had <= named["primary_seq"]
    (loss,) = pair.took_over()
    assert loss.values["seq"] == str(named["seq"])
    assert loss.values["primary_seq"] == str(named["primary_seq"])
    await pair.forced(pair.standby, "hall-delegates-door")
    assert len(pair.pages()) == 2
    assert verify(pair.standby.journal) == []


async def test_a_copy_is_not_started_by_mistake(pair: Pair) -> None:
    """Without a take-over, no monitor starts from a copy; a second copying process doesn't start either."""
    await reached(pair.is_in_step, PATIENCE)
    again = await asyncio.to_thread(pair.standby.ask, "standby")
    assert (again.returncode, "stop it first" in again.stderr) == (WRONG, True)
    assert pair.copying is not None
    pair.copying.terminate()
    assert pair.copying.wait(PATIENCE) == OK
    plain = await asyncio.to_thread(pair.standby.ask, "run")
    assert plain.returncode == WRONG
    assert "take over with `venue-monitor run --take-over`" in plain.stderr
    done = await asyncio.to_thread(pair.standby.ask, "standby", "--status")
    assert (done.returncode, "not running" in done.stdout) == (WRONG, True)
