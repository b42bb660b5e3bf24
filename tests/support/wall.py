"""The committed dashboards, and what they ask of an InfluxDB that is filled from a simulated morning."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.timing import parse_duration
from tests.support.grafana_queries import Choice, Generation, Window, sent
from tests.support.influxd import Influx, Rows
from tests.support.morning import NOW, ROOT, Morning

FOLDER = ROOT / "dashboards"


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
    """A filled database, and what was true when it was filled."""

    server: Influx
    filled: Morning
    refused: list[MonitorSinkRefused]
    """The points that the server did not take."""
    answers: dict[tuple[str, str], Rows]
    """What it has answered already, by query and database: neither changes any more."""

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
        text = sent(asked.text, chosen, generation, window)
        if (text, db) not in self.answers:
            self.answers[text, db] = self.server.series(text, db, "ms")
        return self.answers[text, db]

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
