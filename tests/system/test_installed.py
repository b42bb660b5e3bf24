"""The program as people install it: the wheel alone, in an environment of its own, far from any checkout."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from monitor.app.example import packaged
from tests.support.pipeline import ROOT


def run(folder: Path, *command: object, seconds: float = 250) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, without the environment of the checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed program. What it depends on is borrowed from the tests' environment, without the checkout in it."""
    folder = tmp_path_factory.mktemp("installed")
    python = folder / "env" / "bin" / "python"
    steps = (
        (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"),
        (sys.executable, "-m", "venv", "--without-pip", folder / "env"),
    )
    for step in steps:
        done = run(ROOT, *step)
        assert done.returncode == 0, done.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--isolated", "--python", python, "install")
    done = run(folder, *pip, "--no-index", "--no-deps", "--no-compile", wheel)
    assert done.returncode == 0, done.stderr
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    # A path in a .pth file, unlike a site folder, has its own .pth files ignored: the checkout is in one of these.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(folder, python, "-c", "import monitor; print(monitor.__file__)").stdout
    assert Path(where).is_relative_to(site)
    return folder / "env" / "bin" / "venue-monitor"


def test_a_newcomer_gets_from_the_wheel_to_a_verdict(program: Path, tmp_path: Path) -> None:
    """After `init`, the files have no mistake, and the demonstration of their venue ends without a fault."""
    venue = tmp_path / "venue"
    started = run(tmp_path, program, "init", "venue")
    checked = run(venue, program, "check")
    played = run(venue, program, "demo", "--seconds", "20", "--json")

    assert started.returncode == 0, started.stderr
    assert "cd venue" in started.stdout
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "config.toml: no mistakes" in checked.stdout
    assert played.returncode == 0, played.stdout + played.stderr
    assert json.loads(played.stdout)["lost"] == 0


def test_the_example_is_what_the_checkout_has(program: Path, tmp_path: Path) -> None:
    """Each file that is written has one source, and no file of the example is left out."""
    assert run(tmp_path, program, "init", tmp_path).returncode == 0
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    listed = run(
        ROOT, "git", "ls-files", "config.toml", "venue.toml", "roster.toml", "rules", "checklists",
        ":(glob)dashboards/*.json", "dashboards/provisioning",
    ).stdout.splitlines()  # fmt: skip

    assert written == {Path(line) for line in listed}
    assert len(written) > 30
    for path in written:
        assert (tmp_path / path).read_bytes() == (ROOT / path).read_bytes()


def test_nothing_is_overwritten(program: Path, tmp_path: Path) -> None:
    """If one of the files exists, it is named, and none is written."""
    (tmp_path / "roster.toml").write_text("mine")
    refused = run(tmp_path, program, "init", ".")

    assert refused.returncode == 2
    assert "roster.toml: exists already; nothing was written" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["roster.toml"]
    assert (tmp_path / "roster.toml").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(program: Path, tmp_path: Path) -> None:
    """The mistake is one line, with the path and the reason."""
    (tmp_path / "file").write_text("")
    refused = run(tmp_path, program, "init", "file/venue")

    assert refused.returncode == 2
    assert refused.stderr.startswith("file/venue/")
    assert refused.stderr.endswith(": can't be written: Not a directory\n")
    assert refused.stderr.count("\n") == 1


def test_a_checkout_writes_the_same_example(tmp_path: Path) -> None:
    """Contributors get what users get, from the files at the root."""
    done = run(ROOT, sys.executable, "-m", "monitor", "init", tmp_path)

    assert done.returncode == 0, done.stderr
    for place in packaged(ROOT / "pyproject.toml"):
        assert (tmp_path / place).exists()
