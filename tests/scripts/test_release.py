"""What scripts/release refuses before it builds anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "scripts" / "release"
CHANGELOG = """# Changelog

## [Unreleased]

## [1.3.0] - 2026-12-01

## [1.2.0] - 2026-11-01

### Fixed

- A door.

[1.2.0]: https://example.org/1.2.0
"""
NOBODY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder."""
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | NOBODY,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit; its set-up ends the script where the build would begin."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(PROGRAM, tmp_path / "scripts")
    setup = tmp_path / "scripts" / "setup"
    setup.write_text("#!/bin/sh\necho building\nexit 3\n")
    setup.chmod(0o755)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        assert run(tmp_path, "git", *command).returncode == 0
    return tmp_path


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_clean_tree_with_a_described_version_is_built(
    checkout: Path, dry: tuple[str, ...]
) -> None:
    """A prepared release passes all checks, and the build begins."""
    result = run(checkout, "scripts/release", "1.2.0", *dry)

    assert (result.returncode, result.stdout, result.stderr) == (3, "building\n", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "'' is not a version"),
        (["v1.2.0"], "'v1.2.0' is not a version"),
        (["1.2"], "'1.2' is not a version"),
        (["1.2.0", "1.2.1"], "'1.2.0 1.2.1' is not a version"),
        (["1.4.0"], "'## [1.4.0] - DATE'"),
        (["1.3.0"], "'## [1.3.0] - DATE'"),
        (["112.0"], "'112.0' is not a version"),
    ],
)
def test_a_release_that_is_not_described_is_refused(
    checkout: Path, arguments: list[str], reason: str
) -> None:
    """A release is refused unless its argument is one version with a section in the changelog that is not empty."""
    result = run(checkout, "scripts/release", *arguments)

    assert (result.returncode, result.stdout) == (1, "")
    assert reason in result.stderr


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize("name", ["CHANGELOG.md", "new"])
def test_a_tree_that_is_not_clean_is_refused(
    checkout: Path, name: str, dry: tuple[str, ...]
) -> None:
    """A tree with a changed or a new file is refused, since only a commit is released."""
    (checkout / name).write_text(CHANGELOG + "\n")

    result = run(checkout, "scripts/release", "1.2.0", *dry)

    assert (result.returncode, result.stdout) == (1, "")
    assert "git status" in result.stderr


def test_a_version_is_released_once(checkout: Path) -> None:
    """A tag is never moved; a dry run at the tag shows that the same bytes come out."""
    assert run(checkout, "git", "tag", "v1.2.0").returncode == 0

    again = run(checkout, "scripts/release", "1.2.0")
    dry = run(checkout, "scripts/release", "1.2.0", "--dry-run")

    assert again.returncode == 1
    assert "v1.2.0" in again.stderr
    assert (dry.returncode, dry.stdout) == (3, "building\n")


def test_package_and_image_get_the_version(tmp_path: Path) -> None:
    """The image that `deploy/compose` builds carries the version of the package that is in it."""
    root = PROGRAM.parents[1]
    (tmp_path / "deploy" / "compose").mkdir(parents=True)
    for name in ("pyproject.toml", "deploy/compose/compose.yaml"):
        shutil.copy(root / name, tmp_path / name)
    lines = PROGRAM.read_text().partition("\nset_version() {")[2].partition("\n}\n")[0]
    command = f"version=9.8.7; set_version() {{{lines}\n}}; set_version ."
    assert run(tmp_path, "sh", "-ec", command).returncode == 0

    assert '\nversion = "9.8.7"\n' in (tmp_path / "pyproject.toml").read_text()
    compose = (tmp_path / "deploy" / "compose" / "compose.yaml").read_text()
    assert "\n    image: venue-monitor:9.8.7\n" in compose
    assert compose.count("9.8.7") == 1
