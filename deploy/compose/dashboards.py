"""Writes Grafana's dashboards with the time zone, the console's address and the names of this deployment."""

import json
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from monitor.grafana.deployment import Deployment, adapted  # noqa: E402 - the checkout is not installed


def main() -> None:
    """Write all of them into ``grafana/dashboards``, in place of what is there."""
    config = tomllib.loads((HERE / "monitor/config.toml").read_text())
    venue = tomllib.loads((HERE / "monitor/venue.toml").read_text())
    named = {
        kind: {row["id"]: row["name"] for row in venue.get(kind, ()) if row.get("name")}
        for kind in ("site", "zone", "point", "asset", "device")
    }
    here = Deployment(
        venue["congress"].get("timezone", "UTC"),
        config.get("http", {}).get("public_url", "").rstrip("/"),
        named,
    )
    folder = HERE / "grafana/dashboards"
    folder.mkdir(exist_ok=True)
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        board = adapted(json.loads(path.read_text()), here)
        text = json.dumps(board, indent=2, sort_keys=True, ensure_ascii=False)
        (folder / path.name).write_text(f"{text}\n")


if __name__ == "__main__":
    main()
