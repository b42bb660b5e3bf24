"""``docs/configuration.md`` and ``docs/on-call.md`` list every key of the files, and nothing else."""

import re
import tomllib
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from monitor.config import Config
from monitor.config.read import TABLES
from monitor.core.timing import parse_duration
from monitor.core.venue.model import Venue
from monitor.roster import Document
from monitor.roster.read import KEYS
from monitor.roster.read import TABLES as ROSTER_TABLES
from monitor.toml.type_hints import taken_apart
from monitor.venue.read import FORM

DOCS = Path(__file__).parents[2] / "docs"
PAGES: dict[str, tuple[type[Struct], ...]] = {
    "configuration.md": (Config, Venue),
    "on-call.md": (Document,),
}
"""What each page is about."""
SINGULAR = {**TABLES, **FORM.tables, **ROSTER_TABLES}
ROW = re.compile(r"^\| `(\w+)` \| .*? \| (.*?) \| .*\|$", re.MULTILINE)
"""The key, and what is taken where it is left out."""


def documented(page: str) -> dict[tuple[str, str], str]:
    """Return the documented default of each table and key."""
    found: dict[tuple[str, str], str] = {}
    for section in re.split(r"^## ", (DOCS / page).read_text(), flags=re.MULTILINE)[1:]:
        table = section.splitlines()[0].strip("[]")
        found |= {(table, key): event for key, event in ROW.findall(section)}
    return found


def keys(kind: type[Struct], above: str = "") -> Iterator[tuple[str, str, FieldInfo]]:
    """Yield each key of a file: its table, its name there, and the field that it becomes."""
    for field in fields(kind):
        hint = taken_apart(field.type)
        names = SINGULAR if hint.is_tables else KEYS
        name = names.get(field.encode_name, field.encode_name)
        if above:
            yield above, name, field
        if hint.is_table or hint.is_tables:
            inner = taken_apart(hint.args[0]).kind if hint.is_tables else hint.kind
            yield from keys(inner, f"{above}.{name}".lstrip("."))


def as_field(written: object, default: object) -> object:
    """Return a value of a file as the type of the field's default."""
    match default:
        case timedelta():
            return parse_duration(str(written))
        case Path():
            return Path(str(written))
        case time():
            return time.fromisoformat(str(written))
        case tuple():
            return tuple(written) if isinstance(written, list) else written
        case _:
            return written


@pytest.mark.parametrize(
    ("page", "kind"), [(page, kind) for page, kinds in PAGES.items() for kind in kinds]
)
def test_every_key_is_documented_with_its_default(page: str, kind: type[Struct]) -> None:
    """For each key of each table the page says that it is required, or gives its default."""
    found = documented(page)
    for table, key, field in keys(kind):
        words = found[table, key]
        if words.startswith("`"):
            written = tomllib.loads(f"x = {words.strip('`')}")["x"]
            assert as_field(written, field.default) == field.default, (table, key)
        elif field.required:
            assert words == "*required*", (table, key)
        else:
            assert field.default in (None, NODEFAULT, 0), (table, key)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_else_is_documented(page: str) -> None:
    """Every key on the page exists."""
    known = {(table, key) for kind in PAGES[page] for table, key, _ in keys(kind)}

    assert set(documented(page)) == known
