"""The take-over: only when the primary is gone, with the loss named, and with repeats marked as such."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from monitor.config import Config, JournalTable, Secret
from monitor.config.standby import Standby
from monitor.deadman.heartbeat_message import HeartbeatMessage, heartbeat_topic, status_topic
from monitor.errors import JournalError
from monitor.journal import ChangesReader, CopyMark, Journal, JournalCopy, verify
from monitor.mqtt import BrokerAddress, Publisher
from monitor.standby.primary import Primary
from monitor.standby.status import StandbyStatus, write_status
from monitor.standby.take_over import (
    PrimaryAlive,
    TakeOver,
    check_copy,
    complete,
    may_have_been_sent,
    prepare,
)
from monitor.web.health import Health
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.paging import alert, page
from tests.support.pipeline import START, PipelineHarness, event_payload
from tests.support.servers import HOST, Mosquitto, free_port

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HEALTH = Health(
    ok=False,
    troubles=("no broker",),
    seq=1,
    broker_connected=False,
    catching_up=False,
    open_alerts=0,
    warming_up=(),
    lag={},
)
TAKE_OVER = TakeOver(
    primary="http://primary", primary_seq=40, copied_at=START - 3 * SECOND, is_forced=False
)


class Network:
    """A primary's web server and a broker, as the standby finds them."""

    def __init__(self, broker: Mosquitto, http: HttpStub) -> None:
        self.broker = broker
        self.http = http
        self.http.decide = lambda _: StubResponse(status=502, body=b"bad gateway")

    async def retain(self, status: str, *, age: float | None) -> None:
        """Have the broker retain a status, and a heartbeat unless `age` is None."""
        async with Publisher(self.broker.address, "primary") as publisher:
            await publisher.publish(status_topic("trial"), status.encode(), retain=True)
            if age is not None:
                message = HeartbeatMessage(
                    at=NOW - timedelta(seconds=age), started_at=NOW, every_s=10, seq=70, ok=True
                )
                packed = msgspec.json.encode(message)
                await publisher.publish(heartbeat_topic("trial"), packed, retain=True)

    def primary(self, address: BrokerAddress | None = None) -> Primary:
        """Return the primary as the standby looks for it."""
        settings = Standby(token=Secret("0" * 32), url=self.http.url)
        return Primary(settings, address or self.broker.address, "trial")


@pytest.fixture
async def network(mosquitto: Mosquitto) -> AsyncIterator[Network]:
    """A network in which a proxy answers in the primary's place."""
    async with http_stub() as http:
        yield Network(mosquitto, http)


@pytest.mark.parametrize(
    ("status", "age", "reason"),
    [
        ("offline", 1, ""),
        ("stopped: the disk is full", 1, ""),
        ("online", 31, ""),
        ("online", 29, "its latest heartbeat is 29 s old"),
        ("online", None, "has a connection to it"),
    ],
)
async def test_what_the_broker_knows(
    network: Network, status: str, age: float | None, reason: str
) -> None:
    """A primary with a last will, or with three heartbeats missing, is gone; a connected one is not."""
    await network.retain(status, age=age)
    primary = network.primary()
    why = await primary.why_alive(NOW)
    assert why.startswith(reason) if reason.startswith("its") else reason in why
    assert bool(why) == bool(reason)
    assert (primary.heartbeat is not None) == (age is not None)


async def test_a_primary_that_answers(network: Network) -> None:
    """A primary whose web server answers is running, even without a broker."""
    network.http.decide = lambda _: StubResponse(status=503, body=msgspec.json.encode(HEALTH))
    assert await network.primary().why_alive(NOW) == f"it answers at {network.http.url}"


async def test_a_standby_that_is_cut_off(network: Network) -> None:
    """A standby that reaches neither the primary nor the broker can't tell whether the primary is gone."""
    nowhere = BrokerAddress(HOST, free_port())
    why = await network.primary(nowhere).why_alive(NOW)
    assert why.startswith("whether it is running can't be found out: ")


async def test_force_overrules(network: Network, tmp_path: Path) -> None:
    """A take-over is refused while the primary may be running, unless a person insists; that is recorded."""
    await network.retain("online", age=1)
    path = tmp_path / "copy.db"
    config = Config(journal=JournalTable(path=path))
    settings = Standby(token=Secret("0" * 32), url=network.http.url)
    with pytest.raises(JournalError, match="there is no copy; start `venue-monitor standby` first"):
        await prepare(config, settings, network.primary(), NOW, force=True)
    JournalCopy(path).__exit__()
    status = StandbyStatus(pid=0, primary=settings.url, seq=50, primary_seq=60, copied_at=NOW)
    write_status(path, status)
    with pytest.raises(PrimaryAlive, match=r"heartbeat is 1 s old.*add --force"):
        await prepare(config, settings, network.primary(), NOW, force=False)
    taken = await prepare(config, settings, network.primary(), NOW, force=True)
    assert taken == TakeOver(primary=settings.url, primary_seq=70, copied_at=NOW, is_forced=True), (
        "the heartbeat is later than the last copy"
    )


def copied(line: PipelineHarness, target: Path) -> None:
    """Copy a journal."""
    with ChangesReader(line.journal.path) as reader, JournalCopy(target) as copy:
        copy.apply(reader.changes(copy.position()))


def test_the_loss_is_in_the_journal(tmp_path: Path) -> None:
    """After a take-over, one alert in the journal says what is missing; it is raised only once."""
    with PipelineHarness(tmp_path / "primary.db") as primary:
        payload = event_payload("door.tamper", START, point="d1", active=True)
        primary.take(primary.sent("venue/centre/door/d1", payload))
        primary.pipeline.snapshot()
        copied(primary, tmp_path / "copy.db")
        last = primary.journal.seq
    with Journal(tmp_path / "copy.db") as journal:
        with pytest.raises(JournalError, match="take over with `venue-monitor run --take-over`"):
            check_copy(journal, None)
        assert check_copy(journal, TAKE_OVER) is journal
    with PipelineHarness(tmp_path / "copy.db") as line:
        complete(TAKE_OVER, line.pipeline)
        assert line.journal.copy_mark is CopyMark.NONE
        complete(TAKE_OVER, line.pipeline)
        line.wait(5)
        (loss,) = [row for row in line.journal.alerts() if row.rule == "standby-took-over"]
        assert next(line.journal.inputs(last))[0] == 41, "no number is used twice"
    assert verify(tmp_path / "copy.db") == []
    values = {name: loss.values[name] for name in ("seq", "primary_seq", "copied_s")}
    assert values == {"seq": str(last), "primary_seq": "40", "copied_s": "3"}
    assert loss.title == (
        f"Standby took over at input {last}: the primary had 40 or more, last copied 3 s before"
    )


def test_an_unfinished_copy_is_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first copy that was cut off lacks the start of the history: not even a person can start it."""
    monkeypatch.setattr("monitor.journal.changes.MOST_INPUTS", 1)
    with PipelineHarness(tmp_path / "primary.db") as primary:
        for n in range(3):
            primary.take(primary.sent("venue/centre/door/d1", b"nonsense %d" % n))
        copied(primary, tmp_path / "copy.db")
    with (
        Journal(tmp_path / "copy.db") as journal,
        pytest.raises(JournalError, match="was never complete"),
    ):
        check_copy(journal, TAKE_OVER)


def test_which_pages_may_have_been_sent(tmp_path: Path) -> None:
    """Pages within a minute of a take-over about alerts from before it may have been sent; without one, none."""
    before, after = replace(alert(), last_at=START - SECOND), replace(alert(), last_at=START)
    with PipelineHarness(tmp_path / "journal.db") as line:
        assert not may_have_been_sent(line.journal, START)(page(alerts=(before,)))
        with JournalCopy(tmp_path / "copy.db") as copy, ChangesReader(line.journal.path) as reader:
            copy.apply(reader.changes(copy.position()))
    with PipelineHarness(tmp_path / "copy.db") as line:
        complete(TAKE_OVER, line.pipeline)
        for restarted_after in (0, 50):
            marked = may_have_been_sent(line.journal, START + restarted_after * SECOND)
            assert marked(replace(page(alerts=(before,)), at=START + 2 * SECOND))
            assert not marked(replace(page(alerts=(before,)), at=START + 61 * SECOND))
            assert not marked(replace(page(alerts=(before, after)), at=START + 2 * SECOND))
        assert not may_have_been_sent(line.journal, START + 3600 * SECOND)(page(alerts=(before,)))
