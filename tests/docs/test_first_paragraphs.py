"""Each page begins with who it is for, and what they can do or know after reading it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "bench" / "README.md",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_whom_it_is_for(page: Path) -> None:
    """A reader finds out in the first paragraph whether to go on."""
    title, first, *_ = page.read_text().split("\n\n")
    readers, _, rest = " ".join(first.split()).partition(". ")

    assert title.startswith("# ")
    assert readers.startswith("For ")
    assert re.search(r"\byou (can|know)\b", rest.partition(". ")[0] or readers), first
