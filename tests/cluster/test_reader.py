"""On a real broker, Kafka, Flink and InfluxDB: people are paged once and act through the log; nothing dies silently."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from monitor.app.runfile import read_run_file
from monitor.core.alert import Alert, Handling
from monitor.core.events.monitor_delivery import MonitorSinkAway
from monitor.core.inputs import Notice
from monitor.mqtt import Publisher
from tests.cluster.test_inbox import until
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.influxd import Influx
from tests.support.monitor_process import PUBLIC, MonitorProcess
from tests.support.phone import person_with_phone
from tests.support.pipeline import ROOT, event_payload
from tests.support.servers import HOST, Mosquitto

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
LINK = re.compile(rf"{PUBLIC}(/a/\S+)")
DOORS = ("hall-vip-door", "hall-gate-north-1", "hall-gate-north-2")
WAITS = "10s"


def roster(phones: HttpStub) -> str:
    """Anna is paged first, then the chief."""
    return f"""
{person_with_phone("anna", phones.port)}
{person_with_phone("chief", phones.port)}
[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "chief" }}]

[[escalation]]
id = "doors"
rules = ["door-forced"]
step = [{{ notify = "anna", wait = "{WAITS}" }}, {{ notify = "chief", wait = "1h" }}]

[[escalation]]
id = "all-else"

[fallback]
notify = "chief"
"""


class Scene:
    """A site of the cluster: its broker, inbox and reader, two people's phones, and InfluxDB."""

    def __init__(
        self, folder: Path, run: "ClusterRun", broker: Mosquitto, phones: HttpStub, influx: Influx
    ) -> None:
        phones.decide = lambda _: StubResponse(body=b'{"healthy":true}')
        self.phones = phones
        self.influx = influx
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        """The programs beside the reader, by name."""
        self.reader = MonitorProcess(
            folder,
            broker.address,
            f'[cluster]\nbrokers = "{run.table.brokers}"\nprefix = "{run.table.prefix}"\npartitions = 4\n'
            f'replicas = 1\nflink = "{run.flink.address}"\n'
            '[heartbeat]\nevery = "1s"\n'
            f'[influx]\nurl = "http://127.0.0.1:{influx.port}"\ndatabase = "venue"\napi = "v1"\n',
            roster=roster(phones),
            rules=("doors.toml", "on-call.toml"),
        )

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Run the inbox and a ticker."""
        log = (self.reader.folder / "beside.log").open("ab")
        with log:
            try:
                for name in ("inbox", "ticker"):
                    command = self.reader.command("cluster", name)
                    self.running[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
                yield
            finally:
                for name in [*self.running]:
                    self.kill(name)

    def kill(self, name: str) -> None:
        """Kill a program beside the reader."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def watch(self) -> None:
        """Start a watcher that pages the phone of the desk when the heartbeats stop."""
        folder, broker = self.reader.folder, self.reader.broker
        (folder / "pages").write_text(f"json://{HOST}:{self.phones.port}/desk\n")
        file = folder / "watch.toml"
        file.write_text(
            'name = "desk"\npages_file = "pages"\n[[monitor]]\ncongress = "congress"\n'
            f'host = "{broker.host}"\nport = {broker.port}\nsilent_after = "10s"\n'
        )
        command = [sys.executable, "-m", "monitor", "watch", "--file", str(file)]
        self.running["watch"] = subprocess.Popen(command, cwd=ROOT)

    def calls(self) -> list[str]:
        """Return the titles of the watcher's pages, without the time."""
        found = [json.loads(row.body)["title"] for row in self.phones.asked if row.path == "/desk"]
        return [title.partition(" since")[0] for title in found]

    def status(self) -> tuple[int, list[str]]:
        """Return what `cluster status` says."""
        done = subprocess.run(
            self.reader.command("cluster", "status"),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.splitlines()

    async def start_reader(self) -> None:
        """Start the reader, and wait until it serves its console."""
        self.reader.begin_command("cluster", "reader")
        await until(self._answers)

    def _answers(self) -> bool:
        process = self.reader.process
        assert process is not None
        assert process.poll() is None, self.reader.log_text()
        return self.reader.answers()

    def pages(self, person: str) -> list[dict[str, Any]]:
        """Return the pages that reached a person's phone, in order."""
        found = [json.loads(row.body) for row in self.phones.asked if row.method == "POST"]
        return [row for row in found if row["topic"] == person]

    def about(self, door: str) -> list[str]:
        """Return who was paged about a door, in order."""
        rows = [json.loads(row.body) for row in self.phones.asked if row.method == "POST"]
        alert = self.alert(door)
        return [row["topic"] for row in rows if alert is not None and alert.title in str(row)]

    def away(self) -> list[str]:
        """Return which sinks the site was told to be away."""
        with self.reader.read() as journal:
            events = [row.event for _, row in journal.inputs(0) if isinstance(row, Notice)]
        return [event.sink for event in events if isinstance(event, MonitorSinkAway)]

    def alert(self, door: str) -> Alert | None:
        """Return the open alert of a door in the reader's journal."""
        with self.reader.read() as journal:
            rows = [row for row in journal.alerts() if (row.rule, row.key) == ("door-forced", door)]
        return rows[0] if rows else None

    async def force(self, door: str) -> Alert:
        """Force a door; return the alert."""
        async with Publisher(self.reader.broker, "door") as client:
            payload = event_payload(
                "door.alarm", datetime.now(UTC), point=door, alarm="forced_open"
            )
            await client.publish(f"venue/hall/door/{door}", payload)
        await until(lambda: self.alert(door) is not None)
        found = self.alert(door)
        assert found is not None
        return found

    @property
    def base(self) -> str:
        """Where the console is."""
        running = read_run_file(self.reader.journal)
        assert running is not None
        return f"http://127.0.0.1:{running.http_port}"

    async def first_account(self, client: httpx.AsyncClient) -> None:
        """Make the account of the chief, and sign in."""
        link = re.search(r"/first/[\w-]+", self.reader.log_text())
        assert link is not None
        password = "four cold words at dawn"
        form = {"name": "chief", "password": password, "again": password}
        entered = await client.post(link[0], data=form)
        token = re.search(r"__Host-vm=([^;]+);", entered.headers["set-cookie"])
        assert token is not None
        client.headers["cookie"] = f"__Host-vm={token[1]}"


@pytest.fixture
async def stopped(begin: Callable[[], "ClusterRun"], tmp_path: Path) -> AsyncIterator[Scene]:
    """A site whose job runs, without its inbox and reader."""
    run = begin()
    run.flink.have_workers(1)
    run.submit(1)
    influx_folder = tmp_path / "influx"
    influx_folder.mkdir()
    with Mosquitto(tmp_path) as broker, Influx(influx_folder) as influx:
        influx.create()
        async with http_stub() as phones:
            made = Scene(tmp_path, run, broker, phones, influx)
            try:
                yield made
            finally:
                made.reader.kill()


@pytest.fixture
async def scene(stopped: Scene) -> AsyncIterator[Scene]:
    """A site that runs."""
    with stopped.beside():
        await stopped.start_reader()
        yield stopped


async def test_people_are_paged_once_and_act_through_the_log(scene: Scene) -> None:
    """By the link of a page, the console and the command line; a reader that loses its journal pages nobody again."""
    first, second, third = DOORS
    headers = {"accept": "text/html", "origin": PUBLIC}

    alert = await scene.force(first)
    await until(lambda: len(scene.pages("anna")) == 1)
    link = LINK.search(str(scene.pages("anna")[0]))
    assert link is not None
    async with httpx.AsyncClient(base_url=scene.base, headers=headers, timeout=60) as client:
        assert (await client.get(link[1])).status_code == 200
        assert "You have acknowledged it" in (await client.post(link[1])).text
        taken = scene.alert(first)
        assert taken is not None
        assert (taken.handling, taken.owner) == (Handling.ACKNOWLEDGED, "anna")

        await scene.first_account(client)
        await scene.force(second)
        await until(lambda: len(scene.pages("anna")) == 2)
        other = scene.alert(second)
        assert other is not None
        assert other.id in (await client.get("/board")).text
        done = await client.post(f"/alerts/{other.id}/acknowledge", data={"key": "k"})
        assert done.status_code == 303
        given = await client.post(f"/alerts/{other.id}/hand_over", data={"key": "l", "to": "anna"})
        assert given.status_code == 303, given.text
    await until(lambda: len(scene.pages("anna")) == 3)
    other = scene.alert(second)
    assert other is not None
    assert other.owner == "anna"

    by_hand = scene.reader.ask("ack", alert.id, "--emergency", "--who", "chief", "--note", "mine")
    assert by_hand.returncode == 0, by_hand.stderr
    # Longer than the first step waits: whoever has an alert stops its escalation.
    await asyncio.sleep(float(WAITS[:-1]) + 2)
    assert scene.pages("chief") == []
    before = [scene.pages(person) for person in ("anna", "chief")]

    scene.reader.kill()
    for path in scene.reader.folder.glob("*journal.db*"):
        path.unlink()
    points = "SELECT count(*) FROM door"
    written = scene.influx.query(points)
    scene.influx.query("DROP MEASUREMENT door")
    await scene.start_reader()
    await scene.force(third)
    await until(lambda: len(scene.pages("anna")) == len(before[0]) + 1)

    assert scene.pages("anna")[:-1] == before[0]
    assert scene.pages("chief") == []
    kept = scene.alert(second)
    assert kept is not None
    assert kept.owner == "anna"
    assert written
    await until(lambda: bool(scene.influx.query(points)))


async def test_whatever_dies_is_noticed(scene: Scene) -> None:
    """A dead reader by the watcher and by `status`, a dead inbox by the reader, and dead tickers by the watcher."""
    await until(lambda: scene.status()[0] == 0)
    scene.watch()

    scene.reader.kill()
    await until(lambda: scene.calls() == ["Venue monitor congress SILENT"])
    await until(lambda: scene.status()[0] == 1)
    (line,) = scene.status()[1]
    assert line.startswith("site congress: no sign of its reader for ")
    await scene.start_reader()
    await until(lambda: scene.calls()[1:] == ["Venue monitor congress is BACK"])
    await until(lambda: scene.status()[0] == 0)

    scene.kill("inbox")
    await until(lambda: "inbox" in scene.away())
    scene.kill("ticker")
    await until(lambda: scene.calls()[2:] == ["Venue monitor congress SILENT"])


async def test_a_machine_becomes_a_site(stopped: Scene) -> None:
    """Its open alert is there, whoever was paged is not paged again, and the escalation goes on from where it was."""
    machine = stopped.reader
    machine.start()
    await until(lambda: bool(machine.health()["broker_connected"]))
    alert = await stopped.force(DOORS[0])
    await until(lambda: stopped.about(DOORS[0]) == ["anna"])
    assert machine.stop() == 0

    brought = machine.ask("cluster", "import")
    assert brought.returncode == 0, brought.stderr
    again = machine.ask("cluster", "import")
    assert (again.returncode == 0, "congress is in the cluster already" in again.stderr) == (
        False,
        True,
    )
    with stopped.beside():
        await stopped.start_reader()
        await until(lambda: stopped.about(DOORS[0])[1:] == ["chief"])
        await stopped.force(DOORS[1])
        await until(lambda: stopped.about(DOORS[1])[:1] == ["anna"])

    kept = stopped.alert(DOORS[0])
    assert kept is not None
    assert (kept.id, kept.raised_at, kept.occurrences) == (alert.id, alert.raised_at, 1)
    assert stopped.about(DOORS[0]) == ["anna", "chief"]
