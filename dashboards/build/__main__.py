"""Writes the dashboards as JSON."""

import argparse
import json
import sys
from pathlib import Path

from dashboards.build.render import BOARDS, as_json, render
from dashboards.build.words import Words
from monitor.app.deployment import load_all
from monitor.errors import ConfigError
from monitor.grafana.deployment import adapted, deployment_of

HERE = Path(__file__).parent.parent


def main() -> int:
    """Write every dashboard as JSON."""
    parser = argparse.ArgumentParser(prog="scripts/dashboards", description=__doc__)
    parser.add_argument("--language", choices=("vi", "ar"), help="language of all texts (English)")
    parser.add_argument(
        "--to", type=Path, help="target folder (dashboards/, or dashboards/<language>/)"
    )
    parser.add_argument(
        "--config",
        type=Path,
        help="config.toml whose time zone, console and names the dashboards show (needs --to)",
    )
    given = parser.parse_args()
    if given.config and not given.to:
        parser.error("--config needs --to: the dashboards in dashboards/ are of no deployment")
    try:
        here = deployment_of(*load_all(given.config)) if given.config else None
    except ConfigError as error:
        parser.error(str(error))
    words = Words.read(given.language) if given.language else Words({})
    folder: Path = given.to or (HERE / given.language if given.language else HERE)
    folder.mkdir(parents=True, exist_ok=True)
    for board in BOARDS:
        made = render(board, words)
        if here is not None:
            made = as_json(adapted(json.loads(made), here))
        (folder / f"{board.uid}.json").write_text(made)
    print(f"{len(BOARDS)} dashboards in {folder}")
    for missing in sorted(words.missing):
        print(f"no translation into {given.language} for: {missing}", file=sys.stderr)
    return 1 if words.missing else 0


if __name__ == "__main__":
    sys.exit(main())
