"""docs/glossary.md is in order, and names only events that there are."""

import re
from pathlib import Path

import pytest

from monitor.core.events import EVENT_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()
TABLES = re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)
ROWS = re.compile(r"^\| \*\*(.+?)\*\*", re.MULTILINE)
EVENTS = re.compile(r"\(`([a-z]+\.[a-z_]+)`\)")


@pytest.mark.parametrize("table", TABLES, ids=["ours", "the field's"])
def test_the_words_are_in_order(table: str) -> None:
    """Whoever looks for a word finds it where the alphabet has it."""
    words = [word.lower() for word in ROWS.findall(table)]

    assert words == sorted(words)
    assert len(words) > 20


@pytest.mark.parametrize("table", TABLES, ids=["ours", "the field's"])
def test_each_word_has_all_columns(table: str) -> None:
    """What it means, and whose it is."""
    head, _, *rows = table.splitlines()

    assert [row for row in rows if row.count("|") != head.count("|")] == []


@pytest.mark.parametrize(
    "event",
    [
        "credential.outdated",
        "holder.forgotten",
        "inspection.overlapped",
        "work.contested",
        "work.settled",
        "zone.alarm",
    ],
)
def test_what_the_monitor_concludes_has_a_word(event: str) -> None:
    """An officer who meets one of these in a rule can look it up."""
    assert f"`{event}`" in PAGE


def test_the_events_that_it_names_exist() -> None:
    """A word for what is called otherwise now helps nobody."""
    assert set(EVENTS.findall(PAGE)) <= EVENT_TYPES.keys()
