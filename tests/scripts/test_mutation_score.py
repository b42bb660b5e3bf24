"""What scripts/mutants reports about the faults that it planted."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "scripts" / "mutation_score.py"
PROJECT = '[tool.mutmut]\nonly_mutate = ["app/alert*", "app/rules/*"]\n'
KILLED, TIMEOUT, SURVIVED, UNTESTED, WAITING = 1, 36, 0, 33, None
"""Exit codes as mutmut writes them down."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two packages, of whose faults nine in ten are noticed."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    write(tmp_path, "app/alerts/table.py", [KILLED] * 8 + [TIMEOUT, SURVIVED])
    write(tmp_path, "app/rules/read.py", [KILLED] * 9 + [UNTESTED])
    return tmp_path


def write(folder: Path, source: str, codes: Sequence[int | None]) -> None:
    """Leave the results for one file, as mutmut does."""
    meta = folder / "mutants" / f"{source}.meta"
    meta.parent.mkdir(parents=True, exist_ok=True)
    meta.write_text(json.dumps({"exit_code_by_key": dict(enumerate(codes))}))


def score(folder: Path, *names: str) -> tuple[int, list[list[str]]]:
    """Return the exit code, and the words of each line below the heading."""
    result = subprocess.run(
        [sys.executable, PROGRAM, *names], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
    return result.returncode, [line.split() for line in result.stdout.splitlines()[1:]]


def test_each_package_has_its_own_line(folder: Path) -> None:
    """A fault that no test reaches counts as a fault that no test noticed."""
    code, lines = score(folder)

    assert code == 0
    assert lines == [
        ["app/alert", "8", "1", "1", "0", "0", "0", "90.0", "%"],
        ["app/rules/", "9", "0", "0", "1", "0", "0", "90.0", "%"],
    ]


def test_one_package_below_the_floor_fails_all(folder: Path) -> None:
    """A good package does not make up for a bad one."""
    write(folder, "app/rules/write.py", [SURVIVED] * 2)

    code, lines = score(folder)

    assert code == 1
    assert [line[-2] for line in lines] == ["90.0", "75.0"]


@pytest.mark.parametrize("codes", [[KILLED, WAITING], []])
def test_a_package_that_was_not_tried_in_full_fails(
    folder: Path, codes: Sequence[int | None]
) -> None:
    """An interrupted run and a pattern that matches nothing are not mistaken for a good score."""
    write(folder, "app/rules/read.py", codes)

    assert score(folder)[0] == 1


def test_with_names_only_what_was_tried_counts(folder: Path) -> None:
    """With names given, the rest of the package and the other package are left out."""
    write(folder, "app/rules/read.py", [WAITING] * 5)
    write(folder, "app/alerts/table.py", [KILLED] * 6 + [SURVIVED] + [WAITING] * 9)

    code, lines = score(folder, "app.alerts.table*")

    assert code == 0
    assert lines == [["app/alert", "6", "0", "1", "0", "9", "0", "85.7", "%"]]
