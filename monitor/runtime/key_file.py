"""Keeps keys: of the hash that stands for card numbers, and of the links that say «mine»."""

import os
from pathlib import Path
from secrets import token_bytes
from tempfile import NamedTemporaryFile

from monitor.errors import ConfigError
from monitor.runtime.pseudonym import LONGEST, SHORTEST


def read_key(path: Path, setting: str = "[privacy] key_file") -> bytes:
    """Return the key in a file; made at random, readable to us alone, if there is none yet.

    Args:
        path: the file.
        setting: where config.toml names it.

    Raises:
        ConfigError: the file can't be read or made, or holds no key.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [f"{path}: {error.strerror}; name another file in config.toml: {setting}"]
        ) from error
    if not SHORTEST <= len(key) <= LONGEST:
        raise ConfigError([f"{path}: {len(key)} bytes; a key has {SHORTEST} to {LONGEST}"])
    return key


def _make(path: Path) -> None:
    """Make a key: whole and on the disk, or not at all, since what was hashed with a lost one is lost."""
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
