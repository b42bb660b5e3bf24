"""Reads files without blocking on a pipe or failing on an unreadable one."""

import os
import stat
from errno import EINVAL
from pathlib import Path


def regular(path: str, flags: int) -> int:
    """Open a regular file, as the ``opener`` of `open`; a pipe would block until something is written to it.

    Raises:
        OSError: it can't be opened, or is a directory, a pipe or a device.

    """
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(EINVAL, "not a regular file", path)
    return descriptor


def content(path: Path) -> bytes:
    """Return the content of a file, or the reason why it can't be read: becoming unreadable is a change too."""
    try:
        with open(path, "rb", opener=regular) as file:
            return file.read()
    except OSError as error:
        return f"can't be read: {error.strerror}".encode()
