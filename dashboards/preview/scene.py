"""What a picture shows: a database at one moment, with the answers to every query of a dashboard there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.support.grafana_queries import Choice, Window, sent
from tests.support.influxd import Influx, Rows
from tests.support.morning import END, START, WORST
from tests.support.wall import everything, query_of

Board = Mapping[str, Any]


class Scene(NamedTuple):
    """One moment."""

    name: str
    now: datetime
    db: str = "venue"
    length: timedelta = timedelta(minutes=30)
    """The time range of the dashboards."""


SCENES = (
    Scene("normal", START + timedelta(minutes=6, seconds=30)),
    Scene("worst", WORST),
    Scene("dead", END + timedelta(minutes=5)),
    Scene("empty", WORST, "empty"),
)
"""A calm moment after opening; a fire, a crowd and a dead gateway; five minutes after the monitor's end; nothing at all."""


def answers(server: Influx, board: Board, scene: Scene) -> list[list[Rows]]:
    """Return the series for each target of each panel, as Grafana would get them."""
    chosen = _chosen(server, board, scene)
    return [
        [_asked(server, query_of(panel, target), chosen, scene) for target in panel["targets"]]
        for panel in board["panels"]
    ]


def _asked(server: Influx, query: Any, chosen: Mapping[str, Choice], scene: Scene) -> Rows:  # noqa: ANN401 - a query of tests.support
    window = Window(scene.now - scene.length, scene.now, query.points, query.every)
    return server.series(sent(query.text, chosen, "newer", window), scene.db, "ms")


def _chosen(server: Influx, board: Board, scene: Scene) -> dict[str, Choice]:
    """Return the selection with which a dashboard opens: all, or the first where only one can be selected."""
    chosen = everything(dict(board))
    window = Window(scene.now - scene.length, scene.now)
    for row in board["templating"]["list"]:
        if row["type"] == "query" and not row.get("multi"):
            text = sent(row["query"], chosen, "newer", window)
            found = sorted(value["value"] for value in server.query(text, scene.db))
            chosen[row["name"]] = Choice((found[0] if found else "none",), multi=False)
    return chosen
