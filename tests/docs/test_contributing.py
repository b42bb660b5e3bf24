"""CONTRIBUTING.md leads to files, folders and scripts that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
RECIPES = dict(re.findall(r"^An? \*\*(.+)\*\*:\n((?:\d\. .+\n)+)", PAGE, re.MULTILINE))
MAP = "\n".join(re.findall(r"^    .*$", PAGE.partition("## Commands")[0], re.MULTILINE))


def packages(folder: str) -> set[str]:
    """Return the names of the packages in a folder."""
    return {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}


def test_every_path_exists() -> None:
    """A newcomer finds each file and folder that is named."""
    paths = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[A-Z]+\.md)`", PAGE)

    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_script_exists() -> None:
    """Every script that is named exists and can be started."""
    scripts = set(re.findall(r"scripts/[a-z-]+", PAGE))

    assert scripts
    assert [name for name in scripts if not (ROOT / name).stat().st_mode & 0o100] == []


def test_the_map_shows_every_room() -> None:
    """No package of the monitor or of its core is left out."""
    shown = set(re.findall(r"\b([a-z]+)/", MAP))

    assert shown == packages("monitor") | packages("monitor/core")


@pytest.mark.parametrize("what", ["rule", "event type", "vendor adapter", "sink", "command"])
def test_a_recipe_has_five_steps(what: str) -> None:
    """Each step names the file to change; "the same file" is the one of the step before."""
    steps = RECIPES[what].splitlines()

    assert [step[0] for step in steps] == list("12345")
    assert [step for step in steps if not re.match(r"\d\. (`[\w./-]+`|The same file):", step)] == []


def test_it_is_one_page() -> None:
    """The page is one page long; what is longer belongs in docs/."""
    assert len(PAGE.splitlines()) <= 110
