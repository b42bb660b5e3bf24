"""Writes the dashboards as JSON."""

import argparse
import sys
from pathlib import Path

from dashboards.build.render import BOARDS, render
from dashboards.build.words import Words

HERE = Path(__file__).parent.parent


def main() -> int:
    """Write every dashboard as JSON."""
    parser = argparse.ArgumentParser(prog="scripts/dashboards", description=__doc__)
    parser.add_argument("--language", choices=("vi", "ar"), help="language of the titles (English)")
    parser.add_argument(
        "--to", type=Path, help="target folder (dashboards/, or dashboards/<language>/)"
    )
    given = parser.parse_args()
    words = Words.read(given.language) if given.language else Words({})
    folder: Path = given.to or (HERE / given.language if given.language else HERE)
    folder.mkdir(parents=True, exist_ok=True)
    for board in BOARDS:
        (folder / f"{board.uid}.json").write_text(render(board, words))
    print(f"{len(BOARDS)} dashboards in {folder}")
    for missing in sorted(words.missing):
        print(f"no translation into {given.language} for: {missing}", file=sys.stderr)
    return 1 if words.missing else 0


if __name__ == "__main__":
    sys.exit(main())
