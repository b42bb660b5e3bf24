"""The structure: who may import whom, a pure core, one place for each library, no swallowed exception."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "monitor").rglob("*.py"))

EDGES = {
    "paho": ("monitor/mqtt/*.py",),
    "argon2": ("monitor/accounts/*.py",),
    "authlib": ("monitor/web/openid_connect.py",),
    "joserfc": (
        "monitor/web/id_token.py",
        "monitor/web/openid_connect.py",
        "monitor/web/provider_metadata.py",
    ),
    "sqlite3": ("monitor/accounts/*.py", "monitor/journal/*.py"),
}
"""The only files that may touch these libraries: to replace one, there is one place to change."""
AMBIENT = {"open", "print", "input", "now", "utcnow", "today"}
"""Calls that read or write the world without an import that a contract could see."""


def contracts(root: Path) -> subprocess.CompletedProcess[str]:
    """The import contracts of ``pyproject.toml``, applied to the package in ``root``."""
    lint = "import sys; from importlinter.cli import lint_imports as lint; sys.exit(lint(no_cache=True, no_logo=True))"
    return subprocess.run(
        [sys.executable, "-c", lint], cwd=root, capture_output=True, text=True, check=False
    )


def named(source: Path) -> str:
    """The file's path from the root."""
    return str(source.relative_to(ROOT) if source.is_relative_to(ROOT) else source)


def imported(source: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def swallows(source: Path) -> Iterator[str]:
    """Each place of a file that catches or suppresses any exception and does not pass it on."""
    for node in ast.walk(ast.parse(source.read_text())):
        caught: list[ast.expr] = []
        if isinstance(node, ast.ExceptHandler) and not cleans_up(node):
            caught = [node.type or ast.Name("BaseException")]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = node.args
        names = {each.id for row in caught for each in ast.walk(row) if isinstance(each, ast.Name)}
        if names & {"Exception", "BaseException"}:
            yield f"{named(source)}:{getattr(node, 'lineno', 0)}"


def cleans_up(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything, cancellation included, and raises it again at its end."""
    last = handler.body[-1]
    everything = handler.type is None or ast.unparse(handler.type) == "BaseException"
    return everything and isinstance(last, ast.Raise) and last.exc is None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with its contracts, in which tests break them."""
    shutil.copytree(
        ROOT / "monitor", tmp_path / "monitor", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contracts_hold() -> None:
    """No import goes upwards or sideways, and the core imports nothing that has side effects."""
    result = contracts(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "planted", ["import time", "from os import path", "from monitor import errors"]
)
def test_an_impure_core_is_found(copy: Path, planted: str) -> None:
    """One import of a clock, of files or of the shell breaks the contracts."""
    (copy / "monitor" / "core" / "planted.py").write_text(f'"""Planted."""\n\n{planted}\n')

    result = contracts(copy)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert "monitor.core.planted" in result.stdout


def test_a_module_without_a_layer_is_found(copy: Path) -> None:
    """A new module needs a layer before it can be imported."""
    (copy / "monitor" / "planted.py").write_text('"""Planted."""\n')

    result = contracts(copy)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "planted" in result.stdout


def test_the_core_has_no_side_effects() -> None:
    """The core opens no file, prints nothing and reads no clock, with imports or without."""
    found = [
        f"{named(source)}:{node.lineno} {ast.unparse(node.func)}"
        for source in SOURCES
        if source.is_relative_to(ROOT / "monitor" / "core")
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in AMBIENT
    ]

    assert found == []


@pytest.mark.parametrize("library", EDGES)
def test_each_library_is_imported_in_its_place_only(library: str) -> None:
    """Only the files in ``EDGES`` import the library."""
    strays = [
        named(source)
        for source in SOURCES
        if library in imported(source)
        and not any(source.relative_to(ROOT).match(edge) for edge in EDGES[library])
    ]

    assert strays == []


def test_at_most_one_place_swallows_any_exception() -> None:
    """Only the supervisor of the sinks swallows any exception; anywhere else, an unforeseen one ends the program."""
    found = [place for source in SOURCES for place in swallows(source)]

    assert len(found) <= 1, found
    assert all(place.startswith("monitor/app/supervisor.py:") for place in found), found


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("try: ...\nexcept Exception: raise", 1),
        ("try: ...\nexcept (OSError, BaseException): ...", 1),
        ("try: ...\nexcept: ...", 1),
        ("import contextlib\nwith contextlib.suppress(Exception): ...", 1),
        ("try: ...\nexcept BaseException:\n    undo()\n    raise", 0),
        ("try: ...\nexcept OSError: ...", 0),
    ],
)
def test_a_swallowed_exception_is_found(tmp_path: Path, body: str, count: int) -> None:
    """Every form of swallowing an exception is found."""
    source = tmp_path / "planted.py"
    source.write_text(body)

    assert len(list(swallows(source))) == count
