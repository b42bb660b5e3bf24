"""Finds damaged messages in the embedded broker's store, which the broker itself leaves out without a word.

Run as ``python -m monitor.mqtt.backlog_check FOLDER`` before the broker starts. It prints `READ` as soon as the broker
may change the store, then the number of damaged messages.

The store is JetStream's of nats-server 2: blocks of records, each with a header (length, sequence number, time, length
of the subject), subject, headers, message, and a checksum.
"""

import os
import sys
from hashlib import sha256
from pathlib import Path
from struct import Struct

from monitor.mqtt.checksum import checksum

READ = "read"
LARGEST = 256 * 1024 * 1024
"""Bytes of a store that are checked; they are held in memory meanwhile."""
_HEADER = Struct("<IQqH")
_LENGTH = Struct("<I")
_CHECKSUM = Struct("<Q")
_HAS_HEADERS = 1 << 31
_NICENESS = 19


def blocks(folder: Path) -> list[Path]:
    """Return the files of the store that hold messages, oldest first."""
    found = [path for path in folder.rglob("*.blk") if path.stat().st_size]
    return sorted(found, key=lambda path: (path.parent, int(path.stem)))


def damaged(path: Path, content: bytes) -> int:
    """Return how many records of a block are damaged, at the least: what follows a wrong length can't be read."""
    stream = path.parent.parent.name
    key = sha256(f"{stream}-{path.stem}".encode()).digest()
    start = found = 0
    while start < len(content):
        if len(content) < start + _HEADER.size:
            return found + 1
        size, _, _, subject = _HEADER.unpack_from(content, start)
        has_headers = bool(size & _HAS_HEADERS)
        end = start + (size & ~_HAS_HEADERS)
        message = start + _HEADER.size + subject + (_LENGTH.size if has_headers else 0)
        if not message <= end - _CHECKSUM.size <= len(content) - _CHECKSUM.size:
            return found + 1
        subject_end = start + _HEADER.size + subject
        covered = (
            content[start + 4 : start + 20]
            + content[start + _HEADER.size : subject_end]
            + content[message : end - _CHECKSUM.size]
        )
        (expected,) = _CHECKSUM.unpack_from(content, end - _CHECKSUM.size)
        rest = content[subject_end : end - _CHECKSUM.size]
        is_intact = checksum(key, covered) == expected and not (has_headers and _is_torn(rest))
        found += not is_intact
        start = end
    return found


def _is_torn(content: bytes) -> bool:
    """Return whether the length of the headers, which no checksum covers, is wrong."""
    (size,) = _LENGTH.unpack_from(content)
    headers = content[_LENGTH.size : _LENGTH.size + size]
    return not (headers.startswith(b"NATS/1.0\r\n") and headers.endswith(b"\r\n\r\n"))


def main(folder: Path) -> None:
    """Check a store."""
    os.nice(_NICENESS)
    size, contents = 0, []
    for path in blocks(folder):
        size += path.stat().st_size
        if size > LARGEST:
            break
        contents.append((path, path.read_bytes()))
    print(READ, flush=True)  # noqa: T201 - for the parent process
    print(sum(damaged(path, content) for path, content in contents))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
