"""The content of the rule files as types: one file, and all files of the folder together."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from monitor.core.rules.model import Fact, Rule, RuleSet, schedules_of
from monitor.core.rules.names import Names
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.rules.inline_tests import RuleTest
from monitor.toml import Form, ParseResult
from monitor.toml.words import nearest


class RuleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule file."""

    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    lists: dict[str, tuple[str | float, ...]] = {}
    """Constants that are named once, for ``field in name`` in any file."""
    macros: dict[str, str] = {}
    """Expressions that are named once, for any file."""


class RuleFiles(Struct, frozen=True, kw_only=True):
    """All rule files of a folder together."""

    rules: tuple[Rule, ...]
    facts: tuple[Fact, ...]
    tests: tuple[RuleTest, ...]
    names: Names
    rule_places: Mapping[str, str] = {}
    """File and line of each rule, those that can't be read included."""
    tested: frozenset[tuple[str, bool]] = frozenset()
    """The rules with a test in which they fire (true) or stay silent (false), those that can't be read included."""
    untestable: frozenset[str] = frozenset()
    """The rules whose tests can't be run, because of mistakes."""
    test_places: tuple[str, ...] = ()
    """File and line of each test."""
    test_venue: Venue
    """The venue in which the tests are run."""
    test_venue_file: Path

    def rule_set(self, venue: Venue, file: Path = Path("venue.toml")) -> RuleSet:
        """Return the rule set for a venue; ``file`` is the name of its file in messages.

        Raises:
            ConfigError: a rule names a schedule that the venue does not have.

        """
        if missing := self.missing_schedules(venue, file):
            raise ConfigError([*missing.values()])
        return RuleSet(rules=self.rules, facts=self.facts, names=self.names, venue=venue)

    def missing_schedules(self, venue: Venue, file: Path) -> Mapping[str, str]:
        """Return a message, by rule, for each schedule that a rule names and the venue does not have."""
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
"""The names of the lists in a rule file."""
FORM = Form(RuleFile, tables=TABLES)


def tables_of(
    parsed: ParseResult[RuleFile], what: str
) -> Iterator[tuple[tuple[str, int], Mapping[str, Any]]]:
    """Yield every table of a kind in a file with its path, whether it could be read or not."""
    rows = parsed.tables.get(what)
    for place, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield (what, place), row
