"""Whatever a command prints, what strangers sent controls nothing in the terminal."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from rich.table import Table

from monitor import cli
from monitor.cli.screen import EscapingConsole
from monitor.cli.screen_text import escaping
from monitor.runtime import logs

EVIL = "d1\x1b[31m\x00\u202e\x9b"
SHOWN = "d1\\u001b[31m\\u0000\\u202e\\u009b"


def tabled() -> None:
    """Print a table with a cell."""
    table = Table("Id")
    table.add_row(EVIL.replace("[", "\\["))
    EscapingConsole(width=120).print(table)


def logged() -> None:
    """Write a line of the log."""
    logs.set_up("info", "text")
    structlog.get_logger().info("refused", topic=EVIL)


@pytest.mark.parametrize(
    "prints",
    [
        lambda: print(EVIL),  # noqa: T201 - what is tested
        lambda: print(EVIL, file=sys.stderr),  # noqa: T201 - what is tested
        lambda: sys.stdout.writelines([EVIL]),
        lambda: EscapingConsole(width=120).print(EVIL, markup=False),
        tabled,
        logged,
    ],
)
def test_control_characters_are_shown_escaped(
    prints: Callable[[], object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters are escaped by print, on standard error, in a table and in the log."""
    with escaping():
        prints()
    out, err = capsys.readouterr()
    assert SHOWN in out + err
    assert not {"\x1b", "\x00", "\u202e", "\x9b"} & set(out + err)


def test_a_name_that_is_a_code_of_an_emoji_is_shown_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is what a person would search for."""
    EscapingConsole(width=120).print("Door :key: of the hall")
    assert capsys.readouterr().out == "Door :key: of the hall\n"


def test_every_command_prints_through_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that quotes what was typed is escaped, and the streams are as before afterwards."""
    before = sys.stdout, sys.stderr
    assert cli.main(["--config", str(tmp_path / EVIL.replace("\x00", "")), "alerts"]) == 2
    assert (sys.stdout, sys.stderr) == before
    assert "\\u001b[31m" in capsys.readouterr().err


def test_our_own_colours_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the severity stays red."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    with escaping():
        EscapingConsole(force_terminal=True, color_system="standard", highlight=False).print(
            f"[red]{EVIL}[/]"
        )
    out = capsys.readouterr().out
    assert out.startswith("\x1b[31m")
    assert SHOWN in out
