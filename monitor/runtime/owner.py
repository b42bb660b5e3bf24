"""The owner of a file: the author of a change, as far as the operating system knows."""

from pathlib import Path
from pwd import getpwuid


def owner_of(path: Path) -> str:
    """Return the name of a file's owner, or ``unknown``."""
    try:
        return getpwuid(path.stat().st_uid).pw_name
    except (OSError, KeyError):
        return "unknown"
