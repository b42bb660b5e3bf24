"""README.md names every command and every page."""

import re
from pathlib import Path

import pytest

from monitor.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Readers of "Use it" see all commands."""
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    ([a-z]+)(?:  |$)", capsys.readouterr().out, re.MULTILINE)
    used = "\n".join(re.findall(r"^    venue-monitor .*$", README, re.MULTILINE))

    assert "run" in commands
    assert [name for name in commands if not re.search(rf"\b{name}\b", used)] == []


def test_every_page_is_named() -> None:
    """No page has to be searched for in the folder."""
    pages = [f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")]

    assert [page for page in pages if f"({page})" not in README] == []
