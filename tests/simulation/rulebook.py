"""The rules of the simulated venue: the shipped ones, read once, and the file that says which version is in force."""

from functools import cache
from pathlib import Path

from msgspec.structs import replace

from monitor.core.rules.model import RuleSet
from monitor.errors import ConfigError
from monitor.rules.read import load

ROOT = Path(__file__).parents[2]
END = "# the end\n"
"""The last line of the file that stands for the rules: without it, the file is still being written."""
VARIANTS = 4
"""The versions of the rules that people switch between."""


@cache
def shipped() -> RuleSet:
    """Return the shipped rules with the venue of their tests.

    In the simulation all its points record who leaves.
    """
    rules = load(ROOT / "rules")
    venue = rules.test_venue
    points = tuple(replace(point, exit_reader=True) for point in venue.points)
    return rules.rule_set(replace(venue, points=points))


@cache
def variant(n: int, *, is_signed: bool) -> RuleSet:
    """Return a version of the rules: all but a few that no judge looks at; perhaps with approvals and signatures."""
    whole = shipped()
    gone = [row.id for row in whole.rules if row.id.startswith("lodging")][: 2 * n]
    readiness = replace(whole.venue.readiness, sign_off=is_signed, approval=is_signed)
    return replace(
        whole,
        rules=tuple(row for row in whole.rules if row.id not in gone),
        venue=replace(whole.venue, readiness=readiness),
    )


def read(folder: Path, *, is_signed: bool) -> RuleSet:
    """Read the file that stands for the rules: the shipped ones take a second to read.

    Args:
        folder: of the deployment.
        is_signed: whether a go takes an approval and a signature, and not passed checklists alone.

    Raises:
        ConfigError: it is half written.

    """
    text = (folder / "rules" / "rules.toml").read_text()
    if not text.endswith(END):
        raise ConfigError([f"rules.toml:1: {text!r} does not end"])
    return variant(int(text.split()[0]), is_signed=is_signed)


def write(folder: Path, n: int, *, whole: bool = True) -> None:
    """Write the file of the rules, or half of it."""
    text = f"{n % VARIANTS} is in force\n{END if whole else ''}"
    (folder / "rules" / "rules.toml").write_text(text)
