"""The steps that install the dashboards in a Grafana: what to create or update, and how."""

import json
from collections.abc import Callable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

from monitor.errors import ConfigError
from monitor.grafana.client import Grafana, Json

UID = "venue-influx"
"""The uid of the data source that the dashboards query."""
OWN = frozenset({"id", "version", "iteration"})
"""Keys that Grafana itself writes into a dashboard."""


class Step(NamedTuple):
    """One step."""

    what: str
    """``folder "Venue"``, ``dashboard venue-overview`` ..."""
    verb: str
    """``create``, ``update`` or ``keep``."""
    diff: str
    """The difference line by line; empty if there is none, or if everything is new."""
    do: Callable[[], None]


class Folder(NamedTuple):
    """The Grafana folder for the dashboards."""

    uid: str = "venue"
    title: str = "Venue"


def dashboards(folder: Path) -> list[Json]:
    """Read the dashboards of a folder.

    Raises:
        ConfigError: there is no dashboard, or one can't be read.

    """
    found: list[Json] = []
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            board = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            mistakes.append(f"{path}: can't be read: {error}")
            continue
        if isinstance(board, dict) and board.get("uid") and board.get("title"):
            found.append(board)
        else:
            mistakes.append(f"{path}: not a dashboard: it has no uid or no title")
    if not found and not mistakes:
        mistakes = [f"{folder}: contains no dashboard (*.json); name the folder with --dashboards"]
    if mistakes:
        raise ConfigError(mistakes)
    return found


def plan(
    grafana: Grafana, folder: Folder, boards: list[Json], source: Json | None, message: str
) -> Iterator[Step]:
    """Yield the steps in order; each compares with Grafana when it is generated.

    Args:
        grafana: where to install.
        folder: the folder, which is created if it doesn't exist.
        boards: the dashboards.
        source: the data source; ``None`` if it must exist already.
        message: the message in Grafana's version history.

    Raises:
        ConfigError: the data source is missing, or something has to be changed in Grafana.
        SinkUnavailable: Grafana doesn't answer.

    """
    existing = grafana.folder(folder.uid)
    yield Step(
        f'folder "{folder.title}"',
        "keep" if existing else "create",
        "",
        lambda: grafana.add_folder(folder.uid, folder.title),
    )
    yield _source(grafana, source)
    for board in boards:
        yield _board(grafana, folder, board, message)


def _source(grafana: Grafana, wanted: Json | None) -> Step:
    existing = grafana.data_source(UID)
    if wanted is None:
        if existing is None:
            missing = f"{grafana.url}: there is no data source with the uid {UID}"
            raise ConfigError(
                [f"{missing}; pass InfluxDB's address with --influx-url, or provision it"]
            )
        return Step(f"data source {UID}", "keep", "", lambda: None)
    if existing is None:
        return Step(
            f"data source {UID}",
            "create",
            "",
            lambda: grafana.put_data_source(UID, wanted, new=True),
        )
    # Grafana never returns a secret, so it can't be compared and is always written.
    current = {key: existing.get(key) for key in wanted if key != "secureJsonData"}
    plain = {key: value for key, value in wanted.items() if key != "secureJsonData"}
    diff = _diff(current, plain)
    verb = "update" if diff or "secureJsonData" in wanted else "keep"
    return Step(
        f"data source {UID}",
        verb,
        diff,
        lambda: grafana.put_data_source(UID, wanted, new=False),
    )


def _board(grafana: Grafana, folder: Folder, board: Json, message: str) -> Step:
    uid = board["uid"]
    existing = grafana.dashboard(uid)
    body: Json = {
        "dashboard": {key: value for key, value in board.items() if key not in OWN},
        "folderUid": folder.uid,
        "message": message,
        "overwrite": True,
    }
    if existing is None:
        verb, diff = "create", ""
    else:
        diff = _diff(existing["dashboard"], board)
        moved = existing.get("meta", {}).get("folderUid", folder.uid) != folder.uid
        verb = "update" if diff or moved else "keep"
    return Step(f"dashboard {uid}", verb, diff, lambda: grafana.put_dashboard(body))


def _diff(before: Json, after: Json) -> str:
    lines = unified_diff(_lines(before), _lines(after), "in Grafana", "here", lineterm="", n=1)
    return "\n".join(lines)


def _lines(body: Json) -> list[str]:
    kept = {key: value for key, value in body.items() if key not in OWN}
    return json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
