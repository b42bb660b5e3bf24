"""The status of a standby, in a file beside its copy: how far it is, and since when."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct


class StandbyStatus(Struct, frozen=True, kw_only=True):
    """What a standby knows about its copy and the primary."""

    pid: int
    """Of the process that copies."""
    primary: str
    """The address from which it copies."""
    seq: int = 0
    """The latest input in the copy."""
    primary_seq: int = 0
    """The latest input of the primary, when it last answered."""
    copied_at: datetime | None = None
    """When the copy last lacked nothing, by the standby's clock; ``None``: it never did."""
    trouble: str = ""
    """Why nothing is copied at present; empty if all is well."""


def write_status(journal: Path, status: StandbyStatus) -> None:
    """Write the status; one that can't be written is old, which is what it means."""
    path = _path(journal)
    written = path.with_name(path.name + ".new")
    with suppress(OSError):
        written.write_bytes(msgspec.json.encode(status))
        written.replace(path)


def read_status(journal: Path) -> StandbyStatus | None:
    """Return the latest status; ``None`` if there is none."""
    try:
        return msgspec.json.decode(_path(journal).read_bytes(), type=StandbyStatus)
    except (OSError, msgspec.MsgspecError):
        return None


def _path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".standby")
