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
    _correct(dashboard)
    words.translate(dashboard)
    return as_json(dashboard)


def as_json(dashboard: dict[str, Any]) -> str:
    """Return a dashboard as it is committed."""
    return json.dumps(dashboard, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _correct(dashboard: dict[str, Any]) -> None:
    """Say what the SDK can't, in the words of newer Grafanas, and leave out what it says of variables of another kind."""
    for row in dashboard["annotations"]["list"]:
        columns = {"textColumn": "msg", "tagsColumn": "rule,severity", "fromAnnotations": True}
        row["target"].update(columns)
    for row in dashboard["templating"]["list"]:
        for key in ("auto", "auto_count", "auto_min"):
            row.pop(key, None)
    for panel in dashboard["panels"]:
        if panel["type"] == "table":
            # Grafana 12.2 moved it out of the footer.
            panel["options"]["enablePagination"] = panel["options"]["footer"]["enablePagination"]
