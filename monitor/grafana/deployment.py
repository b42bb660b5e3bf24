"""Puts into the shipped dashboards what differs between deployments: time zone, console, and the names in graphs."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    # deploy/compose/dashboards.py runs this with nothing but Python.
    from monitor.config.settings import Config
    from monitor.core.venue.model import Venue

Json = dict[str, Any]

_TAG = re.compile(r"\$tag_(\w+)")
_GRAPHS = ("timeseries", "state-timeline")


class Deployment(NamedTuple):
    """What the dashboards of one congress say that those of another don't."""

    timezone: str
    """The congress's, whatever the browser's is."""
    console: str
    """Address of the monitor's console; empty: the links of alerts lead nowhere."""
    names: Mapping[str, Mapping[str, str]]
    """Names by id, for each tag that names lines in graphs: InfluxQL can group by nothing but ids."""


def deployment_of(config: "Config", venue: "Venue") -> Deployment:
    """Return what the files of a deployment say."""
    return Deployment(
        venue.congress.timezone,
        config.http.public_url.rstrip("/"),
        {
            "site": {row.id: row.name for row in venue.sites},
            "zone": {row.id: row.name for row in venue.zones},
            "point": {row.id: row.name for row in venue.points},
            "asset": {row.id: row.name for row in venue.assets},
            "device": {row.id: row.name for row in venue.devices if row.name},
        },
    )


def adapted(board: Json, of: Deployment) -> Json:
    """Return a dashboard for a deployment; what was put in for another one is replaced."""
    board = deepcopy(board)
    board["timezone"] = "utc" if of.timezone == "UTC" else of.timezone
    for row in board.get("templating", {}).get("list", ()):
        if row["name"] == "ack_base" and of.console:
            row["query"] = of.console
            row["current"] = {"text": of.console, "value": of.console}
    for panel in board.get("panels", ()):
        if panel["type"] in _GRAPHS:
            panel["fieldConfig"]["overrides"] += _named(panel, of.names)
    return board


def _named(panel: Json, names: Mapping[str, Mapping[str, str]]) -> list[Json]:
    """Return the overrides that show the names of lines instead of ids."""
    found: dict[str, str] = {}
    for target in panel["targets"]:
        alias = target["alias"]
        if (tag := _TAG.search(alias)) is None or len(_TAG.findall(alias)) > 1:
            continue
        for name, shown in names.get(tag[1], {}).items():
            found[alias.replace(tag[0], name)] = alias.replace(tag[0], shown)
    known = {row["matcher"]["options"] for row in panel["fieldConfig"]["overrides"]}
    return [
        {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "displayName", "value": shown}],
        }
        for name, shown in found.items()
        if name not in known
    ]
