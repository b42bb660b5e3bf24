"""The list of the phone form's traps is whole, and names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/adr/0039-traps-of-the-phone-form.md").read_text()
TRAPS = 36


def test_each_trap_has_a_test_that_exists() -> None:
    """From the first to the last; a test that is renamed is renamed on the page, too."""
    rows = re.findall(r"^\| T(\d+) \|.*\| (.+) \|$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, TRAPS + 1))
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"def (test_\w+)", sources))
    for number, shown_by in rows:
        named = re.findall(r"`(\w+)`", shown_by)
        assert named, number
        assert not [name for name in named if name not in known], number
