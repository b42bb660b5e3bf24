"""The checklists of the folder that ``venue.toml`` assigns to zones: each becomes one of the venue's checklists."""

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from monitor.checklists.file import assigned
from monitor.checklists.read import ChecklistFolder, read_folder
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.model import Assignment, Venue
from monitor.toml import Keys, ParseResult, no_such, quoted

FOLDER = "checklists"
"""The folder of the checklist files, beside the venue file unless the configuration names another."""


def assign(parsed: ParseResult[Venue], folder: Path) -> None:
    """Add the assigned checklists to the venue, and the mistakes in their files to the result.

    Args:
        parsed: the venue file.
        folder: the folder with the checklist files.

    """
    found = read_folder(folder)
    parsed.mistakes.extend(found.mistakes)
    rows = [(keys, part) for keys, part in parsed.parts.items() if isinstance(part, Assignment)]
    _check_ids(parsed, rows)
    for keys, row in rows:
        if row.checklist not in found.names:
            parsed.wrong((*keys, "checklist"), _missing(row.checklist, found))
    venue = parsed.parts.get(())
    if isinstance(venue, Venue) and not parsed.mistakes:
        parsed.parts[()] = replace(
            venue, checklists=(*venue.checklists, *_resolved(rows, found)), assignments=()
        )


def _resolved(
    rows: Iterable[tuple[Keys, Assignment]], found: ChecklistFolder
) -> Iterable[Checklist]:
    return (assigned(found.files[row.checklist], row) for _, row in rows)


def _check_ids(parsed: ParseResult[Venue], rows: Iterable[tuple[Keys, Assignment]]) -> None:
    """Add a mistake for each id that a checklist or an earlier assignment has already."""
    first = {part.id: keys for keys, part in parsed.parts.items() if isinstance(part, Checklist)}
    for keys, row in rows:
        own, key = row.id or row.checklist, "id" if row.id else "checklist"
        if own in first:
            line = parsed.line((*first[own], "id"))
            what = (
                f"{quoted(own)} is already the id of the one on line {line}; write an id of its own"
            )
            parsed.wrong((*keys, key), f"{what}, e.g. id = {quoted(f'{row.zone}-{row.checklist}')}")
        first.setdefault(own, keys)


def _missing(name: str, found: ChecklistFolder) -> str:
    if not found.names:
        return f"there is no {found.path / f'{name}.toml'}; write the checklist there"
    return no_such("checklist", name, found.names)
