"""The mistakes that only show across rule files: repeated ids and names, empty files, mistakes in rules and tests."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from monitor.core.compile.mistake import DefinitionMistake, Fault, meant
from monitor.core.compile.validate import definition_mistakes
from monitor.core.rules.expression import NO_CHOICES, Choices
from monitor.core.rules.model import Fact, Rule, fact_query
from monitor.core.rules.names import Names
from monitor.core.venue.ids import choices_in
from monitor.core.venue.model import Venue
from monitor.rules.file import RuleFile, tables_of
from monitor.rules.key_mistakes import SEVERAL, repair
from monitor.runtime.files import content
from monitor.toml import Form, Keys, Mistake, ParseResult, pointed_at

ParsedFile = tuple[ParseResult[RuleFile], RuleFile]
"""A file as it was read, and the rules, facts and tests in it that could be read."""
_FORMS: Mapping[str, Form[Any]] = {"rule": Form(Rule), "fact": Form(Fact)}
_WRITE = "; write the id of a rule"
_KEY = re.compile(r"[a-z_]+(?:\.[A-Za-z0-9_-]+)*")
"""The key at the beginning of a message, such as ``hold.start``."""


class Located(NamedTuple):
    """A fault with its place."""

    parsed: ParseResult[RuleFile]
    keys: Keys
    name: str
    """What has it, e.g. ``rule "door-open"``."""
    fault: Fault


class Found(NamedTuple):
    """What is wrong in and across the files."""

    names: Names
    """The lists and macros of all files."""
    mistakes: list[Mistake]
    untestable: frozenset[str]
    """The rules that can't be run, because they or what they use have mistakes."""
    is_complete: bool
    """Every file could be read as TOML, so that what is not defined is not defined anywhere."""


def find_mistakes(files: list[ParsedFile], paths: Iterable[Path], venue: Venue | None) -> Found:
    """Return every mistake in and across the files.

    Args:
        files: what was read.
        paths: where it was read.
        venue: has the places and classes that conditions name; ``None`` to leave those unchecked.

    """
    parsed_files = [parsed for parsed, _ in files]
    mistakes = [mistake for parsed in parsed_files for mistake in parsed.mistakes]
    mistakes += (empty := list(_empty(paths)))
    names = _names(parsed_files, mistakes)
    mistakes += _repeated(parsed_files)
    choices = NO_CHOICES if venue is None else choices_in(venue)
    # What an unreadable file may define can't be reported as undefined.
    is_complete = not empty and all(row.tables or not row.mistakes for row in parsed_files)
    defined = frozenset(_defined(parsed_files))
    found = [
        row
        for row in (
            *_of_readable(files, names, choices),
            *_of_unreadable(files, names, choices),
        )
        if not row.fault.refers_to or (is_complete and row.fault.refers_to not in defined)
    ]
    for parsed, keys, name, fault in found:
        mistakes.append(_mistake(parsed, keys, f"{name}: {_worded(fault, defined)}"))
    if is_complete:
        mistakes += _tests_without_rule(parsed_files, defined)
    untestable = _untestable(files, {row.name for row in found})
    return Found(names, mistakes, untestable, is_complete)


def _worded(fault: Fault, defined: frozenset[str]) -> str:
    """Return a fault in words, with a caret under its place in a text."""
    message = fault.message
    hint = meant(fault.refers_to, defined)
    if hint and not fault.text and "did you mean" not in message:
        message = message.partition("; ")[0] + hint  # only a part that can't be read has that name
    return message + (pointed_at(fault.text, fault.column) if fault.text else "")


def _of_readable(files: list[ParsedFile], names: Names, choices: Choices) -> Iterator[Located]:
    """Yield the faults of the rules, facts, lists and macros that could be read."""
    rules = [row for _, file in files for row in file.rules]
    facts = [row for _, file in files for row in file.facts]
    for found in definition_mistakes(rules, facts, names, choices):
        yield _located(found, files)


def _of_unreadable(files: list[ParsedFile], names: Names, choices: Choices) -> Iterator[Located]:
    """Yield the faults of the other rules and facts, apart from the keys that are wrong anyway."""
    facts = [row for _, file in files for row in file.facts]
    for kind, form in _FORMS.items():
        rows = ((parsed, *row) for parsed, _ in files for row in tables_of(parsed, kind))
        for parsed, path, _ in rows:
            if path in parsed.parts or (repaired := repair(parsed, path, form)) is None:
                continue
            part = repaired.part
            one: tuple[list[Rule], list[Fact]] = (
                ([part], facts) if isinstance(part, Rule) else ([], [part])
            )
            has_id = "id" not in repaired.lost
            name = _name(kind, part.id) if has_id else f"{kind} {path[1] + 1}"
            for of, own, fault in definition_mistakes(*one, names, choices):
                keys = _keys(fault)
                if (of, own) == (kind, part.id) and repaired.has(fault, ".".join(keys)):
                    yield Located(parsed, (*path, *keys), name, fault)


def _untestable(files: list[ParsedFile], wrong: set[str]) -> frozenset[str]:
    """Return the rules that can't be run; ``wrong`` are the names of what has mistakes."""
    facts = {
        row.id for _, file in files for row in file.facts if _name("fact", row.id) not in wrong
    }
    return frozenset(
        rule.id
        for _, file in files
        for rule in file.rules
        if _name("rule", rule.id) in wrong
        or any(name.startswith(("list ", "macro ")) for name in wrong)
        or not facts.issuperset(fact_query(name).fact for name in rule.while_)
    )


def _defined(parsed_files: Iterable[ParseResult[RuleFile]]) -> Iterator[str]:
    """Yield the names of all rules, facts, lists and macros, whether they could be read or not."""
    for parsed in parsed_files:
        for what in ("rule", "fact"):
            own = (row.get("id") for _, row in tables_of(parsed, what))
            yield from (name for name in own if isinstance(name, str))
        for table in ("lists", "macros"):
            rows = parsed.tables.get(table)
            yield from rows if isinstance(rows, dict) else ()


def _empty(paths: Iterable[Path]) -> Iterator[Mistake]:
    """Yield the empty files: an editor that failed to save leaves one, and all its rules would be lost."""
    for path in paths:
        if not content(path).strip():
            yield Mistake(str(path), 0, "is empty; write its rules, or remove the file")


def _repeated(parsed_files: Iterable[ParseResult[RuleFile]]) -> Iterator[Mistake]:
    """Yield every rule and fact whose id is already in use."""
    seen: dict[tuple[str, str], str] = {}
    for what in ("rule", "fact"):
        rows = ((parsed, *row) for parsed in parsed_files for row in tables_of(parsed, what))
        for parsed, keys, table in rows:
            own = table.get("id")
            if not isinstance(own, str):
                continue
            here = f"{parsed.file}:{parsed.line(keys)}"
            first = seen.setdefault((what, own), here)
            if first is not here:
                used = f'{what} "{own}": this id is already used at {first}'
                yield _mistake(parsed, keys, f"{used}; choose one that no file uses")


def _names(parsed_files: Iterable[ParseResult[RuleFile]], mistakes: list[Mistake]) -> Names:
    """Return the lists and macros of all files; add a mistake for each name that is used twice."""
    found: dict[str, dict[str, Any]] = {"lists": {}, "macros": {}}
    places: dict[str, str] = {}
    wanted = {"lists": list, "macros": str}
    for parsed in parsed_files:
        for table, named in found.items():
            rows = parsed.tables.get(table)
            for name, value in rows.items() if isinstance(rows, dict) else ():
                here = f"{parsed.file}:{parsed.line((table, name))}"
                if name in named:
                    what = f'{table}: "{name}" is already used at {places[name]}'
                    message = f"{what}; choose a name that no file uses"
                    mistakes.append(_mistake(parsed, (table, name), message))
                elif isinstance(value, wanted[table]):
                    named[name] = tuple(value) if isinstance(value, list) else value
                    places[name] = here
    return Names(lists=found["lists"], macros=found["macros"])


def _tests_without_rule(
    parsed_files: Iterable[ParseResult[RuleFile]], defined: frozenset[str]
) -> Iterator[Mistake]:
    for parsed in parsed_files:
        for keys, table in tables_of(parsed, "test"):
            name = table.get("rule")
            if isinstance(name, str) and name not in defined:
                what = f'test: unknown rule "{name}"{meant(name, defined) or _WRITE}'
                yield _mistake(parsed, keys, what)


def _located(found: DefinitionMistake, files: list[ParsedFile]) -> Located:
    """Return a mistake with its file and path."""
    name = _name(found.of, found.id)
    if found.of in ("list", "macro"):
        table = f"{found.of}s"
        parsed = next(row for row, _ in files if found.id in row.tables.get(table, {}))
        return Located(parsed, (table, found.id), name, found.fault)
    parsed, path = next(
        (parsed, path)
        for parsed, _ in reversed(files)
        for path, table in tables_of(parsed, found.of)
        if table.get("id") == found.id and path in parsed.parts
    )
    return Located(parsed, (*path, *_keys(found.fault)), name, found.fault)


def _name(kind: str, own: str) -> str:
    return f'{kind} "{own}"'


def _keys(fault: Fault) -> tuple[str, ...]:
    """Return the key with which a message begins."""
    if fault.message.startswith("has ") and " and " in fault.message:
        return (SEVERAL,)
    key = _KEY.match(fault.message)
    return tuple(key[0].split(".")) if key else ()


def _mistake(parsed: ParseResult[RuleFile], keys: tuple[str | int, ...], message: str) -> Mistake:
    return Mistake(parsed.file, parsed.line(keys), message)
