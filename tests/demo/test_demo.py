"""The demonstration as a newcomer runs it: real processes, a whole day, nothing lost, missed or false."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_day_is_watched_without_loss_and_without_a_wrong_alert(tmp_path: Path) -> None:
    """Every message is in the journal, every planted incident is alerted, and nothing else is."""
    command = [
        sys.executable,
        "-m",
        "monitor",
        "demo",
        "--seconds",
        "30",
        "--json",
        "--folder",
        str(tmp_path / "demo"),
    ]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )

    verdict = json.loads(done.stdout or "{}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdict["published"] > 1000
    assert verdict["lost"] == 0
    assert verdict["acknowledged"] >= verdict["published"]
    assert verdict["duplicates_absorbed"] > 0
    assert verdict["alerts_expected"] == verdict["alerts_raised"] > 20
    assert (verdict["missed"], verdict["false"]) == ([], [])
