"""The committed dashboards, and an InfluxDB filled from a simulated morning through pipeline, journal and sink."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.adapters import build
from monitor.app.deployment import load_all
from monitor.app.self_metrics import SelfMetrics
from monitor.config.influx import Influx as Settings
from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.rules.model import RuleSet
from monitor.core.timing import parse_duration
from monitor.ingest.inbox import Inbox
from monitor.mqtt import BrokerAddress
from monitor.rules.read import load
from monitor.simulate import Planned, day
from monitor.sinks.influx.client import connect
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.relay import Relay
from tests.support.grafana_queries import Choice, Generation, Window, sent
from tests.support.influxd import Influx, Rows
from tests.support.pipeline import TOLERANCE, PipelineHarness, event_payload
from tests.support.servers import HOST

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dashboards"
CONFIG, VENUE = load_all(ROOT / "config.toml", {})
START = datetime(2026, 9, 1, 6, tzinfo=UTC)
LENGTH = timedelta(minutes=40)
NOW = START + timedelta(minutes=26)
"""The present: people are inside, and much has gone wrong."""
SEED = 7
ACTED = NOW - timedelta(minutes=5)
"""When an officer acknowledges the two oldest alerts and shelves the third."""
OFFICER = "Officer-Name"


@cache
def boards() -> dict[str, dict[str, Any]]:
    """Return the committed dashboards by uid."""
    found = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    return {row["uid"]: row for row in found}


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the panels with a query."""
    return (row for row in board["panels"] if row.get("targets"))


def tables(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the tables of a dashboard."""
    return (row for row in panels(board) if row["type"] == "table")


class Query(NamedTuple):
    """A query that a dashboard sends."""

    whose: str
    text: str
    kind: str
    """The type of the panel, e.g. ``table``; or ``variable`` or ``marks``."""
    points: int = 1000
    every: timedelta = timedelta(seconds=10)


def queries(board: dict[str, Any]) -> Iterator[Query]:
    """Return every query that a dashboard sends."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield query_of(panel, target)
    for row in board["annotations"]["list"]:
        yield Query(f"marks {row['name']}", row["target"]["query"], "marks")
    for row in board["templating"]["list"]:
        if row["type"] == "query":
            yield Query(f"variable {row['name']}", row["query"], "variable")


def query_of(panel: dict[str, Any], target: dict[str, Any]) -> Query:
    """Return one query of a panel with the panel's resolution."""
    return Query(
        f"{panel['title']} {target['refId']}",
        target["query"],
        panel["type"],
        panel.get("maxDataPoints", 1000),
        parse_duration(panel.get("interval", "")) or timedelta(seconds=10),
    )


def everything(board: dict[str, Any]) -> dict[str, Choice]:
    """Return the selection "All" in every variable, or a pattern that matches everything."""
    return {
        row["name"]: Choice((), everything=row.get("allValue") or ".*")
        for row in board["templating"]["list"]
        if row["type"] == "query"
    }


def target(uid: str, title: str, ref: str = "A") -> Query:
    """Return one query of a panel."""
    (found,) = (
        query_of(panel, row)
        for panel in panels(boards()[uid])
        if panel["title"] == title
        for row in panel["targets"]
        if row["refId"] == ref
    )
    return found


class Wall(NamedTuple):
    """A filled database, and the source of its content."""

    server: Influx
    line: PipelineHarness
    plan: tuple[Planned, ...]
    """The messages sent, up to `NOW`."""
    refused: list[MonitorSinkRefused]

    def asked(
        self,
        query: Query | str,
        chosen: dict[str, Choice],
        hours: float = 1,
        generation: Generation = "older",
        db: str = "venue",
    ) -> Rows:
        """Return the series of a query, as Grafana would request them at `NOW`."""
        asked = Query("", query, "") if isinstance(query, str) else query
        window = Window(NOW - timedelta(hours=hours), NOW, asked.points, asked.every)
        return self.server.series(sent(asked.text, chosen, generation, window), db, "ms")

    def rows(self, uid: str, title: str, ref: str = "A", **chosen: str) -> Rows:
        """Return the rows of a panel with their tags and columns; variables are "All" unless chosen."""
        choices = everything(boards()[uid]) | {k: Choice((v,)) for k, v in chosen.items()}
        return [
            series.get("tags", {}) | dict(zip(series["columns"], values, strict=True))
            for series in self.asked(target(uid, title, ref), choices)
            for values in series["values"]
        ]

    def value(self, uid: str, title: str, **chosen: str) -> float | None:
        """Return the value of a panel with one number."""
        rows = self.rows(uid, title, **chosen)
        if not rows:
            return None
        (name,) = rows[0].keys() - {"time"}
        return float(rows[-1][name])


async def fill(
    server: Influx, line: PipelineHarness
) -> tuple[tuple[Planned, ...], list[MonitorSinkRefused]]:
    """Play the morning through the pipeline, and every ten seconds of it through the sink."""
    plan = tuple(
        row
        for row in day(VENUE, SEED, START, LENGTH, adapters=CONFIG.adapters)
        if row.at <= NOW - timedelta(seconds=3)
    )
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
    client = connect(Settings(url=server.url, api="v1"))
    sink = InfluxSink(
        LineDelivery(client, refused.append, line.clock.now),
        Projection(lambda _: line.engine.state.rule_set, b"a key of 16 byte", TOLERANCE),
        self_metrics=SelfMetrics(line.pipeline, inbox, relays, "influx").lines,
        latest=lambda: line.journal.seq,
        now=line.clock.now,
    )
    relays.append(Relay(line.journal, sink, refused.append, line.clock.now, Random(1)))
    sink.restore(None)
    try:
        waiting, after = list(reversed(plan)), 0
        while line.clock.time < NOW:
            until = line.clock.time + timedelta(seconds=10)
            while waiting and waiting[-1].at <= until:
                message = waiting.pop()
                line.wait((message.at - line.clock.time).total_seconds())
                line.take(line.sent(message.topic, message.payload, retained=message.retain))
            line.wait((until - line.clock.time).total_seconds())
            if until == ACTED:
                act(line)
            while entries := line.journal.entries(after, 10_000):
                await sink.take(entries)
                after = entries[-1].seq
            line.clock.time += timedelta(seconds=1)  # everything up to this tick is in
            await sink.send_periodic()
            line.clock.time -= timedelta(seconds=1)
    finally:
        await sink.close()
    return plan, refused


def act(line: PipelineHarness) -> None:
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


def routes() -> list[tuple[str, Any]]:
    """Return the adapters of the example deployment."""
    return [
        (row.topic, build(row.format, row.map, ZoneInfo(row.timezone), key=bytes(16)))
        for row in CONFIG.adapters
    ]


def rule_set() -> RuleSet:
    """Return the shipped rules with the example venue."""
    return load(ROOT / "rules").rule_set(VENUE)
