"""Key files: for the pseudonyms of card numbers, and for the links that acknowledge an alert."""

import os
from contextlib import ExitStack
from pathlib import Path
from secrets import token_bytes
from tempfile import NamedTemporaryFile

from monitor.errors import ConfigError
from monitor.runtime.pseudonym import LONGEST, SHORTEST


def read_key(path: Path, setting: str = "[privacy] key_file") -> bytes:
    """Return the key in a file; if there is no file yet, generate one that only we can read.

    Args:
        path: the file.
        setting: the setting in config.toml that names it.

    Raises:
        ConfigError: the file can't be read or created, or contains no key.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [f"{path}: {error.strerror}; choose another file in config.toml: {setting}"]
        ) from error
    if not SHORTEST <= len(key) <= LONGEST:
        raise ConfigError(
            [f"{path}: has {len(key)} bytes; write a key of {SHORTEST} to {LONGEST} bytes"]
        )
    return key


def _make(path: Path) -> None:
    """Create a key file, complete and synced to disk or not at all: without its key, no hash can be matched again."""
    with (
        NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file,
        ExitStack() as on_failure,
    ):
        on_failure.callback(Path(file.name).unlink)
        file.write(token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).replace(path)
        on_failure.pop_all()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
