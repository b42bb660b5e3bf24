"""The witness: a small file beside the journal that knows its latest input, so that a loss of history is noticed."""

import os
import struct
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

_MAGIC = b"VMWITN1\n"
_RECORD = struct.Struct(">8sQ16sQ32sQ32s")
_CRC = struct.Struct(">I")
_SLOT = 4096
"""Bytes between the two records: a torn write never touches both."""


class Witnessed(NamedTuple):
    """What the witness knows about the journal."""

    journal: bytes
    """The journal's id."""
    seq: int
    """The number of its latest input."""
    hash: bytes
    """The head of its hash chain."""
    audit: tuple[int, bytes] = (0, b"")
    """Number and hash of the latest row of its audit trail."""


class Witness:
    """The witness of one journal, held open.

    Two records are written alternately, each with a checksum: a write that is cut off leaves the older one.

    Args:
        path: the journal.

    Raises:
        OSError: the file cannot be opened or read.

    """

    def __init__(self, path: Path) -> None:
        self._path = witness_path(path)
        self._count = 0
        self._file: int | None = None
        self.known: Witnessed | None = None
        """The latest record; ``None`` if there is no file, or nothing in it can be read."""
        if self._path.exists():
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            found = max(filter(None, map(_read, _slots(self._file))), default=None)
            if found is not None:
                self._count, self.known = found

    def write(self, witnessed: Witnessed) -> None:
        """Write a record; durable on return.

        Raises:
            OSError: it cannot be written.

        """
        if self._file is None:
            self._file = self._create()
        self._count += 1
        number, own = witnessed.audit
        record = _RECORD.pack(
            _MAGIC,
            self._count,
            witnessed.journal,
            witnessed.seq,
            witnessed.hash,
            number,
            own,
        )
        os.pwrite(self._file, record + _CRC.pack(crc32(record)), self._count % 2 * _SLOT)
        os.fdatasync(self._file)
        self.known = witnessed

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _create(self) -> int:
        """Create the file in its full size, so that later writes change no metadata that has to be synced."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        os.pwrite(file, bytes(2 * _SLOT), 0)
        os.fsync(file)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return file


def witness_path(path: Path) -> Path:
    """Return the path of a journal's witness."""
    return path.with_name(path.name + ".witness")


def read_witness(path: Path) -> Witnessed | None:
    """Return what the witness of a journal knows; ``None`` if there is none, or nothing in it can be read.

    Raises:
        OSError: the file cannot be read.

    """
    witness = Witness(path)
    witness.close()
    return witness.known


def _slots(file: int) -> list[bytes]:
    return [os.pread(file, _RECORD.size + _CRC.size, n * _SLOT) for n in (0, 1)]


def _read(slot: bytes) -> tuple[int, Witnessed] | None:
    record, checksum = slot[: _RECORD.size], slot[_RECORD.size :]
    if len(checksum) != _CRC.size or _CRC.unpack(checksum)[0] != crc32(record):
        return None
    magic, count, journal, seq, own, number, audit = _RECORD.unpack(record)
    if magic != _MAGIC:
        return None
    return count, Witnessed(journal, seq, own, (number, audit if number else b""))
