"""The playlist of a wall that runs day and night."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.playlistv1 import Playlist, PlaylistItem

from tests.support.grafana_server import EDITOR, FakeGrafana
from tests.support.wall import boards

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dashboards" / "provisioning" / "playlist"
WALL = json.loads((FOLDER / "wall.json").read_text())
COMMAND = re.compile(r"^    (curl (?:.*\\\n)*.*)", re.MULTILINE)


def test_every_second_dashboard_is_the_wall() -> None:
    """It names existing dashboards, and nobody waits longer than half a minute for what must be done now."""
    shown = [row["value"] for row in WALL["spec"]["items"]]
    assert set(shown) <= set(boards())
    assert set(shown[::2]) == {"venue-wall"}
    assert WALL["spec"]["interval"] == "30s"


def test_older_ones_show_the_same() -> None:
    """The file for Grafana 11 has the same title, interval and dashboards, as its API names them."""
    older = json.loads((FOLDER / "wall-11.json").read_text())
    assert older.pop("name") == WALL["spec"]["title"]
    assert older == {key: WALL["spec"][key] for key in ("interval", "items")}


def test_grafanas_own_types_know_all_of_it() -> None:
    """Every key is in the types that Grafana publishes; a misspelt one would have no effect."""
    spec = WALL["spec"]
    items = [PlaylistItem.from_json(row) for row in spec["items"]]
    known = Playlist(title=spec["title"], interval=spec["interval"], items=items)
    assert json.loads(JSONEncoder().encode(known)) == spec


@pytest.mark.parametrize("n", [0, 1])
async def test_the_documented_commands_create_it(n: int) -> None:
    """Both commands of docs/dashboards.md are accepted as they stand, and what they send is kept."""
    command = COMMAND.findall((ROOT / "docs" / "dashboards.md").read_text())[n]
    async with FakeGrafana().serve() as grafana:
        text = command.replace("https://grafana.example.org", grafana.url).replace("TOKEN", EDITOR)
        running = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            text,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await running.communicate()
        assert running.returncode == 0, err.decode()
        (kept,) = grafana.playlists.values()
    assert kept["items"] == WALL["spec"]["items"]
    assert json.loads(out)
