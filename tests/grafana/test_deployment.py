"""A deployment's own time zone, console and names are in its dashboards."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from dashboards.build.__main__ import main
from monitor.grafana.deployment import Deployment, adapted, deployment_of
from tests.support.morning import CONFIG, VENUE
from tests.support.wall import boards

HERE = Deployment(
    "Asia/Ho_Chi_Minh", "https://console.example.com", {"point": {"hall-vip-door": "VIP door"}}
)


def variable(board: dict[str, Any]) -> str:
    """Return the address of the console."""
    (found,) = (row for row in board["templating"]["list"] if row["name"] == "ack_base")
    return str(found["query"])


def test_time_zone_console_and_names_are_put_in() -> None:
    """They are the congress's, not the browser's; what is the same everywhere stays."""
    before = boards()["venue-points"]
    board = adapted(before, HERE)
    assert board["timezone"] == "Asia/Ho_Chi_Minh"
    assert variable(board) == "https://console.example.com"
    (doors,) = (row for row in board["panels"] if row["title"] == "Doors")
    assert doors["fieldConfig"]["overrides"][-1] == {
        "matcher": {"id": "byName", "options": "hall-vip-door"},
        "properties": [{"id": "displayName", "value": "VIP door"}],
    }
    assert adapted(board, HERE) == board, "twice is once"
    assert before["timezone"] == "utc", "the shipped one is untouched"


def test_they_come_from_the_files_of_the_deployment() -> None:
    """The time zone and the names are the venue's, the console's address is that at which people reach it."""
    http = replace(CONFIG.http, public_url="https://monitor.example.com/")
    found = deployment_of(replace(CONFIG, http=http), VENUE)
    assert found.timezone == VENUE.congress.timezone
    assert found.console == "https://monitor.example.com"
    assert found.names["zone"]["hall-foyer"] == "Foyer"


def test_without_an_address_the_links_lead_nowhere() -> None:
    """They never lead to the machine of whoever looks at the wall."""
    board = adapted(boards()["venue-overview"], HERE._replace(console=""))
    assert variable(board) == "https://monitor.example.org"


def test_the_command_builds_them_for_a_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``scripts/dashboards --config`` writes what a Grafana with provisioned files needs."""
    config = Path(__file__).parents[2] / "config.toml"
    arguments = ["dashboards", "--config", str(config), "--to", str(tmp_path), "--language", "vi"]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 0
    made = json.loads((tmp_path / "venue-points.json").read_text())
    names = {
        row["matcher"]["options"] for p in made["panels"] for row in p["fieldConfig"]["overrides"]
    }
    assert {row.id for row in VENUE.points} <= names
