"""The readers' cursors."""

from pathlib import Path

from monitor.journal import Journal


def test_a_cursor_never_goes_back(tmp_path: Path) -> None:
    """A reader that advances to an earlier input stays where it was."""
    with Journal(tmp_path / "j.db") as journal:
        assert journal.readers.cursor("mqtt") == 0
        journal.readers.advance("mqtt", 7)
        journal.readers.advance("mqtt", 3)
        assert journal.readers.cursor("mqtt") == 7


def test_a_readers_state_is_saved_with_its_cursor(tmp_path: Path) -> None:
    """A reader's state and its cursor change together or not at all; a new reader has no saved state."""
    with Journal(tmp_path / "j.db") as journal:
        assert journal.readers.saved_state("influx") is None
        journal.readers.register(["influx"], stateful=["influx"])
        assert journal.readers.saved_state("influx") is None
        journal.readers.advance("influx", 7, b"seven")
        journal.readers.advance("influx", 3, b"three")
        assert (journal.readers.cursor("influx"), journal.readers.saved_state("influx")) == (
            7,
            b"seven",
        )
        journal.readers.register(["influx"], stateful=["influx"])
        assert (journal.readers.cursor("influx"), journal.readers.saved_state("influx")) == (
            7,
            b"seven",
        )


def test_readers_are_registered(tmp_path: Path) -> None:
    """A new reader starts at the beginning, a known one keeps its cursor, a removed one is forgotten."""
    with Journal(tmp_path / "j.db") as journal:
        journal.readers.advance("mqtt", 7)
        journal.readers.advance("influx", 5)
        journal.readers.register(["mqtt", "notify"])
        assert journal.readers.cursors() == {"mqtt": 7, "notify": 0}
