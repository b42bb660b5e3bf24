"""What is said of a rules folder in which no rule file is found."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.rules.read import load


def _said(folder: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        load(folder)
    (mistake,) = refused.value.mistakes
    return mistake


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """It is told as what it is."""
    path = tmp_path / "doors.toml"
    path.write_text("")
    assert "is a file, not a folder; write the folder" in _said(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It has to be made, or another written."""
    assert "no such folder; make it" in _said(tmp_path / "rules")


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    """A link to itself stands for it: unlike a lack of permission, it stops root too."""
    path = tmp_path / "rules"
    path.symlink_to(path)
    assert "can't be listed: Too many levels" in _said(path)


def test_an_empty_folder(tmp_path: Path) -> None:
    """It is said what a rule file is called."""
    assert "no rule files; the rules are files such as" in _said(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    """An editor that couldn't save leaves one: its rules would be gone without a word."""
    (tmp_path / "doors.toml").write_text("\n")
    (tmp_path / "gates.toml").write_text("# Nothing here yet.\n")
    assert (
        _said(tmp_path)
        == f"{tmp_path / 'doors.toml'}: is empty; write its rules, or remove the file"
    )
