"""``/healthz`` for health checks and ``/metrics`` for Prometheus."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from litestar import Litestar
from prometheus_client.parser import text_string_to_metric_families

from monitor.app.status import BLOCKED
from monitor.core.events.monitor import MonitorClockStepped
from monitor.ingest.intake_loop import BATCH_WHILE_PAGING
from monitor.mqtt import Publisher
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.relay import Relay
from monitor.sinks.signature import Signer
from monitor.web.connection import server
from monitor.web.health import health_routes
from tests.support.http_stub import StubResponse, http_stub
from tests.support.monitor import Monitor
from tests.support.paging import delivering, page, row
from tests.support.pipeline import PipelineHarness, event_payload
from tests.support.servers import HOST, Mosquitto, eventually, free_port

DOOR = "venue/centre/door/d1"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


class Site:
    """The monitor's HTTP server, on a port of its own."""

    def __init__(self, monitor: Monitor, port: int) -> None:
        self.monitor = monitor
        self.port = port

    async def get(self, path: str) -> tuple[int, str, str]:
        """Return status, content type and body of a response."""
        return await asyncio.to_thread(self._get, path)

    async def health(self) -> tuple[int, Any]:
        """Return status and content of ``/healthz``."""
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
async def served(line: PipelineHarness, broker: Mosquitto) -> AsyncIterator[Site]:
    """A monitor over a pipeline and a broker, with its web pages; it connects when the inbox is entered."""
    monitor = Monitor(line, broker=broker.address).without_clock()
    signer, health = Signer(b"k" * 32), monitor.sink_health
    sink = MqttSink(broker.address, "board", "trial", signer, board=list)
    relay = Relay(line.journal, sink, health.refused, line.clock.now, Random(1))
    monitor.parts.relays.append(relay)
    port = free_port()
    status, registry = monitor.status, line.metrics.registry
    routes = health_routes(status.health, registry, status.update_metrics)
    http = server(Litestar(routes, openapi_config=None, logging_config=None))
    http.config.host, http.config.port = HOST, port
    task = asyncio.create_task(http.serve())
    try:
        await eventually(lambda: http.started or task.done())
        yield Site(monitor, port)
    finally:
        http.should_exit = True
        await task


async def test_200_while_all_is_well(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """When connected and ticking, with every sink delivering, there are no troubles, and the figures agree."""
    payload = event_payload("door.tamper", line.clock.time, point="d1", active=True)
    line.take(line.sent("venue/centre/door/d1", payload))
    async with served(line, mosquitto) as site, site.monitor.inbox as inbox:
        await eventually(lambda: inbox.connected)
        status, health = await site.health()
    assert status == 200
    assert health["ok"]
    assert health["troubles"] == []
    assert health["broker_connected"]
    assert health["open_alerts"] == 1
    assert health["seq"] == line.journal.seq
    assert health["lag"] == {"mqtt": line.journal.last_transition_seq}


async def test_no_generated_documentation(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """There are no pages that load scripts from elsewhere."""
    async with served(line, mosquitto) as site, site.monitor.inbox:
        for path in ("/schema", "/schema/swagger", "/schema/openapi.json"):
            assert (await site.get(path))[0] == 404


async def test_smaller_batches_while_pages_go_out(
    tmp_path: Path, mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Each step of a page waits for the pipeline; these waits are short while a page is handed over, and only then."""
    async with http_stub() as phone, served(line, mosquitto) as site:
        phone.decide = lambda _: StubResponse(hangs=True)
        channel = row("phone", f"json://{HOST}:{phone.port}/", seconds=60)
        monitor = site.monitor
        full_batch = monitor.inbox.batch
        async with (
            monitor.inbox as inbox,
            delivering(tmp_path / "o.db", anna=[channel]) as stand,
            Publisher(mosquitto.address, "writer") as publisher,
        ):
            monitor.parts.deliveries.append(stand.delivery)
            task = asyncio.create_task(monitor.intake_loop.run())
            await eventually(lambda: inbox.connected)
            await publisher.publish(DOOR, event_payload("door.opened", line.clock.time, point="d1"))
            await eventually(lambda: line.journal.seq > 1)
            assert inbox.batch == full_batch
            await stand.order(page())
            await eventually(lambda: phone.asked != [])
            await publisher.publish(DOOR, event_payload("door.closed", line.clock.time, point="d1"))
            await eventually(lambda: inbox.batch == BATCH_WHILE_PAGING)
            task.cancel()


async def test_503_while_the_broker_cant_be_reached(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Health is 503 before the first connection and after a lost one, with the reason in words."""
    async with served(line, mosquitto) as site:
        status, health = await site.health()
        assert status == 503
        assert health["troubles"] == [f"not yet connected to the MQTT broker {mosquitto.address}"]
        async with site.monitor.inbox as inbox:
            await eventually(lambda: inbox.connected)
            mosquitto.kill()
            await eventually(lambda: bool(inbox.trouble))
            status, health = await site.health()
    assert status == 503
    assert not health["ok"]
    assert not health["broker_connected"]
    assert str(mosquitto.port) in health["troubles"][0]


async def test_503_while_a_sink_cant_deliver(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """The sink is named, with its reason."""
    async with served(line, mosquitto) as site, site.monitor.inbox as inbox:
        await eventually(lambda: inbox.connected)
        site.monitor.parts.relays[0].trouble = "connection refused"
        status, health = await site.health()
    assert status == 503
    assert health["troubles"] == ["mqtt: connection refused"]


async def test_503_while_the_clock_stands_still(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """A loop that is stuck fires no timer, and nothing else would notice."""
    async with served(line, mosquitto) as site, site.monitor.inbox as inbox:
        await eventually(lambda: inbox.connected)
        site.monitor.clock_loop.ticked_at = time.monotonic() - BLOCKED - 1
        status, health = await site.health()
    assert status == 503
    assert "the clock has not ticked for" in health["troubles"][0]


async def test_503_until_the_clock_is_judged_sound(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """The step and the machine are named; once the clock is set back to where it was, it is sound."""
    async with served(line, mosquitto) as site, site.monitor.inbox as inbox:
        await eventually(lambda: inbox.connected)
        found = []
        for by in (3600, -3600):
            line.clock.time += timedelta(seconds=by)
            line.pipeline.notice(MonitorClockStepped(at=line.clock.time, host="m1", by_s=by))
            line.wait(1)
            found.append(await site.health())
    (status, health), (status_after, _) = found
    assert (status, status_after) == (503, 200)
    (trouble,) = health["troubles"]
    assert trouble.startswith("the clock of m1 was stepped by +3600 s at 2026-01-01 09:00Z")


async def test_the_figures_are_what_prometheus_reads(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Every name that dashboards and alarms rely on is there, up to date."""
    payload = event_payload("access.duress", line.clock.time, point="d1")
    line.take(line.sent("venue/centre/access/d1", payload))
    without_holder = event_payload("access.muster", line.clock.time, point="d1")
    line.take(line.sent("venue/centre/access/d1", without_holder))
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
    assert (lag.labels["reader"], lag.value) == ("mqtt", line.journal.last_transition_seq)


async def test_a_page_that_isnt_there_is_not_found(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """A missing page is answered with 404, and the monitor keeps running."""
    async with served(line, mosquitto) as site:
        status, _, _ = await site.get("/nothing")
        assert status == 404
        assert (await site.get("/metrics"))[0] == 200
