"""Who owns a file: the one who wrote it, as far as the system knows."""

from pathlib import Path
from pwd import getpwuid


def owner_of(path: Path) -> str:
    """Return the name of a file's owner, or ``unknown``."""
    try:
        return getpwuid(path.stat().st_uid).pw_name
    except (OSError, KeyError):
        return "unknown"
