"""`venue-monitor grafana push`, with the real grafana-client, against a server that accepts only Grafana 13's API."""

import asyncio
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.grafana_server import EDITOR, VIEWER, FakeGrafana

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "grafana-push"


class Finished(NamedTuple):
    """The result of a command."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """grafana-client is installed beside the environment, by one test worker at a time."""
    with (ROOT / ".venv" / "grafana.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([SCRIPT, "--help"], check=True, capture_output=True)


@pytest.fixture
async def grafana() -> AsyncIterator[FakeGrafana]:
    """An empty Grafana 13."""
    async with FakeGrafana().serve() as server:
        yield server


@pytest.fixture
def boards(tmp_path: Path) -> Path:
    """A folder with two dashboards."""
    folder = tmp_path / "dashboards"
    folder.mkdir()
    for uid in ("one", "two"):
        put(folder, uid, title=uid)
    return folder


def put(folder: Path, uid: str, **more: object) -> None:
    """Write a dashboard without panels, or with these."""
    board = {"uid": uid, "schemaVersion": 42, "panels": []} | more
    (folder / f"{uid}.json").write_text(json.dumps(board))


async def push(grafana: FakeGrafana, *arguments: str | Path, token: str = EDITOR) -> Finished:
    """Run the command as a person would."""
    running = await asyncio.create_subprocess_exec(
        SCRIPT,
        "--url",
        grafana.url,
        *map(str, arguments),
        env=os.environ | {"GRAFANA_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await running.communicate()
    return Finished(running.returncode or 0, out.decode(), err.decode())


def wide(width: object) -> dict[str, object]:
    """Return the settings of a table whose first column has a width."""
    wider = {"id": "custom.width", "value": width}
    first = {"matcher": {"id": "byName", "options": "first"}, "properties": [wider]}
    return {"defaults": {}, "overrides": [first]}


INFLUX = ("--influx-url", "http://influx:8086")


async def test_everything_is_created_and_then_nothing_changes(grafana: FakeGrafana) -> None:
    """Folder, data source and all committed dashboards are created; a second push changes nothing."""
    first = await push(grafana, *INFLUX)
    assert (first.code, first.err) == (0, "")
    shipped = sorted(path.stem for path in (ROOT / "dashboards").glob("*.json"))
    assert sorted(grafana.dashboards) == shipped
    assert grafana.folders["venue"]["title"] == "Venue"
    assert grafana.sources["venue-influx"]["jsonData"]["dbName"] == "venue"
    assert {row["meta"]["folderUid"] for row in grafana.dashboards.values()} == {"venue"}

    grafana.writes.clear()
    second = await push(grafana, *INFLUX)
    assert second.code == 0
    assert grafana.writes == []
    assert second.out.count(": unchanged") == len(shipped) + 2


async def test_a_dry_run_shows_the_changes_and_makes_none(
    grafana: FakeGrafana, boards: Path
) -> None:
    """The command prints the lines that differ and writes nothing."""
    await push(grafana, *INFLUX, "--dashboards", boards)
    put(boards, "one", title="another")
    grafana.writes.clear()

    done = await push(grafana, *INFLUX, "--dashboards", boards, "--dry-run")
    assert grafana.writes == []
    assert "dashboard one: would be updated" in done.out
    assert '-  "title": "one"' in done.out
    assert '+  "title": "another"' in done.out
    assert "dashboard two: unchanged" in done.out

    await push(grafana, *INFLUX, "--dashboards", boards)
    assert grafana.writes == ["POST /api/dashboards/db"]
    assert grafana.dashboards["one"]["dashboard"]["title"] == "another"


@pytest.mark.parametrize(
    ("generation", "kept"),
    [("1", {"password": "s3cret"}), ("2", {"httpHeaderValue1": "Token s3cret"})],
)
async def test_the_data_source_fits_the_generation(
    grafana: FakeGrafana, boards: Path, tmp_path: Path, generation: str, kept: dict[str, str]
) -> None:
    """InfluxDB 1 gets a user and password, 2 and 3 a token; the secret is never printed."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    done = await push(
        grafana,
        *INFLUX,
        "--influx-generation",
        generation,
        "--influx-user",
        "grafana",
        "--influx-secret-file",
        secret,
        "--dashboards",
        boards,
    )
    assert done.code == 0
    assert grafana.sources["venue-influx"]["secureJsonData"] == kept
    assert "s3cret" not in done.out + done.err


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"refreshing": "10s"}, "refreshing"),
        ({"panels": [{"type": "stat", "options": {"colorMod": "value"}}]}, "colorMod"),
        ({"panels": [{"type": "table", "fieldConfig": wide("70")}]}, "width"),
        ({"panels": [{"type": "stat", "targets": [{"query": "SELECT 1"}]}]}, "refId"),
        ({"panels": [{"type": "piechart", "options": {}}]}, "piechart"),
    ],
)
async def test_what_grafana_13_does_not_allow(
    grafana: FakeGrafana, boards: Path, more: dict[str, object], refused: str
) -> None:
    """A dashboard with a key, value or panel that Grafana 13 doesn't know is refused, and the message names it."""
    put(boards, "one", title="one", **more)
    done = await push(grafana, *INFLUX, "--dashboards", boards)
    assert done.code == 2
    assert refused in done.err
    assert grafana.dashboards == {}


async def test_below_a_path(boards: Path) -> None:
    """A Grafana under a path, given without a trailing slash, is reached."""
    async with FakeGrafana(below="/grafana").serve() as grafana:
        assert (await push(grafana, *INFLUX, "--dashboards", boards)).code == 0
        assert sorted(grafana.dashboards) == ["one", "two"]


async def test_a_token_that_is_not_accepted(grafana: FakeGrafana, boards: Path) -> None:
    """The advice for status 401 is a new token, and the old one is not printed."""
    done = await push(grafana, "--dashboards", boards, token="glsa_wrong")
    assert done.code == 2
    assert "401: the token is not accepted; create a new one" in done.err
    assert "glsa_wrong" not in done.out + done.err


async def test_a_token_that_may_not_write(grafana: FakeGrafana, boards: Path) -> None:
    """The advice for status 403 is the role that is needed."""
    done = await push(grafana, *INFLUX, "--dashboards", boards, token=VIEWER)
    assert done.code == 2
    assert "403: the service account may not do this; give it the role Editor" in done.err


async def test_a_conflicting_change_is_reported(grafana: FakeGrafana, boards: Path) -> None:
    """With status 412 Grafana keeps the other version; the earlier dashboards are installed."""
    grafana.conflicts.add("two")
    done = await push(grafana, *INFLUX, "--dashboards", boards)
    assert done.code == 2
    assert "412: the dashboard was changed or provisioned" in done.err
    assert sorted(grafana.dashboards) == ["one"]


async def test_a_name_that_is_taken(grafana: FakeGrafana, boards: Path) -> None:
    """With status 409 another data source has the name."""
    grafana.sources["other"] = {"name": "Venue InfluxDB"}
    done = await push(grafana, *INFLUX, "--dashboards", boards)
    assert done.code == 2
    assert "409: something else already has this name" in done.err


async def test_without_its_data_source(grafana: FakeGrafana, boards: Path) -> None:
    """Without its data source nothing is pushed: dashboards without data would look as if all were well."""
    done = await push(grafana, "--dashboards", boards)
    assert done.code == 2
    assert "there is no data source with the uid venue-influx; pass" in done.err
    assert "--influx-url" in done.err
    assert grafana.dashboards == {}


async def test_a_grafana_that_is_too_old(boards: Path) -> None:
    """It could not show the dashboards correctly, so nothing is pushed."""
    async with FakeGrafana(version="9.5.3").serve() as grafana:
        done = await push(grafana, *INFLUX, "--dashboards", boards)
    assert done.code == 2
    assert "Grafana 9.5.3 is too old; the dashboards need 11 or newer" in done.err


async def test_a_failing_or_unreachable_grafana(grafana: FakeGrafana, boards: Path) -> None:
    """The exit code distinguishes a temporary failure from a mistake that has to be corrected."""
    grafana.broken = True
    done = await push(grafana, *INFLUX, "--dashboards", boards)
    assert done.code == 1
    assert "database is locked" in done.err
    away = await push(FakeGrafana(), *INFLUX, "--dashboards", boards)
    assert away.code == 1
    assert "no answer" in away.err


async def test_files_that_are_not_dashboards(grafana: FakeGrafana, boards: Path) -> None:
    """All files that are not dashboards are listed at once, before anything is sent."""
    (boards / "bad.json").write_text("{")
    (boards / "list.json").write_text("[]")
    done = await push(grafana, *INFLUX, "--dashboards", boards)
    assert done.code == 2
    assert "bad.json: can't be read" in done.err
    assert "list.json: not a dashboard" in done.err
    assert grafana.writes == []


def test_the_monitors_own_environment_names_the_script() -> None:
    """grafana-client is not installed in the monitor's environment, and must not be: it replaces urllib3."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "grafana", "push", "--url", "http://127.0.0.1:1"],
        env=os.environ | {"GRAFANA_TOKEN": "x"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "scripts/grafana-push" in done.stderr
