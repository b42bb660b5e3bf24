"""The rules of the simulated venue: the shipped ones, in two ways.

On most days they are read once, and a small file says which version is in force. On the days with accounts, their own
files are in the day's folder, and are read by the real reader whenever one has changed.
"""

import shutil
from functools import cache
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from monitor.core.rules.model import RuleSet
from monitor.errors import ConfigError
from monitor.rules.file import RuleFiles
from monitor.rules.read import load

ROOT = Path(__file__).parents[2]
END = "# the end\n"
"""The last line of the file that stands for the rules: without it, the file is still being written."""
VENUE_FILE = '[congress]\nid = "trial"\nname = "Trial"\n\n[[site]]\nid = "centre"\nname = "C"\nkind = "venue"\n'
"""Of the venue's file only the congress is read, when the rules have mistakes."""
EDITED = "lodging.toml"
"""The rule file that people edit; no judge looks at its rules."""
VARIANTS = 4
"""The versions of the rules that people switch between."""


@cache
def shipped() -> RuleSet:
    """Return the shipped rules with the venue of their tests.

    In the simulation all its points record who leaves.
    """
    return _at_venue(load(ROOT / "rules"))


def _at_venue(rules: RuleFiles) -> RuleSet:
    points = tuple(replace(point, exit_reader=True) for point in rules.test_venue.points)
    return rules.rule_set(replace(rules.test_venue, points=points))


_READ: dict[bytes, RuleSet] = {}
"""What was read, by the digest of the files: to read them all takes half a second."""


def read_files(folder: Path) -> RuleSet:
    """Read the rule files in a day's folder; a go takes an approval and a signature.

    Raises:
        ConfigError: one of them has mistakes, perhaps as it is half written.

    """
    paths = sorted((folder / "rules").glob("*.toml"))
    digest = sha256(b"\0".join(path.read_bytes() for path in paths)).digest()
    if digest not in _READ:
        _READ[digest] = _at_venue(load(folder / "rules"))
    return _READ[digest]


def write_files(folder: Path, n: int, *, whole: bool = True) -> None:
    """Write the rule files into a day's folder, one of them in a version of people's own, or not to its end."""
    for path in sorted((ROOT / "rules").glob("*.toml")):
        if path.name != EDITED:
            shutil.copyfile(path, folder / "rules" / path.name)
    text = (ROOT / "rules" / EDITED).read_text()
    text = text.replace('severity = "low"', 'severity = "medium"', n % VARIANTS)
    end = len(text) if whole else len(text) * (n + 1) // 12
    (folder / "rules" / EDITED).write_text(text[:end])


@cache
def variant(n: int) -> RuleSet:
    """Return a version of the rules: all but a few that no judge looks at. A go takes passed checklists alone."""
    whole = shipped()
    gone = [row.id for row in whole.rules if row.id.startswith("lodging")][: 2 * n]
    readiness = replace(whole.venue.readiness, sign_off=False, approval=False)
    return replace(
        whole,
        rules=tuple(row for row in whole.rules if row.id not in gone),
        venue=replace(whole.venue, readiness=readiness),
    )


def read(folder: Path) -> RuleSet:
    """Read the file that stands for the rules: the shipped ones take a second to read.

    Raises:
        ConfigError: it is half written.

    """
    text = (folder / "rules" / "rules.toml").read_text()
    if not text.endswith(END):
        raise ConfigError([f"rules.toml:1: {text!r} does not end"])
    return variant(int(text.split()[0]))


def write(folder: Path, n: int, *, whole: bool = True) -> None:
    """Write the file of the rules, or half of it."""
    text = f"{n % VARIANTS} is in force\n{END if whole else ''}"
    (folder / "rules" / "rules.toml").write_text(text)
