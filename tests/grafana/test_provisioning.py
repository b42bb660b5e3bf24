"""The provisioning files fit the dashboards, and every variable they need is documented."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config.secret import Secret
from monitor.grafana.source import Generation, influxdb
from monitor.sinks.influx.schema import columns
from monitor.sinks.influx.self_measurements import MonitorMeasurement

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dashboards" / "provisioning"
FILES = sorted(FOLDER.rglob("*.yaml"))
BOARDS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "dashboards").glob("*.json")}


def read(name: str) -> dict[str, Any]:
    """Return the content of one file."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


@pytest.mark.parametrize("generation", ["1", "2", "3"])
def test_the_data_source_is_the_one_that_is_pushed(generation: Generation) -> None:
    """The data source has the pushed uid, database and authentication, for each generation of InfluxDB."""
    (row,) = read(f"datasources/influxdb-{generation}.yaml")["datasources"]
    pushed = influxdb(generation, "$INFLUX_URL", "venue", "$INFLUX_USER", Secret("$INFLUX_TOKEN"))
    if generation == "1":
        pushed["secureJsonData"] = {"password": "$INFLUX_PASSWORD"}
    assert row == pushed | {"editable": False}


def test_every_dashboard_asks_this_data_source() -> None:
    """No panel uses another uid."""
    assert BOARDS
    for board in BOARDS.values():
        text = json.dumps(board)
        assert set(re.findall(r'"uid": "([^"]+)"', text)) - {board["uid"]} == {"venue-influx"}


def test_the_provider_puts_them_into_the_folder_that_is_pushed() -> None:
    """The files and `grafana push` use the same folder."""
    (row,) = read("dashboards/venue.yaml")["providers"]
    assert (row["folderUid"], row["folder"]) == ("venue", "Venue")
    assert row["disableDeletion"] is True
    assert row["allowUiUpdates"] is False


def test_the_dead_mans_rules_ask_for_the_heartbeat() -> None:
    """They query existing fields, treat no data as an alarm, and link to an existing dashboard; macros stay."""
    fields = {column.name for column in columns(MonitorMeasurement)}
    (group,) = read("alerting/deadman.yaml")["groups"]
    for rule in group["rules"]:
        assert rule["noDataState"] == "Alerting"
        assert rule["annotations"]["__dashboardUid__"] in BOARDS
        query, *rest = rule["data"]
        assert query["datasourceUid"] == "venue-influx"
        assert {row["datasourceUid"] for row in rest} == {"__expr__"}
        assert 'FROM "monitor"' in query["model"]["query"]
        assert "$timeFilter" in query["model"]["query"]
        assert set(re.findall(r'\("(\w+)"\)', query["model"]["query"])) <= fields
        assert rule["condition"] == rest[-1]["refId"]


def test_what_replaces_the_notification_tree_stands_apart() -> None:
    """Only one file replaces the notification tree, and it has a warning."""
    for path in FILES:
        has = "policies" in yaml.safe_load(path.read_text())
        assert has == (path.parent.name == "notification"), path
    assert (
        "replaces the WHOLE notification tree"
        in (FOLDER / "notification/policies.yaml").read_text()
    )


def test_every_variable_is_documented() -> None:
    """Each variable is in docs/deploy-grafana.md."""
    page = (ROOT / "docs/deploy-grafana.md").read_text()
    for path in FILES:
        found = "\n".join(
            line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")
        )
        for name in set(re.findall(r"\$([A-Z][A-Z_]+)", found)):
            assert f"`{name}`" in page, f"{path.name}: {name}"
