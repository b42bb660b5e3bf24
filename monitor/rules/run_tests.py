"""Running the tests of all rules: which fail, and which rules lack a test."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from monitor.core.compile.shared_rules import compiled_rules
from monitor.core.ids import digest
from monitor.core.rules.model import RuleSet
from monitor.rules.file import RuleFiles
from monitor.rules.inline_tests import RuleTest, alone, differences

if TYPE_CHECKING:
    from monitor.core.compile.compiled_rules import CompiledRules

_PLAYED: dict[tuple[bytes, RuleTest], Sequence[str]] = {}
"""What is wrong with each test that was played last, by the digest of all that it plays with: rule, facts and venue.

A test always has the same outcome, so that after an edit only those are played that it concerns.
"""


def failures(files: RuleFiles) -> Iterator[str]:
    """Yield each failed test, and each rule without a test that fires or without one that stays silent."""
    venue = files.test_venue
    missing = files.missing_schedules(venue, files.test_venue_file)
    missing = {rule: what for rule, what in missing.items() if rule not in files.untestable}
    yield from missing.values()
    rule_set = RuleSet(rules=files.rules, facts=files.facts, names=files.names, venue=venue)
    runnable = {rule.id for rule in files.rules} - files.untestable - missing.keys()
    rows = zip(files.test_places, files.tests, strict=True)
    played = [(place, test) for place, test in rows if test.rule in runnable]
    outcomes = _outcomes(rule_set, [test for _, test in played])
    for (place, test), wrong in zip(played, outcomes, strict=True):
        if wrong:
            yield "\n    ".join([f'{place}: rule "{test.rule}", test "{test.name}" fails:', *wrong])
    for rule, place in files.rule_places.items():
        without = f'{place}: rule "{rule}" has no test in which it'
        if (rule, True) not in files.tested:
            yield f"{without} fires; add a [[test]] with expect"
        if (rule, False) not in files.tested:
            yield f"{without} stays silent; add a [[test]] with expect = []"


def _outcomes(rule_set: RuleSet, tests: Sequence[RuleTest]) -> Iterator[Sequence[str]]:
    """Yield what is wrong with each test, empty if nothing is."""
    known = dict(_PLAYED)
    _PLAYED.clear()
    compiled: CompiledRules | None = None
    for test in tests:
        own = alone(rule_set, test)
        key = digest(msgspec.json.encode(own), size=16), test
        wrong = known.get(key)
        if wrong is None:
            # Kept until the next, so that the tests of a rule share it, and all rules the places of the venue.
            compiled = compiled_rules(own, compiled)
            wrong = tuple(differences(own, test))
        _PLAYED[key] = wrong
        yield wrong
