"""Counts, places and times as the commands print them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.cli.words import VenueWords, counted
from monitor.config import load as load_config
from tests.support.pipeline import ROOT

AT = datetime(2026, 11, 28, 7, 2, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A deployment with the example venue, seven hours east of Greenwich."""
    (tmp_path / "config.toml").write_text('[journal]\npath = "journal.db"\n')
    text = (ROOT / "venue.toml").read_text()
    utc, there = 'timezone = "UTC"', 'timezone = "Asia/Ho_Chi_Minh"'
    assert utc in text
    (tmp_path / "venue.toml").write_text(text.replace(utc, there))
    shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    return tmp_path


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 messages"), (1, "1 message"), (2, "2 messages")]
)
def test_a_count_has_the_right_plural(count: int, text: str) -> None:
    """Only a count of one is singular."""
    assert counted(count, "message") == text


def test_places_have_names_and_the_innermost_has_its_id(folder: Path) -> None:
    """A place has its name for an officer to read, and its id for them to type."""
    words = VenueWords.read(load_config(folder / "config.toml"))

    assert words.where("hall", "hall-foyer", "") == "Congress hall / Foyer (hall-foyer)"
    assert words.where("hall", "", "") == "Congress hall (hall)"
    assert words.where("", "", "") == ""
    assert words.where("hall", "hall-foyer", "gone") == "Congress hall / Foyer / gone"


def test_times_are_on_the_clocks_of_the_congress(folder: Path) -> None:
    """Times are shown with their zone, so that none can be mistaken."""
    words = VenueWords.read(load_config(folder / "config.toml"))

    assert words.time(AT) == "28 Nov 2026 14:02:05 +07"
    assert words.minute(AT) == "28 Nov 2026 14:02 +07"


def test_a_mistake_in_the_venue_file_hides_nothing(folder: Path) -> None:
    """With a mistake in the venue file, ids and UTC are shown instead."""
    (folder / "venue.toml").write_text("[congress\n")
    words = VenueWords.read(load_config(folder / "config.toml"))

    assert words.where("hall", "hall-foyer", "") == "hall / hall-foyer"
    assert (words.site("hall"), words.zone("hall-foyer")) == ("hall", "hall-foyer")
    assert words.time(AT) == "28 Nov 2026 07:02:05 UTC"
