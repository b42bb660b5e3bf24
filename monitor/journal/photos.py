"""The photos of inspections: files beside the journal, named by their digests, and written whole or not at all."""

import os
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock

from monitor.journal.database_errors import as_journal_errors

LARGEST_PHOTO = 8 * 1024 * 1024
"""Bytes of one photo."""
ENDING = ".jpg"
RECEIVED = "received"
"""The file with the digests of all photos that were kept, a line each: by it, one that is lost is known."""


def photos_path(journal: Path) -> Path:
    """Return the folder with the photos of a monitor, beside its journal."""
    return journal.with_name("photos")


class Photos:
    """The photos in a folder, two digits of their digests to a folder of its own.

    Threads may use it at the same time. All methods raise:
        JournalError: a file cannot be read or written.

    Args:
        folder: it is made when it is first needed.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._size: int | None = None
        """The bytes of all photos, once they have been counted."""
        self._lock = Lock()

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
        with self._lock, as_journal_errors(path):
            known = self._counted()
            before = path.stat().st_size if path.exists() else None
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, content)
            if before is None:
                self._note(digest)
            self._size = known - (before or 0) + len(content)

    def size(self) -> int:
        """Return the bytes of all photos: the folder is walked once, and from then on they are counted."""
        with self._lock:
            return self._counted()

    def digests(self) -> set[str]:
        """Return the digests of all photos that are there."""
        with as_journal_errors(self.folder):
            return {path.stem for path in self._files()}

    def remove(self, digests: Collection[str]) -> int:
        """Remove photos, and what was left of broken writes; return how many photos."""
        removed = 0
        with self._lock, as_journal_errors(self.folder):
            received = self._received()
            self._size = None
            for path in self.folder.glob("??/*.part"):
                path.unlink(missing_ok=True)
            for digest in digests:
                path = self.path(digest)
                removed += path.exists()
                path.unlink(missing_ok=True)
            if removed:
                lines = "".join(f"{own}\n" for own in sorted(received - set(digests)))
                _write(self.folder / RECEIVED, lines.encode())
        return removed

    def lost(self) -> set[str]:
        """Return the digests of the photos that were kept and are gone."""
        with as_journal_errors(self.folder):
            return {own for own in self._received() if not self.has(own)}

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

    def _counted(self) -> int:
        if self._size is None:
            with as_journal_errors(self.folder):
                self._size = sum(path.stat().st_size for path in self._files())
        return self._size

    def _received(self) -> set[str]:
        """Return what was kept; of a folder that has no list yet, what is there."""
        path = self.folder / RECEIVED
        if not path.exists():
            return {row.stem for row in self._files()}
        # A line that a crash has cut off is that of a photo whose sender has no answer, and sends it again.
        return {row for row in path.read_text().split("\n") if len(row) == sha256().digest_size * 2}

    def _note(self, digest: str) -> None:
        path = self.folder / RECEIVED
        if not path.exists():
            _write(path, "".join(f"{own}\n" for own in sorted(self._received())).encode())
            return
        with path.open("a+b") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                is_whole = file.read() == b"\n"
                file.write(b"" if is_whole else b"\n")
            file.write(f"{digest}\n".encode())
            file.flush()
            os.fsync(file.fileno())


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; its mode is 0600 from the start."""
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
