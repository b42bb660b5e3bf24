"""The key behind the pseudonyms is created once, readable only by us, and never replaced by another."""

import stat
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.runtime.key_file import read_key


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """A key is created once, together with its folder, and stays the same from then on."""
    path = tmp_path / "var" / "pseudonym.key"
    key = read_key(path)
    assert len(key) == 32
    assert read_key(path) == key == path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == ["pseudonym.key"]


def test_only_we_can_read_it(tmp_path: Path) -> None:
    """Only we can read the key: with it, every card number could be tried."""
    path = tmp_path / "pseudonym.key"
    read_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_two_keys_are_the_same(tmp_path: Path) -> None:
    """Keys are random, so no two are the same."""
    assert read_key(tmp_path / "a") != read_key(tmp_path / "b")


@pytest.mark.parametrize("size", [16, 64])
def test_a_key_of_ones_own_is_taken(tmp_path: Path, size: int) -> None:
    """A key of the operator's own is used; two monitors may share one, so that a card gets the same pseudonym."""
    path = tmp_path / "pseudonym.key"
    path.write_bytes(b"k" * size)
    assert read_key(path) == b"k" * size


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_file_that_holds_no_key_is_refused_and_left_as_it_is(tmp_path: Path, size: int) -> None:
    """A truncated key is not replaced: the pseudonyms made with it would be lost."""
    path = tmp_path / "pseudonym.key"
    path.write_bytes(b"k" * size)
    with pytest.raises(
        ConfigError, match=f"pseudonym.key: has {size} bytes; write a key of 16 to 64"
    ):
        read_key(path)
    assert path.read_bytes() == b"k" * size


@pytest.mark.parametrize("named", ["folder", "file/pseudonym.key"])
def test_a_place_where_none_can_be_is_refused(tmp_path: Path, named: str) -> None:
    """The refusal names the place, the reason, and the key of config.toml to change."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError) as refused:
        read_key(tmp_path / named)
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"{tmp_path / named}: ")
    assert "[privacy] key_file" in mistake
