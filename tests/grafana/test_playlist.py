"""The playlist of a wall that runs day and night."""

import json
from pathlib import Path

from tests.support.wall import boards

PLAYLIST = Path(__file__).parents[2] / "dashboards/provisioning/playlist/wall.json"


def test_every_second_dashboard_is_the_wall() -> None:
    """It names existing dashboards, and nobody waits longer than half a minute for what must be done now."""
    playlist = json.loads(PLAYLIST.read_text())
    shown = [row["value"] for row in playlist["items"]]
    assert set(shown) <= set(boards())
    assert set(shown[::2]) == {"venue-wall"}
    assert playlist["interval"] == "30s"
