"""The running monitor, without a process of its own: what it opens, what it feeds, and how it ends."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from monitor.app.run import run
from monitor.app.runfile import read_run_file
from monitor.config import load as load_config
from monitor.core.rules.model import RuleSet
from monitor.deadman.heartbeat_message import heartbeat_topic
from monitor.errors import BrokerUnavailable, JournalLoss
from monitor.journal import backup, verify
from monitor.mqtt import Connection, Publisher
from monitor.rules.read import load as load_rules
from monitor.runtime.clock import SystemClock
from monitor.venue import load as load_venue
from tests.support.chaos_stream import reached
from tests.support.http_stub import HttpStub, ReceivedRequest, StubResponse, http_stub
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import ROOT, event_payload
from tests.support.servers import HOST, PATIENCE, Mosquitto, eventually
from tests.support.subscriber import Subscriber

DOOR, NAME = "hall-vip-door", "VIP lounge"
ROSTER = """
[[person]]
id = "anna"
name = "Anna"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{host}:{port}/anna" }}]

[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "anna" }}]

[[escalation]]
id = "now"
rules = ["door-forced", "journal-*"]
step = [{{ notify = "anna", wait = "1h" }}]

[[escalation]]
id = "all-else"

[fallback]
notify = "anna"
"""
SINKS = """
[heartbeat]
every = "1s"
[alertmanager]
urls = ["{url}"]
[[webhook]]
name = "soc"
url = "{url}/soc"
secret_file = "secret"
[influx]
url = "{url}"
database = "venue"
api = "v1"
gzip = false
"""
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    """The shipped rules with the example venue."""
    return load_rules(ROOT / "rules").rule_set(load_venue(ROOT / "venue.toml"))


def answer(asked: ReceivedRequest) -> StubResponse:
    """Answer as an InfluxDB, an Alertmanager without alerts, or the service of a phone."""
    if asked.path.startswith("/write"):
        return StubResponse(204)
    return StubResponse(body=b"[]" if "/api/v2/" in asked.path else b'{"healthy":true}')


@pytest.fixture
async def world() -> AsyncIterator[HttpStub]:
    """All servers that the monitor sends to."""
    async with http_stub() as made:
        made.decide = answer
        yield made


@pytest.fixture
def thawed() -> Iterator[None]:
    """Undo what the monitor does with the garbage collector of its process."""
    yield
    gc.unfreeze()


class Deployment:
    """A deployment with a roster and all sinks, and the monitor that runs it."""

    def __init__(
        self, folder: Path, world: HttpStub, rule_set: RuleSet, broker: Mosquitto | None
    ) -> None:
        (folder / "secret").write_text(SECRET)
        self.files = MonitorProcess(
            folder,
            None if broker is None else broker.address,
            SINKS.format(url=world.url),
            ROSTER.format(host=HOST, port=world.port),
        )
        self.journal = self.files.journal
        self.rule_set = rule_set
        self.world = world

    def run(self, *, accept_loss: bool = False) -> asyncio.Task[None]:
        """Start the monitor."""
        config = load_config(self.files.config)
        made = run(
            config, self.rule_set, lambda: self.rule_set, SystemClock(), accept_loss=accept_loss
        )
        return asyncio.create_task(made)

    @asynccontextmanager
    async def running(self, *, accept_loss: bool = False) -> AsyncIterator[None]:
        """Run the monitor; at the end it is stopped as by systemd."""
        task = self.run(accept_loss=accept_loss)
        try:
            await eventually(lambda: task.done() or self.is_announced())
            if not task.done():
                await reached(self.is_listening, PATIENCE)
                yield
                os.kill(os.getpid(), signal.SIGTERM)
            await task
        finally:
            task.cancel()

    def is_announced(self) -> bool:
        """Return whether the monitor has announced its ports."""
        running = read_run_file(self.journal)
        return running is not None and running.pid == os.getpid()

    def is_listening(self) -> bool:
        """Return whether it has subscribed, and pages about each alert by itself."""
        health = self.files.health()
        return bool(health["broker_connected"]) and not health["catching_up"]

    async def force(self, door: str) -> None:
        """Force a door, and wait until its alert is in the journal."""
        payload = event_payload("door.alarm", datetime.now(UTC), point=door, alarm="forced_open")
        async with Publisher(self.files.broker, "door") as publisher:
            await publisher.publish(f"venue/hall/door/{door}", payload)
        await eventually(lambda: ("door-forced", door) in self.files.open_alerts())

    def lose(self) -> None:
        """Delete the journal and its witness."""
        for path in self.journal.parent.glob("journal.db*"):
            path.unlink()

    def has_sent(self, path: str, text: str) -> bool:
        """Return whether a text was sent to a path."""
        return any(text in body for body in self.sent(path))

    def sent(self, path: str) -> list[str]:
        """Return what was sent to a path."""
        return [
            row.body.decode()
            for row in self.world.asked
            if row.method == "POST" and row.path.partition("?")[0] == path
        ]


@pytest.mark.usefixtures("thawed")
async def test_an_alert_reaches_every_sink(
    tmp_path: Path, mosquitto: Mosquitto, world: HttpStub, rule_set: RuleSet
) -> None:
    """One forced door reaches phone, webhook, Alertmanager, InfluxDB and the board; SIGTERM ends without an error."""
    made = Deployment(tmp_path, world, rule_set, mosquitto)
    async with made.running(), Subscriber(made.files.broker, "reader") as reader:
        await reader.subscribe("venue/+/alert/#")
        await made.force(DOOR)
        _, body = await asyncio.wait_for(reader.take(), PATIENCE)
        for path, text in (("/", NAME), ("/soc", DOOR), ("/api/v2/alerts", DOOR), ("/write", DOOR)):
            await eventually(partial(made.has_sent, path, text))
        health = await asyncio.to_thread(made.files.health)

    assert DOOR in body.decode()
    assert health["broker_connected"]
    assert verify(made.journal) == []


@pytest.mark.usefixtures("thawed")
async def test_the_embedded_broker_needs_no_other(
    tmp_path: Path, world: HttpStub, rule_set: RuleSet
) -> None:
    """Without a broker of its own, a deployment gets one, and ends it, too."""
    made = Deployment(tmp_path, world, rule_set, None)
    async with made.running():
        await made.force(DOOR)

    with pytest.raises(BrokerUnavailable):
        await Connection(made.files.broker, "reader").open()


@pytest.mark.usefixtures("thawed")
async def test_lost_history_is_paged_until_a_person_accepts_it(
    tmp_path: Path, mosquitto: Mosquitto, world: HttpStub, rule_set: RuleSet
) -> None:
    """A restored backup does not start: one page, although it is started again; accepted, it is an open alert."""
    made = Deployment(tmp_path, world, rule_set, mosquitto)
    async with made.running():
        backup(made.journal, tmp_path / "backup.db")
        await made.force(DOOR)
    (tmp_path / "backup.db").replace(made.journal)

    for _ in range(2):
        with pytest.raises(JournalLoss):
            await made.run()
    assert len([row for row in made.sent("/") if "History lost" in row]) == 1

    async with made.running(accept_loss=True):
        await eventually(lambda: "journal-loss" in {rule for rule, _ in made.files.open_alerts()})
    assert verify(made.journal) == []


@pytest.mark.usefixtures("thawed")
async def test_the_heartbeat_knows_what_a_new_journal_lacks(
    tmp_path: Path, mosquitto: Mosquitto, world: HttpStub, rule_set: RuleSet
) -> None:
    """Journal and witness are both gone; the retained heartbeat still says that there were inputs."""
    made = Deployment(tmp_path, world, rule_set, mosquitto)
    async with made.running(), Subscriber(made.files.broker, "reader") as reader:
        await reader.subscribe(heartbeat_topic("congress"))
        await asyncio.wait_for(reader.take(), PATIENCE)
    made.lose()

    with pytest.raises(JournalLoss, match="heartbeat"):
        await made.run()
