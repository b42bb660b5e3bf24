"""Monitor and InfluxDB are killed repeatedly: InfluxDB has what the journal has, also after a backfill."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from monitor.core.events.access import Access, AccessDuress
from monitor.core.inputs import Arrival
from monitor.core.transitions import AlertChanged
from monitor.journal import Journal
from monitor.sinks.influx.event_measurements import EVENTS
from monitor.sinks.influx.measurements import STATES
from monitor.sinks.influx.schema import name_of
from monitor.sinks.influx.self_measurements import SELF_METRICS
from monitor.sinks.influx.timestamps import nanoseconds
from tests.support.chaos_stream import Stream, all_in, drafts, reached
from tests.support.influxd import Influx, Rows
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import Mosquitto


@contextmanager
def deployment(folder: Path, mosquitto: Mosquitto, server: Influx) -> Iterator[MonitorProcess]:
    """A monitor that writes to a server."""
    more = f'[influx]\nurl = "{server.url}"\napi = "v1"\n'
    with MonitorProcess(folder, mosquitto.address, more) as program:
        yield program


async def survive(
    folder: Path, mosquitto: Mosquitto, server: Influx, *, n: int, kills: int, rate: float
) -> None:
    """Send ``n`` messages, kill monitor and server in turn meanwhile, and compare; then backfill and compare."""
    rng = Random(n)
    server.create()
    with deployment(folder, mosquitto, server) as program:
        stream = Stream(program.broker, drafts(n, n), rate=rate)
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.run())
            for i, moment in enumerate(sorted(rng.sample(range(n // 20, n - n // 20), kills))):
                await stream.sent(moment)
                victim = (program, server)[i % 2]
                victim.kill()
                await asyncio.sleep(rng.uniform(0, 0.3))
                await asyncio.to_thread(victim.start)
        await all_in(program, stream)
        await reached(lambda: program.health()["lag"] == {"mqtt": 0, "influx": 0}, 60)
        assert await asyncio.to_thread(program.stop) == 0
        with program.read() as journal:
            compare(journal, server)
            end = max(entry.received_at for entry in journal.entries(0, 10_000_000))
        before = everything(server, end)
        server.query('DROP DATABASE "venue"', db="")
        server.create()
        done = await asyncio.to_thread(program.ask, "backfill")
        assert done.returncode == 0, done.stderr
        assert everything(server, end) == before
        done = await asyncio.to_thread(program.ask, "backfill")
        assert done.returncode == 0, done.stderr
        assert everything(server, end) == before


def compare(journal: Journal, server: Influx) -> None:
    """Assert that every passage and every change of an alert is stored by its id, and nothing else."""
    passages, steps = [], []
    for entry in journal.entries(0, 10_000_000):
        given = entry.input()
        if isinstance(given, Arrival) and entry.id is not None:
            passages += [
                entry.id.hex()
                for passage in given.events
                if isinstance(passage, Access) and not isinstance(passage, AccessDuress)
            ]
        steps += [
            (event.alert.id, str(event.change))
            for event in entry.transitions()
            if isinstance(event, AlertChanged) and not event.alert.silent
        ]
    found = [row["event_id"] for row in server.query("SELECT event_id FROM access")]
    assert sorted(found) == sorted(passages)
    rows = server.query("SELECT alert_id, change FROM alert_event")
    assert sorted((row["alert_id"], row["change"]) for row in rows) == sorted(steps)


def everything(server: Influx, end: datetime) -> dict[str, Rows]:
    """All points of the journal, up to its last input."""
    return {
        name_of(kind): server.query(
            f'SELECT * FROM "{name_of(kind)}" WHERE time <= {nanoseconds(end)}'  # noqa: S608 - declared names
        )
        for kind in (*EVENTS, *STATES)
    }


async def test_killed_and_killed_again(tmp_path: Path, mosquitto: Mosquitto, folder: Path) -> None:
    """InfluxDB is complete after four kills in 1,200 messages."""
    with Influx(folder) as server:
        await survive(tmp_path, mosquitto, server, n=1200, kills=4, rate=300)
        assert [row for kind in SELF_METRICS for row in everything_of(server, name_of(kind))] == []


def everything_of(server: Influx, name: str) -> Rows:
    """All points of a measurement; a backfill does not have the monitor's self-metrics."""
    return server.query(f'SELECT * FROM "{name}"')  # noqa: S608 - declared names


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_killed_for_long(tmp_path: Path, mosquitto: Mosquitto, folder: Path) -> None:
    """InfluxDB is complete after thirty kills in 40,000 messages."""
    with Influx(folder) as server:
        await survive(tmp_path, mosquitto, server, n=40_000, kills=30, rate=1000)
