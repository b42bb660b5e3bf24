"""Watchers ask the monitor how it fares, and Prometheus for its figures."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.app.supervisor import STUCK, WHILE_PAGING, Watch
from monitor.ingest.inbox import Inbox
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.relay import Relay
from monitor.web.health import server, web
from tests.support.http_stub import Answer, loopback
from tests.support.paging import delivering, page, row
from tests.support.pipeline import Line, said
from tests.support.servers import HOST, Mosquitto, eventually, free_port

DOOR = "venue/centre/door/d1"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A line with rules in force."""
    with Line(tmp_path / "journal.db") as made:
        yield made


class Site:
    """The monitor's pages, on a port of their own."""

    def __init__(self, watch: Watch, port: int) -> None:
        self.watch = watch
        self.port = port

    async def get(self, path: str) -> tuple[int, str, str]:
        """Status, content type and body of a page."""
        return await asyncio.to_thread(self._get, path)

    async def health(self) -> tuple[int, Any]:
        """Status and content of ``/healthz``."""
        status, _, body = await self.get("/healthz")
        return status, json.loads(body)

    def _get(self, path: str) -> tuple[int, str, str]:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}") as answer:
                return answer.status, answer.headers["content-type"], answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers["content-type"], refused.read().decode()


@asynccontextmanager
async def served(line: Line, broker: Mosquitto) -> AsyncIterator[Site]:
    """A watch over a line and a broker, with its pages; it isn't connected until the inbox is entered."""
    inbox = Inbox(
        broker.address,
        client_id="monitor",
        filters=["venue/#"],
        clock=line.clock.now,
        rng=Random(1),
        on_session_lost=lambda: None,
        expect_session=False,
    )
    sink = MqttSink(broker.address, "board", "trial", board=list)
    relays: list[Relay] = []
    watch = Watch(line.clock, line.pipeline, inbox, relays, str(broker.address))
    relays.append(Relay(line.journal, sink, watch.refuse, line.clock.now, Random(1)))
    port = free_port()
    http = server(web(watch.health, line.metrics.registry, watch.refresh))
    http.config.host, http.config.port = HOST, port
    task = asyncio.create_task(http.serve())
    try:
        await eventually(lambda: http.started or task.done())
        yield Site(watch, port)
    finally:
        http.should_exit = True
        await task


async def test_200_while_all_is_well(mosquitto: Mosquitto, line: Line) -> None:
    """Connected, ticking, every sink delivers: nothing to complain about, and the figures agree."""
    payload = said("door.tamper", line.clock.time, point="d1", active=True)
    line.take(line.sent("venue/centre/door/d1", payload))
    async with served(line, mosquitto) as site, site.watch.inbox as inbox:
        await eventually(lambda: inbox.connected)
        status, told = await site.health()
    assert status == 200
    assert told["ok"]
    assert told["troubles"] == []
    assert told["broker_connected"]
    assert told["open_alerts"] == 1
    assert told["seq"] == line.journal.seq
    assert told["lag"] == {"mqtt": line.journal.last_told}


async def test_smaller_batches_while_pages_go_out(
    tmp_path: Path, mosquitto: Mosquitto, line: Line
) -> None:
    """A page waits for the line at each of its steps: while one is handed over these waits are short, and only then."""
    async with loopback() as phone, served(line, mosquitto) as site:
        phone.decide = lambda _: Answer(hangs=True)
        channel = row("phone", f"json://{HOST}:{phone.port}/", seconds=60)
        watch = site.watch
        async with (
            watch.inbox as inbox,
            delivering(tmp_path / "o.db", anna=[channel]) as stand,
            aiomqtt.Client(HOST, mosquitto.port) as publisher,
        ):
            watch.deliveries.append(stand.delivery)
            task = asyncio.create_task(watch.listen())
            await eventually(lambda: inbox.connected)
            await publisher.publish(DOOR, said("door.opened", line.clock.time, point="d1"), qos=1)
            await eventually(lambda: line.journal.seq > 1)
            assert inbox.batch == watch.batch
            await stand.order(page())
            await eventually(lambda: phone.asked != [])
            await publisher.publish(DOOR, said("door.closed", line.clock.time, point="d1"), qos=1)
            await eventually(lambda: inbox.batch == WHILE_PAGING)
            task.cancel()


async def test_503_while_the_broker_cant_be_reached(mosquitto: Mosquitto, line: Line) -> None:
    """Before the first connection and after a lost one, with the reason in words."""
    async with served(line, mosquitto) as site:
        status, told = await site.health()
        assert status == 503
        assert told["troubles"] == [f"not yet connected to the broker {mosquitto.address}"]
        async with site.watch.inbox as inbox:
            await eventually(lambda: inbox.connected)
            mosquitto.kill()
            await eventually(lambda: bool(inbox.trouble))
            status, told = await site.health()
    assert status == 503
    assert not told["ok"]
    assert not told["broker_connected"]
    assert str(mosquitto.port) in told["troubles"][0]


async def test_503_while_a_sink_cant_deliver(mosquitto: Mosquitto, line: Line) -> None:
    """It is named, with its reason."""
    async with served(line, mosquitto) as site, site.watch.inbox as inbox:
        await eventually(lambda: inbox.connected)
        site.watch.relays[0].trouble = "connection refused"
        status, told = await site.health()
    assert status == 503
    assert told["troubles"] == ["mqtt: connection refused"]


async def test_503_while_the_clock_stands_still(mosquitto: Mosquitto, line: Line) -> None:
    """A loop that is stuck fires no timer, and nobody else would notice."""
    async with served(line, mosquitto) as site, site.watch.inbox as inbox:
        await eventually(lambda: inbox.connected)
        site.watch.alive_at -= STUCK + 1
        status, told = await site.health()
    assert status == 503
    assert "the clock has not ticked for" in told["troubles"][0]


async def test_the_figures_are_what_prometheus_reads(mosquitto: Mosquitto, line: Line) -> None:
    """Every name that dashboards and alarms rely on is there, up to date."""
    payload = said("access.duress", line.clock.time, point="d1")
    line.take(line.sent("venue/centre/access/d1", payload))
    nobody = said("access.muster", line.clock.time, point="d1")
    line.take(line.sent("venue/centre/access/d1", nobody))
    line.wait(5)
    async with served(line, mosquitto) as site:
        status, kind, body = await site.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(body)}
    assert status == 200
    assert kind.startswith("text/plain")
    assert set(families) >= {
        "venue_messages",
        "venue_acknowledged",
        "venue_transitions",
        "venue_commit_seconds",
        "venue_durable_seconds",
        "venue_open_alerts",
        "venue_journal_seq",
        "venue_cursor_lag",
        "venue_inbox_depth",
        "venue_inbox_unacknowledged",
        "venue_broker_connected",
        "venue_events_waiting",
        "venue_rule_keyless",
        "venue_sink_refused",
    }
    keyless = {row.labels.get("rule"): row.value for row in families["venue_rule_keyless"].samples}
    assert keyless["muster-incomplete"] == 1
    alerts = {row.labels["severity"]: row.value for row in families["venue_open_alerts"].samples}
    assert alerts["life_safety"] == 1
    assert alerts["low"] == 0
    (connected,) = families["venue_broker_connected"].samples
    assert connected.value == 0
    (lag,) = families["venue_cursor_lag"].samples
    assert (lag.labels["reader"], lag.value) == ("mqtt", line.journal.last_told)


async def test_a_page_that_isnt_there_is_not_found(mosquitto: Mosquitto, line: Line) -> None:
    """404, and the monitor lives on."""
    async with served(line, mosquitto) as site:
        status, _, _ = await site.get("/nothing")
        assert status == 404
        assert (await site.get("/metrics"))[0] == 200
