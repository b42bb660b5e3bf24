"""Reading the checklist files of a folder, with every mistake of all files at once."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from monitor.checklists.checks import check_item, check_items
from monitor.checklists.file import FORM, ChecklistFile
from monitor.core.venue.checklist import ChecklistItem
from monitor.core.venue.words import SLUG
from monitor.toml import Keys, Mistake, ParseResult, quoted


class ChecklistFolder(Struct, frozen=True, kw_only=True):
    """The checklists of a folder by id, and everything that is wrong with its files."""

    path: Path
    files: Mapping[str, ChecklistFile] = {}
    """Those without mistakes."""
    names: tuple[str, ...] = ()
    """The ids of all, those with mistakes included."""
    mistakes: tuple[Mistake, ...] = ()


def checklist_files(folder: Path) -> list[Path]:
    """Return the checklist files of a folder, without hidden files, which are locks and copies of editors."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def read_folder(folder: Path) -> ChecklistFolder:
    """Read all checklist files of a folder; one that does not exist has none."""
    files: dict[str, ChecklistFile] = {}
    names: list[str] = []
    mistakes: list[Mistake] = []
    for path in checklist_files(folder):
        parsed = read_checklist(path)
        names.append(path.stem)
        if parsed.mistakes:
            mistakes += parsed.mistakes
        else:
            files[path.stem] = parsed.whole()
    return ChecklistFolder(
        path=folder, files=files, names=tuple(names), mistakes=tuple(sorted(mistakes))
    )


def read_checklist(path: Path) -> ParseResult[ChecklistFile]:
    """Read one file and record all mistakes in it."""
    parsed = FORM.read_file(path)
    if not re.fullmatch(SLUG, path.stem):
        what = "its name is the checklist's id: name it in lower-case letters, digits and hyphens"
        parsed.mistakes.append(Mistake(str(path), 0, what))
    check_tables(parsed)
    if isinstance(file := parsed.parts.get(()), ChecklistFile) and not file.interval:
        what = 'must be more than 0, or no inspection would stay valid; write e.g. "24h"'
        parsed.wrong(("interval",), what)
    return parsed


def check_tables(parsed: ParseResult[Any], above: Keys = ()) -> None:
    """Check the items below a table: each by itself, and those of the table together.

    Args:
        parsed: the file; the mistakes are added to it.
        above: the table, if it is not the file itself.

    """
    tables = list(_tables(parsed, above))
    first: dict[str, Keys] = {}
    for keys, table in tables:
        own = table.get("id")
        if isinstance(own, str) and own in first:
            what = (
                f"{quoted(own)} is already used on line {parsed.line(first[own])}; choose another"
            )
            parsed.wrong((*keys, "id"), what)
        elif isinstance(own, str):
            first[own] = (*keys, "id")
    items: list[ChecklistItem] = []
    for keys, _ in tables:
        item = parsed.parts.get(keys)
        if isinstance(item, ChecklistItem):
            items.append(item)
            for key, what in check_item(item):
                parsed.wrong((*keys, key), what)
    # An item that can't be read would be missing, for a reason that is reported already.
    if len(items) == len(tables):
        for place, key, what in check_items(items):
            parsed.wrong((*tables[place][0], key), what)


def _tables(parsed: ParseResult[Any], above: Keys) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """Yield the tables of the items below a table with their positions."""
    here: Any = parsed.tables
    for key in above:
        here = here[key]
    found = here.get("item")
    for place, table in enumerate(found if isinstance(found, list) else ()):
        if isinstance(table, dict):
            yield (*above, "item", place), table
