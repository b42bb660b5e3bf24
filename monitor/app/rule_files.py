"""Reads the rule files of a deployment with all that is wrong with them; needs nothing of the running monitor."""

from pathlib import Path
from typing import NamedTuple

from monitor import config, venue
from monitor.app.deployment import check_together
from monitor.config.settings import Files
from monitor.core.rules.model import RuleSet
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.rules.file import RuleFiles
from monitor.rules.read import read as read_rules
from monitor.rules.run_tests import failures


def load_rule_set(path: Path, files: Files, known: Venue | None = None) -> RuleSet:
    """Read the rules and the venue that the configuration at ``path`` names, and run the rules' tests.

    Args:
        path: the configuration.
        files: the files that it names.
        known: the venue, if it has been read and checked just now.

    Raises:
        ConfigError: with every mistake of both, every test that fails, and every name in an adapter's map that is not
            in the venue.

    """
    mistakes: list[str] = []
    if known is None:
        found = venue.read(files.venue, files.checklists)
        wrong = [*found.mistakes, *check_together(config.read(path), found)]
        mistakes += [str(mistake) for mistake in sorted(wrong)]
        known = None if found.mistakes else found.whole()
    checked = check_rules(files.rules, files.venue, known)
    mistakes += (*checked.mistakes, *checked.failures)
    if checked.files is None or known is None or mistakes:
        raise ConfigError(mistakes)
    return checked.files.rule_set(known)


class CheckedRules(NamedTuple):
    """The rules of a folder, and everything that is wrong with them."""

    files: RuleFiles | None
    """What can be read; ``None`` if there are no files."""
    mistakes: list[str]
    failures: list[str]
    """Tests that fail or are missing."""


def check_rules(
    folder: Path, venue_file: Path | None, known: Venue | None, *, with_drafts: bool = False
) -> CheckedRules:
    """Read the rules of a folder and run their tests, as far as mistakes allow it.

    Args:
        folder: where the rule files are.
        venue_file: the name of the venue file in messages.
        known: the venue; ``None`` if it has mistakes itself, which leaves unchecked what rules name of it.
        with_drafts: also read the rules that are not in force yet.

    """
    try:
        rules, mistakes = read_rules(folder, known, with_drafts=with_drafts)
    except ConfigError as error:
        return CheckedRules(None, list(error.mistakes), [])
    if known is not None and venue_file is not None:
        mistakes += rules.missing_schedules(known, venue_file).values()
    return CheckedRules(rules, mistakes, list(failures(rules)))
