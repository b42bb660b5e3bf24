"""Running the tests of all rules: which fail, and which rules lack a test."""

from collections.abc import Iterator

from monitor.core.rules.model import RuleSet
from monitor.rules.file import RuleFiles
from monitor.rules.inline_tests import differences


def failures(files: RuleFiles) -> Iterator[str]:
    """Yield each failed test, and each rule without a test that fires or without one that stays silent."""
    venue = files.test_venue
    missing = files.missing_schedules(venue, files.test_venue_file)
    missing = {rule: what for rule, what in missing.items() if rule not in files.untestable}
    yield from missing.values()
    rule_set = RuleSet(rules=files.rules, facts=files.facts, names=files.names, venue=venue)
    runnable = {rule.id for rule in files.rules} - files.untestable
    for place, test in zip(files.test_places, files.tests, strict=True):
        skipped = test.rule in missing or test.rule not in runnable
        wrong = [] if skipped else list(differences(rule_set, test))
        if wrong:
            yield "\n    ".join([f'{place}: rule "{test.rule}", test "{test.name}" fails:', *wrong])
    for rule, place in files.rule_places.items():
        without = f'{place}: rule "{rule}" has no test in which it'
        if (rule, True) not in files.tested:
            yield f"{without} fires; add a [[test]] with expect"
        if (rule, False) not in files.tested:
            yield f"{without} stays silent; add a [[test]] with expect = []"
