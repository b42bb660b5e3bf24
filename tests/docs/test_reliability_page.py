"""Every promise in docs/reliability.md names a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text()
ROWS = re.findall(r"^\| (?!Fault |---)(.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)


def test_the_page_has_promises() -> None:
    """The table is read at all, and every line of it."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    headings = PAGE.count("| Fault |")
    assert len(ROWS) == len(lines) - headings
    assert len(ROWS) > 40


@pytest.mark.parametrize(("fault", "promise", "tests"), ROWS, ids=[row[0][:50] for row in ROWS])
def test_a_promise_names_its_tests(fault: str, promise: str, tests: str) -> None:
    """Each row has a fault, a promise, and tests that exist."""
    paths = re.findall(r"`(tests/[\w/]+\.py)`", tests)
    assert fault
    assert promise
    assert paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []
