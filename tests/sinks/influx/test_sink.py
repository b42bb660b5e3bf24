"""Whatever the server does, InfluxDB gets what the journal has once it can; refused points are named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from monitor.config.influx import Influx as Settings
from monitor.config.secret import Secret
from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.sinks.influx.client import Client, connect
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.measurements import ALL
from monitor.sinks.influx.schema import name_of
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.influx.timestamps import nanoseconds
from monitor.sinks.relay import Relay
from monitor.texts import plain
from tests.sinks.influx.test_projection import happen, projection
from tests.support.influxd import Influx, Rows
from tests.support.pipeline import START, PipelineHarness
from tests.support.proxy import Proxy
from tests.support.servers import HOST, eventually, free_port


class Quick(InfluxSink):
    """A sink that writes states a hundred times a second, because tests wait for it."""

    every = timedelta(seconds=0.01)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """An empty pipeline."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


@asynccontextmanager
async def relayed(
    line: PipelineHarness, settings: Settings, refused: list[MonitorSinkRefused] | None = None
) -> AsyncIterator[Relay]:
    """A running relay from the pipeline's journal to a server."""
    noted = [] if refused is None else refused
    client = connect(settings)
    relay = Relay(
        line.journal, sink_of(line, client, noted), noted.append, line.clock.now, Random(1)
    )
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.wait({task})
        await client.close()


def sink_of(line: PipelineHarness, client: Client, refused: list[MonitorSinkRefused]) -> Quick:
    """The sink, with a heartbeat of one line."""
    return Quick(
        LineDelivery(client, refused.append, line.clock.now),
        projection(),
        self_metrics=lambda: [
            f"monitor,congress=x alive=1i {int(line.clock.time.timestamp())}000000000"
        ],
        latest=lambda: line.journal.seq,
        now=line.clock.now,
    )


def busy(line: PipelineHarness, passages: int = 20) -> None:
    """A few messages of each kind."""
    for n in range(passages):
        happen(line, "access.granted", point="g1", id=f"{line.journal.seq}-{n}", direction="in")
    happen(line, "door.alarm", point="d1", alarm="forced_open", id=f"{line.journal.seq}")
    line.wait(61)


def is_there(line: PipelineHarness, server: Influx) -> bool:
    """Return whether the server has exactly the points of the journal."""
    entries = line.journal.entries(0, 1_000_000)
    found = {entry.id.hex() for entry in entries if entry.id and "access" in repr(entry.input())}
    rows = server.query("SELECT event_id FROM access")
    return len(rows) == len(found) and {row["event_id"] for row in rows} == found


def everything(server: Influx) -> dict[str, Rows]:
    """All points of all measurements."""
    return {
        name_of(kind): server.query(f'SELECT * FROM "{name_of(kind)}"')  # noqa: S608 - declared names
        for kind in ALL
    }


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
async def test_the_v1_api(line: PipelineHarness, influx: Influx, zipped: bool) -> None:
    """With ``api = "v1"``, the sink writes to InfluxDB 1.6 itself."""
    busy(line)
    async with relayed(line, Settings(url=influx.url, api="v1", gzip=zipped)) as relay:
        await eventually(lambda: relay.lag == 0)
        assert is_there(line, influx)
        busy(line)
        relay.wake_up.set()
        await eventually(lambda: relay.lag == 0)
        assert is_there(line, influx)
        assert relay.behind == timedelta(0)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
async def test_the_v2_api(
    line: PipelineHarness, influx: Influx, tmp_path: Path, zipped: bool
) -> None:
    """With ``api = "v2"``, InfluxData's client writes through a proxy that translates for InfluxDB 1.6."""
    busy(line)
    with Proxy(tmp_path, influx.url) as proxy:
        settings = Settings(url=proxy.url, gzip=zipped, org="congress")
        async with relayed(line, settings) as relay:
            await eventually(lambda: relay.lag == 0)
            assert is_there(line, influx)


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_name_and_a_password(
    line: PipelineHarness, folder: Path, tmp_path: Path, api: str
) -> None:
    """Without name and password, or with wrong ones, everything waits, and the trouble says what to do."""
    user = ("monitor", "long enough")
    busy(line)
    proxy_folder = tmp_path / "proxy"
    proxy_folder.mkdir()
    with Influx(folder, user=user) as server, Proxy(proxy_folder, server.url) as proxy:
        server.create()
        url = server.url if api == "v1" else proxy.url
        for password in (None, Secret("wrong"), Secret(user[1])):
            settings = Settings(
                url=url,
                api="v1" if api == "v1" else "v2",
                auth="none" if password is None else "basic",
                username="" if password is None else user[0],
                password=password,
            )
            async with relayed(line, settings) as relay:
                if password is None or password.reveal() == "wrong":
                    await eventually(lambda relay=relay: bool(relay.trouble))  # type: ignore[misc]
                    assert "answers 401" in plain(relay.trouble)
                    assert "check auth, token_file, username and password_file" in plain(
                        relay.trouble
                    )
                    assert relay.cursor == 0
                else:
                    await eventually(lambda relay=relay: relay.lag == 0)  # type: ignore[misc]
        assert is_there(line, server)


async def test_without_the_database_everything_waits(line: PipelineHarness, influx: Influx) -> None:
    """Without the database, the trouble says what to create; then everything is written."""
    busy(line)
    influx.query('DROP DATABASE "venue"', db="")
    async with relayed(line, Settings(url=influx.url, api="v1")) as relay:
        await eventually(lambda: bool(relay.trouble))
        assert "answers 404" in plain(relay.trouble)
        assert "database not found" in plain(relay.trouble)
        assert "create the database" in plain(relay.trouble)
        influx.create()
        await eventually(lambda: relay.lag == 0)
        assert not relay.trouble
    assert is_there(line, influx)


async def test_an_unreachable_server_gets_everything_later(
    line: PipelineHarness, folder: Path
) -> None:
    """A server that is killed under load has everything afterwards, including the states of that time."""
    with Influx(folder) as server:
        server.create()
        async with relayed(line, Settings(url=server.url, api="v1")) as relay:
            busy(line)
            relay.wake_up.set()
            await eventually(lambda: relay.lag == 0)
            server.kill()
            for _ in range(60):
                busy(line, passages=2)
            relay.wake_up.set()
            await eventually(lambda: bool(relay.trouble))
            assert server.url in plain(relay.trouble)
            assert relay.behind > timedelta(minutes=59)
            server.start()
            await eventually(lambda: relay.lag == 0 and not relay.trouble)
        assert is_there(line, server)
        minutes = server.query("SELECT state FROM door WHERE point = 'd2'")
        assert len(minutes) >= 60


async def test_one_bad_point_is_named_and_all_others_are_stored(
    line: PipelineHarness, influx: Influx
) -> None:
    """The field has another type in the database: its lines are refused, and the rest of the batch is stored."""
    happen(line, "device.battery", device="r1", percent=50, id="1")
    happen(line, "device.battery", device="r2", percent=60, id="2")
    busy(line)
    influx.write(f'device,device=r9 battery="full" {nanoseconds(START)}')
    refused: list[MonitorSinkRefused] = []
    with capture_logs() as logs:
        async with relayed(line, Settings(url=influx.url, api="v1"), refused) as relay:
            await eventually(lambda: relay.lag == 0)
            # The devices' states come with the next heartbeat: one without a battery has no such field.
            await eventually(
                lambda: bool(influx.query("SELECT up FROM device WHERE device = 'r3'"))
            )
    assert is_there(line, influx)
    assert refused
    assert all("device: " in row.reason and "field type conflict" in row.reason for row in refused)
    buried = [row["line"] for row in logs if row["event"] == "influx_point_refused"]
    assert all(row.startswith("device,") and "battery=" in row for row in buried)
    assert len(buried) == len(refused) < 20


async def test_a_batch_that_is_too_large_is_split(
    line: PipelineHarness, influx: Influx, tmp_path: Path
) -> None:
    """With a proxy that accepts 4 kB, nothing is lost and nothing is refused."""
    busy(line, passages=200)
    refused: list[MonitorSinkRefused] = []
    with Proxy(tmp_path, influx.url, most="4k") as proxy, capture_logs() as logs:
        async with relayed(line, Settings(url=proxy.url), refused) as relay:
            await eventually(lambda: relay.lag == 0)
    assert is_there(line, influx)
    assert not refused
    assert "influx_smaller_batches" in [row["event"] for row in logs]


@asynccontextmanager
async def pretending(*answers: tuple[int, str] | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server in InfluxDB's place that gives these answers, the last one for ever; ``None`` is no answer."""
    bodies: list[bytes] = []
    ended = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        given = answers[min(len(bodies), len(answers)) - 1]
        if given is None:
            await ended.wait()
        status, text = given or (500, "")
        return web.Response(status=status, text=text or None, headers={"Retry-After": "0"})

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/write", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}", bodies
    finally:
        ended.set()
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (
            500,
            '{"error":"engine: write /data: no space left on device"}',
            "no space left on device",
        ),
        (503, "", "overloaded or starting"),
        (429, "", "rate limited"),
        (403, "", "write access"),
        (200, "<html>welcome</html>", "the address of an InfluxDB"),
        (302, "", "the address of an InfluxDB"),
    ],
    ids=["disk full", "starting", "too fast", "forbidden", "a web page", "a redirection"],
)
async def test_a_batch_is_repeated_until_it_is_stored(
    line: PipelineHarness, status: int, text: str, words: str
) -> None:
    """Only 204 is a success; the trouble gives the server's answer and what to do."""
    busy(line)
    async with (
        pretending((status, text), (status, text), (204, "")) as (url, bodies),
        relayed(line, Settings(url=url, api="v1")) as relay,
    ):
        await eventually(lambda: bool(relay.trouble))
        assert words in plain(relay.trouble)
        assert relay.cursor == 0
        await eventually(lambda: relay.lag == 0)
    assert bodies[0] == bodies[1] == bodies[2]


async def test_a_server_that_does_not_answer_is_unreachable(line: PipelineHarness) -> None:
    """A server that does not answer is reported after the configured time."""
    busy(line)
    async with pretending(None, (204, "")) as (url, bodies):
        settings = Settings(url=url, api="v1", timeout=timedelta(seconds=0.2))
        async with relayed(line, settings) as relay:
            await eventually(lambda: bool(relay.trouble))
            assert "no answer within 1 s" in plain(relay.trouble)
            await eventually(lambda: relay.lag == 0)
    assert bodies[0] == bodies[1]


async def test_a_start_after_a_kill_gives_the_same_points(
    line: PipelineHarness, influx: Influx
) -> None:
    """The points were stored before the kill but the cursor was not; writing them again changes nothing."""
    busy(line)
    settings = Settings(url=influx.url, api="v1")
    client = connect(settings)
    sink = sink_of(line, client, [])
    sink.restore(None)
    await sink.take(line.journal.entries(0))
    await sink.send_periodic()
    await client.close()  # ... and killed before the cursor moved
    before = everything(influx)
    async with relayed(line, settings) as relay:
        await eventually(lambda: relay.lag == 0)
    assert everything(influx) == before


async def test_states_are_written_without_events(line: PipelineHarness, influx: Influx) -> None:
    """States follow the clock, even without events."""
    busy(line)
    async with relayed(line, Settings(url=influx.url, api="v1")) as relay:
        await eventually(lambda: relay.lag == 0)
        line.clock.time += timedelta(seconds=30)
        end = int(line.clock.time.timestamp())
        beaten = f"SELECT alive FROM monitor WHERE time = {end}s"  # noqa: S608 - a number
        await eventually(lambda: bool(influx.query(beaten)))
        latest = "SELECT last(open) FROM alert_count"
        due = (end - 1) // 10 * 10
        await eventually(lambda: influx.query(latest, epoch="s")[0]["time"] == due)
