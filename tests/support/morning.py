"""A simulated morning, played through pipeline and sink, and stored in an InfluxDB; it ends in the worst hour."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.adapters import build
from monitor.app.deployment import load_all
from monitor.app.self_metrics import SelfMetrics
from monitor.config.influx import Influx as Settings
from monitor.core.alert import Alert
from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import ReadinessChanged
from monitor.ingest.inbox import Inbox
from monitor.mqtt import BrokerAddress
from monitor.rules.read import load
from monitor.simulate import Planned, day
from monitor.sinks.influx.client import STORED, Response, connect
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.relay import Relay
from tests.support.influxd import Influx
from tests.support.pipeline import TOLERANCE, PipelineHarness, event_payload
from tests.support.servers import HOST
from tests.support.worst_hour import worst_hour

ROOT = Path(__file__).parents[2]
CONFIG, VENUE = load_all(ROOT / "config.toml", {})
START = datetime(2026, 9, 1, 6, tzinfo=UTC)
LENGTH = timedelta(minutes=40)
NOW = START + timedelta(minutes=26)
"""The present of most tests: people are inside, and much has gone wrong."""
WORST = START + timedelta(minutes=37)
"""A fire, a crowd and a dead gateway."""
END = START + LENGTH
SEED = 7
ACTED = NOW - timedelta(minutes=5)
"""When an officer acknowledges the two oldest alerts and shelves the third."""
OFFICER = "Officer-Name"
TICK = timedelta(seconds=10)
SETTLED = timedelta(seconds=3)
"""Nothing is sent for so long before `NOW`, so that the line has dealt with everything then."""


class Truth(NamedTuple):
    """What was so at one moment, according to the journal."""

    alerts: tuple[Alert, ...]
    """The open ones."""
    readiness: tuple[ReadinessChanged, ...]


class Morning(NamedTuple):
    """What was played, and what came of it."""

    lines: tuple[str, ...]
    """The points that were written, in line protocol."""
    plan: tuple[Planned, ...]
    """The messages sent up to `NOW`."""
    whole: tuple[Planned, ...]
    """All of them, with the worst hour."""
    now: Truth
    worst: Truth


class _Written:
    """A client of the sink that keeps the lines: each test process stores them in an InfluxDB of its own."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def write(self, text: str) -> Response:
        """Keep the lines; see `monitor.sinks.influx.client.Client`."""
        self.lines += text.split("\n")
        return Response(STORED)

    async def close(self) -> None:
        """Do nothing: there is no connection."""


@contextmanager
def opened(folder: Path) -> Iterator[Influx]:
    """Open an InfluxDB with the databases ``venue`` and ``empty``."""
    with Influx(folder) as server:
        server.create()
        server.create("empty")
        yield server


async def store(server: Influx, morning: Morning) -> list[MonitorSinkRefused]:
    """Write the points of the morning; return what the server refused."""
    refused: list[MonitorSinkRefused] = []
    delivery = LineDelivery(
        connect(Settings(url=server.url, api="v1", gzip=True)), refused.append, lambda: END
    )
    try:
        for first in range(0, len(morning.lines), delivery.most):
            await delivery.send(list(morning.lines[first : first + delivery.most]))
    finally:
        await delivery.close()
    return refused


def played() -> Morning:
    """Play the morning to its end through the pipeline, and every ten seconds of it through the sink."""
    memory = Path("/dev/shm")  # noqa: S108 - in memory, if the host has it: no journal of it has to survive
    with (
        TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        PipelineHarness(
            Path(folder) / "journal.db", now=START, rule_set=rule_set(), routes=_routes()
        ) as line,
    ):
        return asyncio.run(_through(line))


async def _through(line: PipelineHarness) -> Morning:
    refused: list[MonitorSinkRefused] = []
    relays: list[Relay] = []
    inbox = Inbox(
        BrokerAddress(HOST, 1),
        client_id="m",
        filters=["venue/#"],
        clock=line.clock.now,
        rng=Random(1),
        on_session_lost=lambda: None,
    )
    inbox.connected = True
    written = _Written()
    sink = InfluxSink(
        LineDelivery(written, refused.append, line.clock.now),
        Projection(lambda _: line.engine.state.rule_set, b"a key of 16 byte", TOLERANCE),
        self_metrics=SelfMetrics(line.pipeline, inbox, relays, "influx").lines,
        latest=lambda: line.journal.seq,
        now=line.clock.now,
    )
    sink.linger = 0
    relay = Relay(line.journal, sink, refused.append, line.clock.now, Random(1))
    relays.append(relay)
    sink.restore(None)
    plan = tuple(day(VENUE, SEED, START, LENGTH, adapters=CONFIG.adapters))
    sent = tuple(row for row in plan if row.at <= NOW - SETTLED)
    later = (row for row in plan if row.at > NOW)
    whole = tuple(worst_hour([*sent, *later], VENUE, START))
    waiting = list(reversed(whole))
    seen: dict[datetime, Truth] = {}
    try:
        while line.clock.time < END:
            until = line.clock.time + TICK
            _play(line, waiting, until)
            if until == ACTED:
                _act(line)
            while entries := line.journal.entries(relay.cursor, 10_000):
                await sink.take(entries)
                relay.cursor = entries[-1].seq
            line.clock.time += timedelta(seconds=1)  # everything up to this tick is in
            await sink.send_periodic()
            line.clock.time -= timedelta(seconds=1)
            if until in (NOW, WORST):
                seen[until] = Truth(tuple(line.journal.alerts()), tuple(line.journal.readiness()))
    finally:
        await sink.close()
    return Morning(tuple(written.lines), sent, whole, seen[NOW], seen[WORST])


def _play(line: PipelineHarness, waiting: list[Planned], until: datetime) -> None:
    """Send what is due up to a time, each message at its own."""
    while waiting and waiting[-1].at <= until:
        message = waiting.pop()
        line.wait((message.at - line.clock.time).total_seconds())
        line.take(line.sent(message.topic, message.payload, retained=message.retain))
    line.wait((until - line.clock.time).total_seconds())


def _act(line: PipelineHarness) -> None:
    """Let an officer acknowledge and shelve alerts."""
    alerts = [
        row
        for row in sorted(line.journal.alerts(), key=lambda row: row.raised_at)
        if row.handling == "new" and row.condition == "active" and row.severity != "life_safety"
        if not row.silent
    ]
    until = (NOW + timedelta(hours=1)).isoformat()
    for alert, kind, more in zip(
        alerts,
        ("staff.acknowledge", "staff.acknowledge", "staff.shelve"),
        ({}, {}, {"until": until, "reason": "expected"}),
        strict=False,
    ):
        payload = event_payload(kind, line.clock.time, who=OFFICER, alert=alert.id, **more)
        line.take(line.sent(f"venue/hall/staff/{OFFICER}", payload))


def _routes() -> list[tuple[str, Any]]:
    """Return the adapters of the example deployment."""
    return [
        (row.topic, build(row.format, row.map, ZoneInfo(row.timezone), key=bytes(16)))
        for row in CONFIG.adapters
    ]


def rule_set() -> RuleSet:
    """Return the shipped rules with the example venue."""
    return load(ROOT / "rules").rule_set(VENUE)
