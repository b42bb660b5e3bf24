"""docs/checklists.md lists every key of a checklist file with its default, and every kind of item."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import get_args

from msgspec.structs import fields

from monitor.checklists.file import TABLES, ChecklistFile
from monitor.core.timing import parse_duration
from monitor.core.venue.checklist import ItemKind

PAGE = (Path(__file__).parents[2] / "docs" / "checklists.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| .*? \| (.*?) \| .*\|$", re.MULTILINE)


def section(title: str) -> str:
    """Return the text below a heading."""
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_every_key_is_documented_with_its_default() -> None:
    """For each key the page says that it is required, or gives its default, and it names no other key."""
    found = dict(ROW.findall(section("Keys of a file")))
    for field in fields(ChecklistFile):
        words = found.pop(TABLES.get(field.name, field.name))
        if words.startswith("`"):
            written = tomllib.loads(f"x = {words.strip('`')}")["x"]
            as_field = parse_duration(written) if isinstance(field.default, timedelta) else written
            assert (tuple(as_field) if isinstance(as_field, list) else as_field) == field.default
        else:
            assert (words == "*required*") == field.required, field.name

    assert found == {}


def test_every_kind_of_item_is_explained() -> None:
    """The page says of each kind what a pass needs."""
    kinds = re.findall(r"^\| `([a-z-]+)` \|", section("Kinds of items"), re.MULTILINE)

    assert set(kinds) - {"kind"} == set(get_args(ItemKind))
