"""The photos of inspections: files beside the journal, named by their digests, and written whole or not at all."""

import os
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from monitor.journal.database import as_journal_errors

LARGEST_PHOTO = 8 * 1024 * 1024
"""Bytes of one photo."""
ENDING = ".jpg"


def photos_path(journal: Path) -> Path:
    """Return the folder with the photos of a monitor, beside its journal."""
    return journal.with_name("photos")


class Photos:
    """The photos in a folder, two digits of their digests to a folder of its own.

    All methods raise:
        JournalError: a file cannot be read or written.

    Args:
        folder: it is made when it is first needed.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where a photo is, or would be."""
        return self.folder / digest[:2] / f"{digest}{ENDING}"

    def has(self, digest: str) -> bool:
        """Return whether a photo is there."""
        return self.path(digest).exists()

    def read(self, digest: str) -> bytes | None:
        """Return a photo; ``None`` if it is not there."""
        path = self.path(digest)
        with as_journal_errors(path):
            return path.read_bytes() if path.exists() else None

    def keep(self, digest: str, content: bytes) -> None:
        """Write a photo durably, readable for the monitor's user only."""
        path = self.path(digest)
        with as_journal_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # The file's mode is 0600 from the start.
            with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
                try:
                    part.write(content)
                    part.flush()
                    os.fsync(part.fileno())
                    Path(part.name).replace(path)
                finally:
                    Path(part.name).unlink(missing_ok=True)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def size(self) -> int:
        """Return the bytes of all photos."""
        with as_journal_errors(self.folder):
            return sum(path.stat().st_size for path in self._files())

    def forget(self, named: Collection[str]) -> int:
        """Remove photos that nothing names any more, and what was left of broken writes; return how many photos."""
        removed = 0
        with as_journal_errors(self.folder):
            for path in self.folder.glob("??/*.part"):
                path.unlink(missing_ok=True)
            for path in self._files():
                if path.stem not in named:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def faults(self) -> Iterator[str]:
        """Yield what is wrong: each file that is not as it was written."""
        with as_journal_errors(self.folder):
            for path in self._files():
                if sha256(path.read_bytes()).hexdigest() != path.stem:
                    yield f"photo {path.stem}: its content does not match its digest"

    def copy(self, target: Path) -> int:
        """Copy the photos that another folder lacks; return how many."""
        others, copied = Photos(target), 0
        for path in list(self._files()):
            content = self.read(path.stem)
            if content is not None and not others.has(path.stem):
                others.keep(path.stem, content)
                copied += 1
        return copied

    def _files(self) -> Iterable[Path]:
        return self.folder.glob(f"??/*{ENDING}")
