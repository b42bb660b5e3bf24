"""The simulated disk: what is written is safe only when it is synced, and operations fail as planned."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

SECTOR = 512
"""Bytes that are written whole or not at all."""

Operation = Literal["read", "write", "sync"]
FULL, READ_ONLY = 13, 8
IO_ERROR: dict[Operation, int] = {"read": 266, "write": 778, "sync": 1034}
"""SQLite's extended codes: SQLITE_IOERR_READ, _WRITE, _FSYNC."""


class _Written(NamedTuple):
    """A write that is not on the disk yet, and what it replaced."""

    offset: int
    before: bytes
    after: bytes
    size_before: int


@dataclass(slots=True)
class _Tracked:
    """A file of which the latest writes are not on the disk."""

    file: int
    size: int
    unsynced: list[_Written] = field(default_factory=list)
    doomed: list[_Written] = field(default_factory=list)
    """Those that a failed sync has given up: the page cache has them, the disk never will."""


@dataclass(slots=True)
class Trouble:
    """Operations that fail."""

    operations: frozenset[Operation]
    code: int = 0
    """SQLite's code; 0: the operation is only noted, and `then` is called."""
    left: int = 1
    """How many of them fail."""
    after: int = 0
    """How many of them succeed first."""
    drops: bool = False
    """A sync that fails gives up what was to be synced."""
    lies: bool = False
    """A sync that reports success does nothing."""
    only: str = ""
    """Only files whose name ends so."""
    when: Callable[[], bool] = lambda: True
    """Only operations at which this is true."""
    then: Callable[[], None] | None = None
    met: Callable[[], None] | None = None
    """Called at each operation that fails."""


class SimulatedDisk:
    """A disk with a page cache, on which the journal and its witness are.

    Args:
        rng: draws what survives a power cut.

    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._files: dict[str, _Tracked] = {}
        self.troubles: list[Trouble] = []
        self.is_dead = False
        """The power is off, or the process is gone: nothing reaches the disk any more."""

    # What the monitor does ------------------------------------------------------------------------------------------

    def read(self, path: str) -> int:
        """Read; return SQLite's code."""
        return self._trouble("read", path) if self.troubles else 0

    def write(self, path: str, offset: int, data: bytes) -> int:
        """Note what is about to be written; return SQLite's code."""
        if (self.troubles or self.is_dead) and (code := self._trouble("write", path)):
            return code
        tracked = self._files.get(path) or self._tracked(path)
        size, end = tracked.size, offset + len(data)
        before = os.pread(tracked.file, len(data), offset) if offset < size else b""
        if end > size:
            tracked.size = end
        tracked.unsynced.append(_Written(offset, before, data, size))
        return 0

    def truncate(self, path: str, size: int) -> int:
        """Note that a file is cut; return SQLite's code."""
        if code := self._trouble("write", path):
            return code
        tracked = self._tracked(path)
        before, tracked.size = tracked.size, size
        if size < before:
            cut = os.pread(tracked.file, before - size, size)
            tracked.unsynced.append(_Written(size, cut, b"", before))
        return 0

    def sync(self, path: str) -> int:
        """Bring a file to the disk; return SQLite's code."""
        code = self._trouble("sync", path)
        if code == -1:
            return 0
        tracked = self._tracked(path)
        if code:
            if not self.is_dead:
                tracked.doomed += tracked.unsynced
                tracked.unsynced.clear()
            return code
        if tracked.doomed:
            tracked.doomed = [row for row in tracked.doomed if not _covers(tracked.unsynced, row)]
        tracked.unsynced.clear()
        return 0

    def delete(self, path: str) -> int:
        """Forget a file; return SQLite's code."""
        if self.is_dead:
            return IO_ERROR["write"]
        if (tracked := self._files.pop(path, None)) is not None:
            os.close(tracked.file)
        return 0

    def random(self, size: int) -> bytes:
        """Return bytes that are the same in each run of a seed."""
        return self._rng.randbytes(size)

    # What the world does --------------------------------------------------------------------------------------------

    def copy_as_killed(self, source: Path, target: Path) -> None:
        """Copy a folder as a killed process leaves it: the page cache survives."""
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*-shm", "*.lock"))

    def copy_after_power_cut(self, source: Path, target: Path) -> int:
        """Copy a folder as a power cut leaves it; return how many writes are lost or torn."""
        self.copy_as_killed(source, target)
        lost = 0
        for name, tracked in self._files.items():
            path = Path(name)
            pending = [*tracked.doomed, *tracked.unsynced]
            left = target / path.name
            if path.parent != source or not pending or not left.exists():
                continue
            lost += self._undo(left, tracked)
        return lost

    def forget(self) -> None:
        """Forget all files: the machine starts anew."""
        for tracked in self._files.values():
            os.close(tracked.file)
        self._files.clear()
        self.troubles.clear()
        self.is_dead = False

    def _undo(self, left: Path, tracked: _Tracked) -> int:
        lost = 0
        with left.open("r+b") as file:
            writes = [
                *((row, True) for row in tracked.doomed),
                *((row, False) for row in tracked.unsynced),
            ]
            for row, _ in reversed(writes):
                file.seek(row.offset)
                file.write(row.before)
                file.truncate(row.size_before)
            for row, is_doomed in writes:
                kept = 0 if is_doomed else self._kept(row)
                lost += kept < max(1, len(row.after))
                if not row.after and kept:
                    file.truncate(row.offset)
                elif kept:
                    file.seek(row.offset)
                    file.write(row.after[:kept])
        return lost

    def _kept(self, row: _Written) -> int:
        """Return how many bytes of a write survive a power cut."""
        whole = max(1, len(row.after))
        fate = self._rng.random()
        if fate < 0.4:
            return whole
        if fate < 0.7 or len(row.after) <= SECTOR:
            return 0
        return self._rng.randrange(len(row.after) // SECTOR + 1) * SECTOR

    def _trouble(self, operation: Operation, path: str) -> int:
        """Return the code with which an operation fails; 0: it does not; -1: it only says that it succeeded."""
        if self.is_dead:
            return IO_ERROR[operation]
        for row in self.troubles:
            if operation not in row.operations or not path.endswith(row.only) or not row.when():
                continue
            if row.after > 0:
                row.after -= 1
                continue
            row.left -= 1
            if row.left <= 0:
                self.troubles.remove(row)
            if row.met is not None:
                row.met()
            if row.then is not None:
                row.then()
                return IO_ERROR[operation]
            if row.lies:
                return -1
            return row.code
        return 0

    def _tracked(self, path: str) -> _Tracked:
        found = self._files.get(path)
        if found is None:
            # Never closed while the file is open elsewhere: that would release the process's locks.
            file = os.open(path, os.O_RDONLY)
            found = self._files[path] = _Tracked(file, os.fstat(file).st_size)
        return found


def _covers(synced: Sequence[_Written], row: _Written) -> bool:
    """Return whether a write was written over by one that is on the disk."""
    end = row.offset + len(row.after)
    return any(new.offset <= row.offset and end <= new.offset + len(new.after) for new in synced)


class DiskOs:
    """Stands for the module `os` where the witness is written."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        """Write."""
        if code := self._disk.write(_path_of(file), offset, data):
            raise _as_os_error(code)
        return os.pwrite(file, data, offset)

    def fdatasync(self, file: int) -> None:
        """Bring the file to the disk."""
        if code := self._disk.sync(_path_of(file)):
            raise _as_os_error(code)

    def fsync(self, file: int) -> None:
        """Bring the file, or a folder, to the disk."""
        path = _path_of(file)
        if not Path(path).is_dir() and (code := self._disk.sync(path)):
            raise _as_os_error(code)


def _path_of(file: int) -> str:
    return os.readlink(f"/proc/self/fd/{file}")  # noqa: PTH115 - it is called for each commit


def _as_os_error(code: int) -> OSError:
    number = {FULL: 28, READ_ONLY: 30}.get(code, 5)
    return OSError(number, os.strerror(number))
