"""What has to be made or changed in a Grafana so that it shows the dashboards, and doing it."""

import json
from collections.abc import Callable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple

from monitor.errors import ConfigError
from monitor.grafana.client import Found, Grafana

UID = "venue-influx"
"""The data source that the dashboards ask."""
OWN = frozenset({"id", "version", "iteration"})
"""What Grafana itself writes into a dashboard."""


class Step(NamedTuple):
    """One thing to do."""

    what: str
    """``folder Venue``, ``dashboard venue-overview`` ..."""
    verb: str
    """``make``, ``change`` or ``keep``."""
    diff: str
    """What changes, line by line; empty where nothing does, or all is new."""
    do: Callable[[], None]


class Folder(NamedTuple):
    """Where the dashboards go."""

    uid: str = "venue"
    title: str = "Venue"


def dashboards(folder: Path) -> list[Found]:
    """Read the dashboards of a folder.

    Raises:
        ConfigError: there is none, or one can't be read.

    """
    found: list[Found] = []
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            mistakes.append(f"{path}: can't be read: {error}")
            continue
        if isinstance(told, dict) and told.get("uid") and told.get("title"):
            found.append(told)
        else:
            mistakes.append(f"{path}: this is no dashboard: it has no uid or title")
    if not found and not mistakes:
        mistakes = [f"{folder}: holds no dashboard (*.json); name the folder with --dashboards"]
    if mistakes:
        raise ConfigError(mistakes)
    return found


def plan(
    grafana: Grafana, folder: Folder, boards: list[Found], source: Found | None, message: str
) -> Iterator[Step]:
    """Yield every step, in order; each looks at Grafana when it is asked for.

    Args:
        grafana: where to.
        folder: it is made if it isn't there.
        boards: the dashboards.
        source: the data source to be; without one it has to be there already.
        message: what Grafana's history of versions says.

    Raises:
        ConfigError: the data source is missing, or somebody has to change something in Grafana.
        SinkUnavailable: Grafana doesn't answer.

    """
    there = grafana.folder(folder.uid)
    yield Step(
        f'folder "{folder.title}"',
        "keep" if there else "make",
        "",
        lambda: grafana.add_folder(folder.uid, folder.title),
    )
    yield _source(grafana, source)
    for board in boards:
        yield _board(grafana, folder, board, message)


def _source(grafana: Grafana, wanted: Found | None) -> Step:
    there = grafana.data_source(UID)
    if wanted is None:
        if there is None:
            missing = f"{grafana.url}: there is no data source with the uid {UID}"
            raise ConfigError(
                [f"{missing}; say with --influx-url where InfluxDB is, or provision it"]
            )
        return Step(f"data source {UID}", "keep", "", lambda: None)
    if there is None:
        return Step(
            f"data source {UID}",
            "make",
            "",
            lambda: grafana.put_data_source(UID, wanted, new=True),
        )
    # A secret can't be read back: whether it is another one nobody can tell, so it is always written.
    shown = {key: there.get(key) for key in wanted if key != "secureJsonData"}
    plain = {key: value for key, value in wanted.items() if key != "secureJsonData"}
    diff = _diff(shown, plain)
    verb = "change" if diff or "secureJsonData" in wanted else "keep"
    return Step(
        f"data source {UID}",
        verb,
        diff,
        lambda: grafana.put_data_source(UID, wanted, new=False),
    )


def _board(grafana: Grafana, folder: Folder, board: Found, message: str) -> Step:
    uid = board["uid"]
    there = grafana.dashboard(uid)
    told: Found = {
        "dashboard": {key: value for key, value in board.items() if key not in OWN},
        "folderUid": folder.uid,
        "message": message,
        "overwrite": True,
    }
    if there is None:
        verb, diff = "make", ""
    else:
        diff = _diff(there["dashboard"], board)
        moved = there.get("meta", {}).get("folderUid", folder.uid) != folder.uid
        verb = "change" if diff or moved else "keep"
    return Step(f"dashboard {uid}", verb, diff, lambda: grafana.put_dashboard(told))


def _diff(before: Found, after: Found) -> str:
    lines = unified_diff(_lines(before), _lines(after), "in Grafana", "here", lineterm="", n=1)
    return "\n".join(lines)


def _lines(told: dict[str, Any]) -> list[str]:
    kept = {key: value for key, value in told.items() if key not in OWN}
    return json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
