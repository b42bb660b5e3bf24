"""The message for a rules folder without rule files."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.rules.read import TEST_VENUE, load

ROOT = Path(__file__).parents[2]


def _message(folder: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        load(folder)
    (mistake,) = refused.value.mistakes
    return mistake


def test_a_file_instead_of_the_folder(tmp_path: Path) -> None:
    """For a file instead of the folder, the message says that it is a file."""
    path = tmp_path / "doors.toml"
    path.write_text("")
    assert "is a file, not a folder; write the folder" in _message(path)


def test_a_missing_folder(tmp_path: Path) -> None:
    """For a missing folder, the message says to create it or to name another one."""
    assert "no such folder; create it" in _message(tmp_path / "rules")


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    """A folder that cannot be listed is refused; a link to itself stops even root, unlike missing permissions."""
    path = tmp_path / "rules"
    path.symlink_to(path)
    assert "can't be listed: Too many levels" in _message(path)


def test_an_empty_folder(tmp_path: Path) -> None:
    """For an empty folder, the message says how rule files are named."""
    assert "no rule files; put files such as" in _message(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    """An empty rule file is refused: an editor that could not save leaves one, and its rules would silently be gone."""
    (tmp_path / TEST_VENUE).write_bytes((ROOT / "rules" / TEST_VENUE).read_bytes())
    (tmp_path / "doors.toml").write_text("\n")
    (tmp_path / "gates.toml").write_text("# Nothing here yet.\n")
    assert (
        _message(tmp_path)
        == f"{tmp_path / 'doors.toml'}: is empty; write its rules, or remove the file"
    )
