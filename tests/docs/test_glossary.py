"""docs/glossary.md is in order, and names only events that exist."""

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
    """Readers find a term at its place in the alphabet."""
    words = [word.lower() for word in ROWS.findall(table)]

    assert words == sorted(words)
    assert len(words) > 20


@pytest.mark.parametrize("table", TABLES, ids=["ours", "the field's"])
def test_each_term_has_all_columns(table: str) -> None:
    """Each term has its meaning and its source."""
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
def test_derived_events_have_a_term(event: str) -> None:
    """An officer who finds one of these events in a rule can look it up."""
    assert f"`{event}`" in PAGE


def test_the_events_that_it_names_exist() -> None:
    """A term for an event that was renamed helps no one."""
    assert set(EVENTS.findall(PAGE)) <= EVENT_TYPES.keys()
