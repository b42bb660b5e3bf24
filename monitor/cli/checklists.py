"""Commands about checklists: check, list, show, print, import."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from rich.markup import escape

from monitor import config, venue
from monitor.app.deployment import files_named
from monitor.checklists.file import ChecklistFile, assigned
from monitor.checklists.printed import printed
from monitor.checklists.read import ChecklistFolder, read_checklist, read_folder
from monitor.checklists.xlsform import import_form
from monitor.cli.commands import Commands
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.words import counted
from monitor.core.timing import in_words
from monitor.core.venue.checklist import Checklist, digest_of, is_cited
from monitor.core.venue.model import Assignment
from monitor.errors import ConfigError
from monitor.texts.language import languages
from monitor.toml.words import no_file, no_such, quoted
from monitor.venue.assignments import FOLDER

NOWHERE = Assignment(checklist="none", zone="none", lead="none")
"""What a checklist is shown with that no zone requires."""
SHOWN_DIGITS = 12
"""Digits of a digest that a table shows; `show` prints them all."""


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("checklists")
    kinds = parser.add_subparsers(required=True, metavar="WHAT")
    parser = kinds.add_parser("check", help="list every mistake in checklist files")
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="by default those of the deployment"
    )
    parser.set_defaults(run=_check)
    parser = kinds.add_parser("list", help="list all checklists, and where they are required")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_list)
    parser = kinds.add_parser("show", help="show the items of a checklist with their sources")
    parser.add_argument("id", help="the checklist's id")
    _add_language(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_show)
    parser = kinds.add_parser("print", help="write a checklist as HTML, to fill in on paper")
    parser.add_argument("id", help="the checklist's id")
    _add_language(parser)
    parser.add_argument("--html", type=Path, metavar="FILE", help="by default standard output")
    parser.set_defaults(run=_print)
    parser = kinds.add_parser("import", help="write a checklist file from an XLSForm")
    parser.add_argument("form", type=Path, metavar="FORM", help="an .xlsx, .xls, .csv or .md file")
    parser.add_argument("--to", type=Path, metavar="FILE", help="by default standard output")
    parser.set_defaults(run=_import)


def _add_language(parser: argparse.ArgumentParser) -> None:
    known = sorted(languages())
    parser.add_argument("--language", choices=known, default="en", help="default: %(default)s")


def _check(given: argparse.Namespace) -> int:
    if given.files:
        missing = [no_file(path) for path in given.files if not path.is_file()]
        if missing:
            raise ConfigError(missing)
        found = [read_checklist(path) for path in given.files]
        mistakes = sorted(row for parsed in found for row in parsed.mistakes)
        files = {} if mistakes else {parsed.file: parsed.whole() for parsed in found}
    else:
        folder = _folder(given.config)
        mistakes, files = list(folder.mistakes), dict(folder.files)
    if mistakes:
        raise ConfigError([str(mistake) for mistake in mistakes])
    items = sum(len(file.items) for file in files.values())
    print(f"{counted(len(files), 'checklist')} with {counted(items, 'item')}: no mistakes")
    for name, file in files.items():
        for note in _notes(file):
            print(f"{name}: {note}")
    cited = [item for file in files.values() for item in file.items if is_cited(item)]
    unread = sum(not item.reference_read for item in cited)
    if unread:
        print(
            f"{unread} of {len(cited)} sources were not read in the original; have your authority confirm the items"
        )
    return 0


def _notes(file: ChecklistFile) -> Iterator[str]:
    """Yield what a checklist leaves out, and may leave out only if that is meant."""
    used = {tag for item in file.items for tag in item.texts}
    for tag in sorted(used):
        missing = [item.id for item in file.items if tag not in item.texts]
        if missing:
            yield f"no text in {quoted(tag)}: {', '.join(missing)}"
    without = [item.id for item in file.items if not item.reference]
    if without:
        yield f'no reference: {", ".join(without)}; name the clause, or write "judgement"'


def _list(given: argparse.Namespace) -> int:
    folder, rows = _folder(given.config), _in_force(given.config)
    used = {row.checklist for row in _assignments(given.config)}
    unused = {
        name: assigned(file, NOWHERE) for name, file in folder.files.items() if name not in used
    }
    table = table_of(
        "Checklist", "Name", "Items", "Every", "Zone", "Lead", "Version", whole="Checklist"
    )
    for name, row in [*((row.id, row) for row in rows), *unused.items()]:
        is_used = name not in unused or row in rows
        zone, lead = (row.zone, row.lead) if is_used else ("", "")
        if given.json:
            line = {"id": name, "name": row.name, "items": len(row.items), "zone": zone}
            print(msgspec.json.encode(line | {"lead": lead, "digest": digest_of(row)}).decode())
            continue
        table.add_row(
            name,
            escape(row.name),
            str(len(row.items)),
            in_words(row.interval),
            zone or "(nowhere)",
            lead,
            row.version or digest_of(row)[:SHOWN_DIGITS],
        )
    if not given.json:
        EscapingConsole().print(table)
    return 0


def _show(given: argparse.Namespace) -> int:
    row = _one(given.config, given.id)
    if given.json:
        print(msgspec.json.encode(row).decode())
        return 0
    language = given.language
    print(f"{row.names.get(language, row.name)} ({given.id})")
    print(f"version {row.version or digest_of(row)}, every {in_words(row.interval)}")
    for number, item in enumerate(row.items, 1):
        limits = "".join(
            f", {word} {limit:g} {item.unit}"
            for word, limit in (("at least", item.min), ("at most", item.max))
            if limit is not None
        )
        print(f"{number:3}. {item.texts.get(language, item.text)}")
        print(f"     {item.id}: {item.kind}, {item.criticality}{limits}")
        if item.ask_if is not None:
            print(f'     only if "{item.ask_if.item}" is "{item.ask_if.is_}"')
        for choice in item.choices:
            print(f"     - {choice.texts.get(language, choice.text)}: {choice.result}")
        if item.reference:
            unread = " (not read)" if is_cited(item) and not item.reference_read else ""
            print(f"     source: {item.reference}{unread}")
    return 0


def _print(given: argparse.Namespace) -> int:
    page = printed(_one(given.config, given.id), languages()[given.language])
    if given.html is None:
        print(page, end="")
        return 0
    _write(given.html, page, "--html")
    return 0


def _import(given: argparse.Namespace) -> int:
    found = import_form(given.form)
    if given.to is None:
        print(found.text, end="")
    else:
        _write(given.to, found.text, "--to")
    for line in found.lost:
        print(f"{given.form}: {line}", file=sys.stderr)
    kept = counted(found.items, "item")
    lost = f"{len(found.lost)} not expressed" if found.lost else "nothing was lost"
    print(f"{given.form}: {kept}; {lost}", file=sys.stderr)
    return 0


def _write(path: Path, text: str, option: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{option}: {path}: {error.strerror}"]) from error


def _one(path: Path, name: str) -> Checklist:
    """Return a checklist as it is in force, or as its file has it.

    Raises:
        ConfigError: there is none of this name, or files have mistakes.

    """
    found: Mapping[str, Checklist] = {
        **{own: assigned(file, NOWHERE) for own, file in _folder(path).files.items()},
        **{row.id: row for row in _in_force(path)},
    }
    if name not in found:
        raise ConfigError(
            [f"{no_such('checklist', name, list(found))}; `checklists list` lists them"]
        )
    return found[name]


def _in_force(path: Path) -> Sequence[Checklist]:
    files = files_named(config.read(path), path.parent)
    if "venue" not in files:
        return ()
    return venue.load(files["venue"], files.get("checklists")).checklists


def _assignments(path: Path) -> Sequence[Assignment]:
    files = files_named(config.read(path), path.parent)
    if "venue" not in files:
        return ()
    parts = venue.read(files["venue"], files.get("checklists")).parts.values()
    return [part for part in parts if isinstance(part, Assignment)]


def _folder(path: Path) -> ChecklistFolder:
    files = files_named(config.read(path), path.parent)
    beside = files.get("venue", path).parent / FOLDER
    folder = read_folder(files.get("checklists", beside))
    if not folder.names:
        raise ConfigError(
            [
                f"{folder.path}: no checklist files; put files such as {folder.path / 'lifts.toml'} there"
            ]
        )
    return folder
