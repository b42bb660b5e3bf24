"""`venue-monitor grafana push`, with the real grafana-client, against a server that takes only Grafana 13's shapes."""

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


class Said(NamedTuple):
    """What the command said."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """grafana-client lies beside the environment; workers that want it at the same time wait for one another."""
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
        (folder / f"{uid}.json").write_text(json.dumps({"uid": uid, "title": uid, "panels": []}))
    return folder


async def push(grafana: FakeGrafana, *arguments: str | Path, token: str = EDITOR) -> Said:
    """Runs the command as a person would."""
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
    return Said(running.returncode or 0, out.decode(), err.decode())


INFLUX = ("--influx-url", "http://influx:8086")


async def test_everything_is_made_and_then_nothing_changes(grafana: FakeGrafana) -> None:
    """Folder, data source and all committed dashboards; a second time everything is the same already."""
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
    assert second.out.count(": the same") == len(shipped) + 2


async def test_a_dry_run_changes_nothing_and_shows_what_would(
    grafana: FakeGrafana, boards: Path
) -> None:
    """With the lines that differ, and without touching anything."""
    await push(grafana, *INFLUX, "--dashboards", boards)
    (boards / "one.json").write_text(json.dumps({"uid": "one", "title": "another", "panels": []}))
    grafana.writes.clear()

    said = await push(grafana, *INFLUX, "--dashboards", boards, "--dry-run")
    assert grafana.writes == []
    assert "dashboard one: would change" in said.out
    assert '-  "title": "one"' in said.out
    assert '+  "title": "another"' in said.out
    assert "dashboard two: the same" in said.out

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
    """InfluxDB 1 with name and password, 2 and 3 with a token; the secret is in no output."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    said = await push(
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
    assert said.code == 0
    assert grafana.sources["venue-influx"]["secureJsonData"] == kept
    assert "s3cret" not in said.out + said.err


async def test_below_a_path(boards: Path) -> None:
    """A Grafana that is served below a path, written without a slash at its end."""
    async with FakeGrafana(below="/grafana").serve() as grafana:
        assert (await push(grafana, *INFLUX, "--dashboards", boards)).code == 0
        assert sorted(grafana.dashboards) == ["one", "two"]


async def test_a_token_that_is_not_accepted(grafana: FakeGrafana, boards: Path) -> None:
    """401: a new one is needed."""
    said = await push(grafana, "--dashboards", boards, token="glsa_wrong")
    assert said.code == 2
    assert "401: the token is not accepted; make a new one" in said.err
    assert "glsa_wrong" not in said.out + said.err


async def test_a_token_that_may_not_write(grafana: FakeGrafana, boards: Path) -> None:
    """403: which role is needed."""
    said = await push(grafana, *INFLUX, "--dashboards", boards, token=VIEWER)
    assert said.code == 2
    assert "403: the token's service account may not do this: give it the role Editor" in said.err


async def test_somebody_else_has_changed_it(grafana: FakeGrafana, boards: Path) -> None:
    """412: Grafana keeps theirs; what came before is there."""
    grafana.conflicts.add("two")
    said = await push(grafana, *INFLUX, "--dashboards", boards)
    assert said.code == 2
    assert "412: somebody changed or provisioned this dashboard" in said.err
    assert sorted(grafana.dashboards) == ["one"]


async def test_a_name_that_is_taken(grafana: FakeGrafana, boards: Path) -> None:
    """409: another data source has the name."""
    grafana.sources["other"] = {"name": "Venue InfluxDB"}
    said = await push(grafana, *INFLUX, "--dashboards", boards)
    assert said.code == 2
    assert "409: something else has this name already" in said.err


async def test_without_its_data_source(grafana: FakeGrafana, boards: Path) -> None:
    """Dashboards without data would look calm."""
    said = await push(grafana, "--dashboards", boards)
    assert said.code == 2
    assert "there is no data source with the uid venue-influx; say with --influx-url" in said.err
    assert grafana.dashboards == {}


async def test_a_grafana_that_is_too_old(boards: Path) -> None:
    """It would show half of it, wrongly."""
    async with FakeGrafana(version="9.5.3").serve() as grafana:
        said = await push(grafana, *INFLUX, "--dashboards", boards)
    assert said.code == 2
    assert "Grafana 9.5.3 is too old; the dashboards need 11 or newer" in said.err


async def test_a_grafana_in_trouble_or_away(grafana: FakeGrafana, boards: Path) -> None:
    """Try again later: another exit code than for what a person has to change."""
    grafana.broken = True
    said = await push(grafana, *INFLUX, "--dashboards", boards)
    assert said.code == 1
    assert "database is locked" in said.err
    away = await push(FakeGrafana(), *INFLUX, "--dashboards", boards)
    assert away.code == 1
    assert "no answer" in away.err


async def test_files_that_are_no_dashboards(grafana: FakeGrafana, boards: Path) -> None:
    """All of them at once, before anything is sent."""
    (boards / "bad.json").write_text("{")
    (boards / "list.json").write_text("[]")
    said = await push(grafana, *INFLUX, "--dashboards", boards)
    assert said.code == 2
    assert "bad.json: can't be read" in said.err
    assert "list.json: this is no dashboard" in said.err
    assert grafana.writes == []


def test_in_the_monitors_own_environment_it_says_what_to_do() -> None:
    """grafana-client is not there, and must not be: it replaces urllib3."""
    said = subprocess.run(
        [sys.executable, "-m", "monitor", "grafana", "push", "--url", "http://127.0.0.1:1"],
        env=os.environ | {"GRAFANA_TOKEN": "x"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    assert "scripts/grafana-push" in said.stderr
