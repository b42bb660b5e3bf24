"""Keeps the key of the hash that stands for card numbers."""

import os
from pathlib import Path
from secrets import token_bytes

from monitor.adapters.pseudonym import LONGEST, SHORTEST
from monitor.errors import ConfigError


def read_key(path: Path) -> bytes:
    """Return the key in a file; made at random, readable to us alone, if there is none yet.

    Raises:
        ConfigError: the file can't be read or made, or holds no key.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = path.read_bytes()
        else:
            key = token_bytes(32)
            with os.fdopen(new, "wb") as file:
                file.write(key)
    except OSError as error:
        raise ConfigError(
            [f"{path}: {error.strerror}; name another file in config.toml: [privacy] key_file"]
        ) from error
    if not SHORTEST <= len(key) <= LONGEST:
        raise ConfigError([f"{path}: {len(key)} bytes; a key has {SHORTEST} to {LONGEST}"])
    return key
