"""The content of a site's files, as its site has to know it."""

from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from monitor.app.rule_files import load_rule_set
from monitor.config import Config
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleSet
from monitor.roster import read_roster
from monitor.roster.plan import plan


class Deployed(Struct, frozen=True):
    """Rules with the venue, and who is on call."""

    rule_set: RuleSet
    roster: Roster | None
    """``None``: no one is paged."""


def read_deployed(path: Path, config: Config) -> Deployed:
    """Read the files that the configuration at ``path`` names.

    Raises:
        ConfigError: with every mistake, and every rule test that fails.

    """
    rule_set = load_rule_set(path, config.files)
    if config.files.roster is None:
        return Deployed(rule_set, None)
    read, venue = read_roster(config.files.roster, rule_set.venue), rule_set.venue
    return Deployed(rule_set, plan(read, venue, datetime.now(UTC)))
