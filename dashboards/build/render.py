"""Renders a dashboard as the JSON that is committed: classic, sorted, reproducible."""

import json
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.build import (
    alarms,
    asset,
    health,
    history,
    inspections,
    occupancy,
    overview,
    point,
    points,
    press,
    wall,
    zone,
)
from dashboards.build.board import Board, assemble
from dashboards.build.words import Words

BOARDS: tuple[Board, ...] = (
    wall.BOARD,
    overview.BOARD,
    points.BOARD,
    occupancy.BOARD,
    inspections.BOARD,
    press.BOARD,
    zone.BOARD,
    point.BOARD,
    asset.BOARD,
    health.BOARD,
    history.BOARD,
    alarms.BOARD,
)
"""From the whole venue down, then the history."""


def render(board: Board, words: Words) -> str:
    """Return a dashboard's JSON with translated titles."""
    dashboard = json.loads(JSONEncoder(sort_keys=True).encode(assemble(board).build()))
    _set_annotation_columns(dashboard)
    words.translate(dashboard)
    return as_json(dashboard)


def as_json(dashboard: dict[str, Any]) -> str:
    """Return a dashboard as it is committed."""
    return json.dumps(dashboard, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _set_annotation_columns(dashboard: dict[str, Any]) -> None:
    """Set the columns with the text and tags of annotations, which the SDK can't.

    Grafana's InfluxDB plugin reads them from the target, or from the annotation itself before Grafana 9.
    """
    for row in dashboard["annotations"]["list"]:
        row["query"] = row["target"]["query"]
        columns = {"textColumn": "msg", "tagsColumn": "rule,severity", "fromAnnotations": True}
        row.update(columns)
        row["target"].update(columns)
