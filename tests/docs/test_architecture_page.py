"""docs/architecture.md names files, functions, folders, layers and alert states that exist."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.core.alert import TABLE, Handling
from monitor.core.engine.engine import IN_ORDER, ON_ARRIVAL
from monitor.core.events import EVENT_TYPES

ROOT = Path(__file__).parents[2]
MONITOR = ROOT / "monitor"
PAGE = (ROOT / "docs" / "architecture.md").read_text()
NAME = re.compile(r"`([^`\n]+)`")
ROW = re.compile(r"^\| [^|]*\| `([^|`]+\.py)` \| ([^|]+) \|", re.MULTILINE)
"""A row of a walk: a step, its file, its functions."""
WALKS = [
    "A badge event",
    "An inspection",
    "An acknowledgement",
    "A timer",
    "A rule file",
    "A configuration key",
]


def section(title: str) -> str:
    """Return the text below a heading, up to the next one."""
    _, found, text = PAGE.partition(f"# {title}\n")
    assert found, title
    return re.split(r"^#+ ", text, maxsplit=1, flags=re.MULTILINE)[0]


def paths() -> Iterator[str]:
    """Yield every file and folder that the page names."""
    for name in NAME.findall(PAGE):
        if re.fullmatch(r"[\w./-]+(?:/|\.py|\.md)", name):
            yield name


def found(path: str) -> bool:
    """Return whether a file or folder exists below `monitor/`, or below the root."""
    return any((root / path).exists() for root in (MONITOR, ROOT))


def defined(file: Path) -> set[str]:
    """Return the functions, classes, methods and constants that a module defines."""
    names: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name):
                names.add(name)
                names |= {
                    f"{name}.{row.name}"
                    for row in node.body
                    if isinstance(row, ast.FunctionDef | ast.AsyncFunctionDef)
                }
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return names


EVERYTHING = {
    name for file in sorted(MONITOR.rglob("*.py")) for name in (file.stem, *defined(file))
}
"""Every name that a module of the monitor defines."""


@pytest.mark.parametrize("path", sorted(set(paths())))
def test_a_path_exists(path: str) -> None:
    """A reader who looks for a file finds it under this name."""
    assert found(path)


@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_names_the_functions_of_its_files(walk: str) -> None:
    """Each step of a walk is a function in the file beside it, and no row is left unchecked."""
    text = section(walk)
    rows = ROW.findall(text)
    unknown = [
        (file, name)
        for file, names in rows
        for name in NAME.findall(names)
        if name not in defined(MONITOR / file)
    ]

    assert unknown == []
    assert len(rows) == text.count("\n| ") - 1  # all but the heading; its rule begins with a dash
    assert len(rows) >= 7


def test_the_stages_are_in_their_order() -> None:
    """Both lists of stages are described as they are, and each stage has its row."""
    text = section("The core")
    described = re.findall(r"^- `(\w+)`: ([a-z, ]+)\.", text, re.MULTILINE)
    stages = {
        name: [stage.__name__.partition("_")[0] for stage in row]
        for name, row in (("ON_ARRIVAL", ON_ARRIVAL), ("IN_ORDER", IN_ORDER))
    }
    rows = ROW.findall(text)

    assert {name: order.split(", ") for name, order in described} == stages
    assert [
        (file, name)
        for file, names in rows
        for name in NAME.findall(names)
        if name not in defined(MONITOR / file)
    ] == []


def test_every_other_name_exists() -> None:
    """A class, function or event that the text mentions is one of the monitor's."""
    dotted = {name for name in NAME.findall(PAGE) if re.fullmatch(r"[A-Z]\w*\.\w+", name)}
    single = {
        name
        for name in NAME.findall(PAGE)
        if re.fullmatch(r"(?:[A-Z][a-z]+){2,}|[A-Z]+_[A-Z_]+", name)
    }
    events = {
        name
        for name in NAME.findall(PAGE)
        if re.fullmatch(r"[a-z]+\.[a-z_]+", name) and name != "time.lateness"
    }
    files = {"config.toml", "venue.toml", "roster.toml", "pyproject.toml"}

    assert sorted((dotted | single) - EVERYTHING) == []
    assert (
        sorted(name for name in events - EVENT_TYPES.keys() - files if not name.endswith(".py"))
        == []
    )


@pytest.mark.parametrize(("folder", "prefix"), [(MONITOR, ""), (MONITOR / "core", "core/")])
def test_every_folder_is_listed(folder: Path, prefix: str) -> None:
    """The listing is complete: a new folder has to say what belongs there."""
    listed = re.findall(rf"^\| `{prefix}(\w+)/` \|", section("Where things are"), re.MULTILINE)
    folders = [path.parent.name for path in folder.glob("*/__init__.py")]

    assert sorted(listed) == sorted(folders)


def test_the_layers_are_those_of_the_contracts() -> None:
    """The page shows who may import whom as it is enforced."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    blocks = re.findall(r"```\n(.+?)```", section("Who may import whom"), re.DOTALL)
    for block, contract in zip(blocks, contracts["contracts"], strict=False):
        shown = [
            {name.removesuffix(".py").strip() for name in line.split(",")}
            for line in block.splitlines()
        ]
        layers = [
            {name.strip("() ") for name in layer.split("|")}
            for layer in contract["layers"]
            if layer != "(__main__)"
        ]
        for n, layer in enumerate(layers):
            if "events" in layer & shown[n]:  # the small files beside it are not named one by one
                shown[n] = layer
        assert shown == layers
    assert len(blocks) == 2


def test_the_diagram_shows_every_step_of_the_table_and_no_other() -> None:
    """The diagram shows what can happen to an alert, and nothing else."""
    shown = {
        (before, after, act)
        for before, after, acts in re.findall(r"^    (\w+) --> (\w+): (.+)$", PAGE, re.MULTILINE)
        for act in acts.split(", ")
    }
    table = {
        (f"{condition}_{handling}", "closed" if to is Handling.CLOSED else f"{then}_{to}", str(act))
        for (condition, handling), acts in TABLE.items()
        for act, (then, to) in acts.items()
    }

    assert shown == table
