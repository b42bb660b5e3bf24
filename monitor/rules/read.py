"""Reads the rule files: rules, facts and their tests; every mistake of all files is told at once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from monitor.core.compile.validate import Problem, problems
from monitor.core.rules.model import Fact, Rule, RuleBook, schedules_of
from monitor.core.rules.names import Names
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.rules.inline_tests import Trial, differences
from monitor.runtime.files import content
from monitor.toml import Form, Mistake, Reading
from monitor.toml.words import nearest
from monitor.venue import load as load_venue

TRIAL_VENUE = "trial.venue.toml"
"""In the rules' folder: the small venue that the tests are played in."""


class RuleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of the folder."""

    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()
    tests: tuple[Trial, ...] = ()
    lists: dict[str, tuple[str | float, ...]] = {}
    """Constants that are named once, for ``field in name`` in any file."""
    macros: dict[str, str] = {}
    """Expressions that are named once, for any file."""


class Rules(Struct, frozen=True, kw_only=True):
    """All files of the folder together."""

    rules: tuple[Rule, ...]
    facts: tuple[Fact, ...]
    tests: tuple[Trial, ...]
    names: Names
    rule_places: Mapping[str, str] = {}
    """File and line of each rule."""
    test_places: tuple[str, ...] = ()
    """File and line of each test."""
    trial_venue: Venue
    trial_venue_file: Path

    def book(self, venue: Venue, file: Path = Path("venue.toml")) -> RuleBook:
        """Return the rule book for a venue; ``file`` is the name of its file in messages.

        Raises:
            ConfigError: a rule names a schedule that the venue doesn't have.

        """
        if lacking := self.lacking(venue, file):
            raise ConfigError([*lacking.values()])
        return RuleBook(rules=self.rules, facts=self.facts, names=self.names, venue=venue)

    def lacking(self, venue: Venue, file: Path) -> Mapping[str, str]:
        """Return what is to do, by rule, about schedules that rules name and the venue doesn't have."""
        known = [row.id for row in venue.schedules]
        found: dict[str, str] = {}
        for rule in self.rules:
            for name in schedules_of(rule):
                if name not in known:
                    near = nearest(name, known)
                    instead = f', or write "{near}"' if near else ""
                    found[rule.id] = (
                        f'{self.rule_places[rule.id]}: rule "{rule.id}": '
                        f'{file} has no [[schedule]] "{name}"; add it there{instead}'
                    )
        return found


TABLES = {"rules": "rule", "facts": "fact", "tests": "test"}
"""How the lists of a file are called in TOML."""
_FORM = Form(RuleFile, tables=TABLES)
_AT = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
"""The key with which a problem begins, such as ``hold.start``."""


def rule_files(folder: Path) -> list[Path]:
    """Return the rule files of a folder; hidden ones are locks and copies of editors."""
    return sorted(
        path
        for path in folder.glob("*.toml")
        if not path.name.startswith(".") and not path.name.endswith(".venue.toml")
    )


def _why_none(folder: Path) -> str:
    """Say why a folder shows no rule files: a glob keeps silent about a folder that can't be listed."""
    try:
        list(folder.iterdir())
    except NotADirectoryError:
        return f"{folder}: is a file, not a folder; write the folder that holds the rule files"
    except FileNotFoundError:
        return f"{folder}: no such folder; make it, or write the one that holds the rule files"
    except OSError as error:
        why = error.strerror or error
        return f"{folder}: can't be listed: {why}; let the monitor's user read the folder"
    return f"{folder}: no rule files; the rules are files such as {folder / 'doors.toml'}"


def load(folder: Path) -> Rules:
    """Read all rule files of a folder.

    Raises:
        ConfigError: with every mistake of every file.

    """
    paths = rule_files(folder)
    if not paths:
        raise ConfigError([_why_none(folder)])
    readings = [_FORM.read_file(path) for path in paths]
    files = [(reading, _parts(reading)) for reading in readings]
    rules = [row for _, file in files for row in file.rules]
    facts = [row for _, file in files for row in file.facts]
    mistakes = [mistake for reading in readings for mistake in reading.mistakes]
    mistakes += _empty(paths)
    broken = bool(mistakes)
    names = _names(readings, mistakes)
    mistakes.extend(_repeated(readings))
    mistakes.extend(
        _placed(problem, files)
        for problem in problems(rules, facts, names)
        # A file that could not be read whole may be where a missing fact stands.
        if not (broken and problem.message.startswith("while: no fact"))
    )
    named = {rule.id for rule in rules}
    tests = [row for _, file in files for row in file.tests]
    for reading, file in files:
        for place, test in enumerate(file.tests):
            if test.rule not in named and not broken:
                mistakes.append(
                    _mistake(reading, ("test", place), f'test: no rule is called "{test.rule}"')
                )
    if mistakes:
        raise ConfigError([str(mistake) for mistake in sorted(mistakes)])
    return Rules(
        rules=tuple(rules),
        facts=tuple(facts),
        tests=tuple(tests),
        names=names,
        rule_places={
            rule.id: place for rule, place in zip(rules, _places(readings, Rule), strict=True)
        },
        test_places=tuple(_places(readings, Trial)),
        trial_venue=load_venue(folder / TRIAL_VENUE),
        trial_venue_file=folder / TRIAL_VENUE,
    )


def places(folder: Path) -> Mapping[str, str]:
    """Return file and line of each rule that can be read, by id, whatever else is wrong in the folder."""
    readings = [_FORM.read_file(path) for path in rule_files(folder)]
    rules = [rule for reading in readings for rule in _parts(reading).rules]
    return {rule.id: place for rule, place in zip(rules, _places(readings, Rule), strict=True)}


def failures(rules: Rules) -> Iterator[str]:
    """Play every test; yield what failed, and which rule lacks a test that fires or one that stays silent."""
    venue = rules.trial_venue
    lacking = rules.lacking(venue, rules.trial_venue_file)
    yield from lacking.values()
    book = RuleBook(rules=rules.rules, facts=rules.facts, names=rules.names, venue=venue)
    for place, test in zip(rules.test_places, rules.tests, strict=True):
        wrong = [] if test.rule in lacking else list(differences(book, test))
        if wrong:
            yield "\n    ".join([f'{place}: rule "{test.rule}", test "{test.name}" fails:', *wrong])
    for rule in rules.rules:
        of_rule = [test for test in rules.tests if test.rule == rule.id]
        told = f'{rules.rule_places[rule.id]}: rule "{rule.id}" has no test in which it'
        if not any(test.expect for test in of_rule):
            yield f"{told} fires; add a [[test]] with expect"
        if not any(_stays_silent(test) for test in of_rule):
            yield f"{told} stays silent; add a [[test]] with expect = []"


def _stays_silent(test: Trial) -> bool:
    return not test.expect


def _empty(paths: Iterable[Path]) -> Iterator[Mistake]:
    """Yield the files that hold nothing: an editor that failed to save leaves one, and all its rules would be gone."""
    for path in paths:
        if not content(path).strip():
            yield Mistake(str(path), 0, "is empty; write its rules, or remove the file")


def _parts(reading: Reading[RuleFile]) -> RuleFile:
    """Return what could be read of a file, also where the rest could not."""
    found = reading.parts
    return RuleFile(
        rules=tuple(part for part in found.values() if isinstance(part, Rule)),
        facts=tuple(part for part in found.values() if isinstance(part, Fact)),
        tests=tuple(part for part in found.values() if isinstance(part, Trial)),
    )


def _places(readings: Iterable[Reading[RuleFile]], kind: type[Struct]) -> Iterator[str]:
    """Yield file and line of each rule or test, in their order."""
    for reading in readings:
        for keys, part in reading.parts.items():
            if isinstance(part, kind):
                yield f"{reading.file}:{reading.line(keys)}"


def _repeated(readings: Iterable[Reading[RuleFile]]) -> Iterator[Mistake]:
    """Yield every rule and fact whose id is another's already."""
    seen: dict[tuple[type[Struct], str], str] = {}
    for reading in readings:
        for keys, part in reading.parts.items():
            if isinstance(part, Rule | Fact):
                here = f"{reading.file}:{reading.line(keys)}"
                first = seen.setdefault((type(part), part.id), here)
                if first is not here:
                    said = f'{keys[0]} "{part.id}": this id is used already at {first}'
                    yield _mistake(reading, keys, f"{said}; ids are unique over all files")


def _names(readings: list[Reading[RuleFile]], mistakes: list[Mistake]) -> Names:
    """Put the lists and macros of all files together; a name stands for one thing."""
    found: dict[str, dict[str, Any]] = {"lists": {}, "macros": {}}
    places: dict[str, str] = {}
    wanted = {"lists": list, "macros": str}
    for reading in readings:
        for table, named in found.items():
            rows = reading.tables.get(table)
            for name, value in rows.items() if isinstance(rows, dict) else ():
                here = f"{reading.file}:{reading.line((table, name))}"
                if name in named:
                    said = f'{table}: "{name}" is used already at {places[name]}'
                    mistakes.append(
                        _mistake(reading, (table, name), f"{said}; names are unique over all files")
                    )
                elif isinstance(value, wanted[table]):
                    named[name] = tuple(value) if isinstance(value, list) else value
                    places[name] = here
    return Names(lists=found["lists"], macros=found["macros"])


def _placed(problem: Problem, files: list[tuple[Reading[RuleFile], RuleFile]]) -> Mistake:
    """Find the file and line of a problem; an expression is shown with a caret under what is wrong."""
    message = f'{problem.what} "{problem.id}": {problem.message}'
    if problem.expression:
        message += f"\n      {problem.expression}\n      {' ' * problem.column}^"
    if problem.what in ("list", "macro"):
        table = f"{problem.what}s"
        for reading, _ in files:
            if problem.id in reading.tables.get(table, {}):
                return _mistake(reading, (table, problem.id), message)
    for reading, _ in reversed(files):
        for place, table in enumerate(reading.tables.get(problem.what, ())):
            if isinstance(table, dict) and table.get("id") == problem.id:
                said = _AT.match(problem.message)
                keys = said[0].split(".") if said else []
                return _mistake(reading, (problem.what, place, *keys), message)
    return Mistake("rules", 0, message)


def _mistake(reading: Reading[RuleFile], keys: tuple[str | int, ...], message: str) -> Mistake:
    return Mistake(reading.file, reading.line(keys), message)
