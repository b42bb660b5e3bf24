"""docs/accounts.md gives each role the rights that the code gives it, and names commands that exist."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from monitor.accounts import ALL_RIGHTS, RIGHTS, ROLES
from monitor.cli.commands import parser_of

PAGE = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text()
ROWS = re.findall(r"^\| `(\w+)`.*?\|(.*)\|$", PAGE, re.MULTILINE)
COMMANDS = re.findall(r"^    (venue-monitor .*?)(?:  +#.*)?$", PAGE, re.MULTILINE)


def test_the_table_is_that_of_the_code() -> None:
    """Whoever gives a role knows what it brings."""
    shown = {right: [cell.strip() == "yes" for cell in cells.split("|")] for right, cells in ROWS}

    assert shown == {right: [right in RIGHTS[role] for role in ROLES] for right in ALL_RIGHTS}


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_can_be_typed(line: str) -> None:
    """With the arguments that the page shows."""
    given = parser_of().parse_args(shlex.split(line)[1:])

    assert isinstance(given, argparse.Namespace)
    assert given.command == "user"
