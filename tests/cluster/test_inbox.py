"""On a real broker, Kafka and Flink: the inbox of a site loses no message and doubles none."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.cluster.records import LoggedInput, RulesNamed
from monitor.core.events.monitor import MonitorConnected, MonitorStarted, Noticed
from monitor.core.inputs import Notice
from monitor.errors import JournalError
from monitor.journal import Journal
from monitor.mqtt import Connection
from tests.support.monitor_process import MonitorProcess
from tests.support.mqtt_faults import TcpProxy
from tests.support.pipeline import event_payload
from tests.support.servers import Mosquitto

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
COUNT = 200
PATIENCE = 300.0


async def test_the_inbox_is_killed_before_it_acknowledges(
    begin: Callable[[], "ClusterRun"], tmp_path: Path
) -> None:
    """What Kafka has and the broker has no PUBACK for comes again, and its site knows it."""
    run = begin()
    with Mosquitto(tmp_path) as broker:
        async with TcpProxy(broker) as proxy:
            inbox = MonitorProcess(
                tmp_path,
                proxy.address,
                f'[cluster]\nbrokers = "{run.table.brokers}"\nprefix = "{run.table.prefix}"\n',
                rules=("doors.toml",),
            )
            # The connection lives on without answers, as with a network that is slow in one direction.
            text = inbox.config.read_text()
            inbox.config.write_text(text.replace('keepalive = "2s"', 'keepalive = "600s"'))
            try:
                inbox.begin_command("cluster", "inbox")
                await until(lambda: connected(run.line.log()) == 1)
                proxy.hold_answers()
                await publish(broker)
                await until(lambda: len(messages(run.line.log())) > 0)
                inbox.kill()
                proxy.cut()
                before = len(messages(run.line.log()))
                inbox.begin_command("cluster", "inbox")
                await until(lambda: len(messages(run.line.log())) == COUNT + before)
            finally:
                inbox.kill()
    log = run.line.log()
    assert len({row.id for row in messages(log)}) == COUNT
    assert [row for row in log if isinstance(row.input, RulesNamed) and row.site != "site-000"]
    started = [event for event in noticed(log) if isinstance(event, MonitorStarted)]
    assert [event.downtime_s > 0 for event in started] == [False, True]

    run.flink.have_workers(2)
    run.submit(2)
    run.now = datetime.now(UTC)
    run.line.tick(run.now + timedelta(hours=1))
    run.line.flush()
    assert run.line.read_until(lambda: len(taken(run)) == COUNT)
    run.flink.stop_with_savepoint(run.job)
    run.line.read_rest()

    assert len(taken(run)) == len(set(taken(run))) == COUNT
    wanted = max(row.n for row in run.line.out if row.site == "congress")
    with Mosquitto(tmp_path) as broker:
        first = await read_out(inbox, broker, wanted)
        for path in inbox.folder.glob("*journal.db*"):
            path.unlink()
        assert await read_out(inbox, broker, wanted) == first
    assert len(first) > COUNT


async def test_a_second_inbox_takes_over(
    begin: Callable[[], "ClusterRun"],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Of two inboxes one takes messages in; when it is killed the other goes on, and no message is lost or doubled."""
    run = begin()
    with Mosquitto(tmp_path) as broker:
        inboxes = []
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            more = f'[cluster]\nbrokers = "{run.table.brokers}"\nprefix = "{run.table.prefix}"\n'
            inboxes.append(MonitorProcess(folder, broker.address, more, rules=("doors.toml",)))
        first, second = inboxes
        try:
            first.begin_command("cluster", "inbox")
            await until(lambda: bool(first.logged("inbox_running")))
            second.begin_command("cluster", "inbox")
            await until(lambda: bool(second.logged("inbox_stands_by")))
            await publish(broker)
            await until(lambda: len(messages(run.line.log())) == COUNT)
            assert second.logged("inbox_running") == []
            first.kill()
            killed = time.monotonic()
            await publish(broker, COUNT)
            await until(lambda: len(messages(run.line.log())) >= 2 * COUNT)
            record_property("taken over after", f"{time.monotonic() - killed:.1f} s")
        finally:
            first.kill()
            second.kill()
    log = run.line.log()
    assert len({row.id for row in messages(log)}) == 2 * COUNT
    started = [event for event in noticed(log) if isinstance(event, MonitorStarted)]
    assert [event.downtime_s > 0 for event in started] == [False, True]


async def read_out(reader: MonitorProcess, broker: Mosquitto, wanted: int) -> list[bytes | None]:
    """Return the identities in the journal that the site's reader has written, after it was killed halfway."""
    text = reader.config.read_text()
    reader.config.write_text(re.sub(r"port = \d+", f"port = {broker.port}", text, count=1))
    try:
        for enough in (1, wanted):
            reader.begin_command("cluster", "reader")
            await until(lambda enough=enough: written(reader.journal) >= enough)  # type: ignore[misc]
            reader.kill()
    finally:
        reader.kill()
    with Journal(reader.journal, read_only=True) as journal:
        return [row.id for row in journal.entries(0, 10_000)]


def written(path: Path) -> int:
    """Return how many inputs a journal has."""
    if not path.exists():
        return 0
    try:
        with Journal(path, read_only=True) as journal:
            return journal.seq
    except JournalError:
        return 0


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, without stopping the proxy."""
    deadline = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline


async def publish(broker: Mosquitto, first: int = 0) -> None:
    """A door sends what it does; its messages are numbered from the first on."""
    connection = Connection(broker.address, "door", deliver=lambda *_: None)
    await connection.open()
    for n in range(first, first + COUNT):
        kind = "door.closed" if n % 2 else "door.opened"
        payload = event_payload(kind, datetime.now(UTC), point="hall-gate-north-1", id=str(n))
        await connection.publish([("venue/hall/door/hall-gate-north-1", payload)])
    await connection.close()


def messages(log: list[LoggedInput]) -> list[LoggedInput]:
    """The messages of doors."""
    return [row for row in log if "/door/" in row.topic]


def noticed(log: list[LoggedInput]) -> list[Noticed]:
    """What the inbox noticed about itself."""
    return [row.input.event for row in log if isinstance(row.input, Notice)]


def connected(log: list[LoggedInput]) -> int:
    """How often the inbox has reported a connection."""
    return sum(isinstance(event, MonitorConnected) for event in noticed(log))


def taken(run: "ClusterRun") -> list[str]:
    """The messages of doors that the site took in, in order."""
    return [row.entry.id.hex() for row in run.line.out if "/door/" in row.entry.topic]
