"""Reads files so that nothing in a folder can end or hold up whoever looks at it."""

import os
import stat
from errno import EINVAL
from pathlib import Path


def regular(path: str, flags: int) -> int:
    """Open a regular file, as the ``opener`` of `open`: a pipe would wait for somebody who writes to it.

    Raises:
        OSError: it can't be opened, or is a folder, a pipe or a device.

    """
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(EINVAL, "not a regular file", path)
    return descriptor


def content(path: Path) -> bytes:
    """Return what a file holds, or why it can't be read: to become unreadable is a change as well."""
    try:
        with open(path, "rb", opener=regular) as file:
            return file.read()
    except OSError as error:
        return f"can't be read: {error.strerror}".encode()
