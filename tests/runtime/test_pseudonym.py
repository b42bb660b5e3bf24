"""The key behind the pseudonyms is made once, kept to ourselves, and never replaced by another."""

import stat
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.runtime.key_file import read_key


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """In a folder that is made too; from then on it is always the same."""
    path = tmp_path / "var" / "pseudonym.key"
    key = read_key(path)
    assert len(key) == 32
    assert read_key(path) == key == path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == ["pseudonym.key"]


def test_only_we_can_read_it(tmp_path: Path) -> None:
    """With it every card number could be tried."""
    path = tmp_path / "pseudonym.key"
    read_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_two_keys_are_the_same(tmp_path: Path) -> None:
    """They are made at random."""
    assert read_key(tmp_path / "a") != read_key(tmp_path / "b")


@pytest.mark.parametrize("size", [16, 64])
def test_a_key_of_ones_own_is_taken(tmp_path: Path, size: int) -> None:
    """Two monitors may share one, so that the same card is the same word."""
    path = tmp_path / "pseudonym.key"
    path.write_bytes(b"k" * size)
    assert read_key(path) == b"k" * size


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_file_that_holds_no_key_is_refused_and_left_as_it_is(tmp_path: Path, size: int) -> None:
    """A key that was cut off is not replaced: what was hashed with it would be lost."""
    path = tmp_path / "pseudonym.key"
    path.write_bytes(b"k" * size)
    with pytest.raises(ConfigError, match=f"pseudonym.key: {size} bytes; a key has 16 to 64"):
        read_key(path)
    assert path.read_bytes() == b"k" * size


@pytest.mark.parametrize("named", ["folder", "file/pseudonym.key"])
def test_a_place_where_none_can_be_is_refused(tmp_path: Path, named: str) -> None:
    """With the place, the reason, and the key of config.toml to change."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError) as refused:
        read_key(tmp_path / named)
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"{tmp_path / named}: ")
    assert "[privacy] key_file" in mistake
