"""Reading the rule files of a folder, with every mistake of all files at once."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path

from msgspec import Struct

from monitor.core.rules.model import Fact, Rule
from monitor.core.venue.model import Congress, Venue
from monitor.errors import ConfigError
from monitor.rules.file import FORM, RuleFile, RuleFiles, tables_of
from monitor.rules.inline_tests import RuleTest
from monitor.rules.mistakes import find_mistakes
from monitor.toml import ParseResult
from monitor.venue import read as read_venue

DRAFT = ".draft.toml"
"""The end of the name of a rule file that is not in force yet."""
TEST_VENUE = "trial.venue.toml"
"""The file in the rules' folder with the small venue in which the tests are run."""


def rule_files(folder: Path) -> list[Path]:
    """Return the rule files of a folder, without drafts and hidden files, which are locks and copies of editors."""
    return _files(folder, (".venue.toml", DRAFT))


def drafts(folder: Path) -> list[Path]:
    """Return the rule files of a folder that are not in force yet."""
    return [path for path in _files(folder, ()) if path.name.endswith(DRAFT)]


def _files(folder: Path, other: tuple[str, ...]) -> list[Path]:
    return sorted(
        path
        for path in folder.glob("*.toml")
        if not path.name.startswith(".") and not path.name.endswith(other)
    )


def load(folder: Path, venue: Venue | None = None, *, with_drafts: bool = False) -> RuleFiles:
    """Read all rule files of a folder.

    Args:
        folder: where they are.
        venue: has the places and classes that conditions name; ``None`` to leave those unchecked.
        with_drafts: also read those that are not in force yet, to test them.

    Raises:
        ConfigError: there are mistakes; the error lists those of every file.

    """
    files, mistakes = read(folder, venue, with_drafts=with_drafts)
    if mistakes:
        raise ConfigError(mistakes)
    return files


def read(
    folder: Path, venue: Venue | None = None, *, with_drafts: bool = False
) -> tuple[RuleFiles, list[str]]:
    """Return what can be read of all rule files of a folder, and every mistake; the arguments are those of `load`.

    Raises:
        ConfigError: there are no rule files.

    """
    paths = rule_files(folder)
    if with_drafts:
        paths += drafts(folder)
    if not paths:
        raise ConfigError([_why_none(folder)])
    parsed_files = [FORM.read_file(path) for path in paths]
    files = [(parsed, _readable(parsed)) for parsed in parsed_files]
    names, mistakes, untestable, is_complete = find_mistakes(files, paths, venue)
    rules = tuple(row for _, file in files for row in file.rules)
    of_tests = read_venue(folder / TEST_VENUE)
    if of_tests.mistakes:
        untestable = frozenset(rule.id for rule in rules)
    rule_places = dict(_rule_places(parsed_files))
    tested = frozenset(row for parsed in parsed_files for row in _tested(parsed))
    if not is_complete:
        # The tests may be in the file that can't be read.
        tested = frozenset(product(rule_places, (True, False)))
    return RuleFiles(
        rules=rules,
        facts=tuple(row for _, file in files for row in file.facts),
        tests=tuple(row for _, file in files for row in file.tests),
        names=names,
        rule_places=rule_places,
        tested=tested,
        untestable=untestable,
        test_places=tuple(_places(parsed_files, RuleTest)),
        test_venue=Venue(congress=Congress(id="nowhere", name=""))
        if of_tests.mistakes
        else of_tests.whole(),
        test_venue_file=folder / TEST_VENUE,
    ), [str(mistake) for mistake in sorted([*mistakes, *of_tests.mistakes])]


def places(folder: Path) -> Mapping[str, str]:
    """Return file and line of each rule, by id, even if the folder has mistakes; drafts included."""
    paths = [*rule_files(folder), *drafts(folder)]
    return dict(_rule_places([FORM.read_file(path) for path in paths]))


def _why_none(folder: Path) -> str:
    """Return why a folder has no rule files: a glob does not report that a folder can't be listed."""
    try:
        list(folder.iterdir())
    except NotADirectoryError:
        return f"{folder}: is a file, not a folder; write the folder that holds the rule files"
    except FileNotFoundError:
        return f"{folder}: no such folder; create it, or write the one that holds the rule files"
    except OSError as error:
        why = error.strerror or error
        return f"{folder}: can't be listed: {why}; let the monitor's user read the folder"
    return f"{folder}: no rule files; put files such as {folder / 'doors.toml'} there"


def _readable(parsed: ParseResult[RuleFile]) -> RuleFile:
    """Return the rules, facts and tests that could be read, even if the rest of the file could not."""
    found = parsed.parts
    return RuleFile(
        rules=tuple(part for part in found.values() if isinstance(part, Rule)),
        facts=tuple(part for part in found.values() if isinstance(part, Fact)),
        tests=tuple(part for part in found.values() if isinstance(part, RuleTest)),
    )


def _rule_places(parsed_files: Iterable[ParseResult[RuleFile]]) -> Iterator[tuple[str, str]]:
    """Yield the id of each rule with its file and line."""
    for parsed in parsed_files:
        for keys, table in tables_of(parsed, "rule"):
            if isinstance(table.get("id"), str):
                yield table["id"], f"{parsed.file}:{parsed.line(keys)}"


def _tested(parsed: ParseResult[RuleFile]) -> Iterator[tuple[str, bool]]:
    """Yield the rule of each test, and whether it should fire there; a test that leaves it open counts as both."""
    for _, table in tables_of(parsed, "test"):
        rule, expect = table.get("rule"), table.get("expect")
        if isinstance(rule, str):
            is_clear = isinstance(expect, list | str)
            yield from (
                (rule, fires) for fires in (True, False) if not is_clear or fires is bool(expect)
            )


def _places(parsed_files: Iterable[ParseResult[RuleFile]], kind: type[Struct]) -> Iterator[str]:
    """Yield file and line of each rule or test, in order."""
    for parsed in parsed_files:
        for keys, part in parsed.parts.items():
            if isinstance(part, kind):
                yield f"{parsed.file}:{parsed.line(keys)}"
