"""The poller reports each change of its files once, whole, and with who made it."""

import os
from collections.abc import Iterable
from pathlib import Path
from pwd import getpwuid

import pytest

from monitor.runtime import file_poller
from monitor.runtime.file_poller import FilePoller


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file, polled often."""
    monkeypatch.setattr(file_poller, "POLL_EVERY", 0.02)
    monkeypatch.setattr(file_poller, "SETTLE", 0.001)
    (tmp_path / "a.toml").write_text("a")
    return tmp_path


def poller_of(folder: Path) -> FilePoller:
    """A poller of the TOML files in a folder that knows their present content."""
    poller = FilePoller(lambda: sorted(folder.glob("*.toml")))
    poller.read()
    return poller


async def test_unchanged_files_are_not_reported(folder: Path) -> None:
    """Touching a file or rewriting it with the same content is no change."""
    poller = poller_of(folder)
    (folder / "a.toml").write_text("a")

    assert await poller.poll() is None


async def test_a_change_is_reported_once_with_its_author(folder: Path) -> None:
    """An added file is a change too, and all files come with it."""
    poller = poller_of(folder)
    (folder / "b.toml").write_text("b")

    change = await poller.poll()

    assert change is not None
    assert change.contents == {folder / "a.toml": b"a", folder / "b.toml": b"b"}
    assert change.who == getpwuid(os.getuid()).pw_name
    assert await poller.poll() is None


async def test_a_removed_file_is_a_change_by_an_unknown_author(folder: Path) -> None:
    """A removed file is a change by an unknown author, since its owner can no longer be read."""
    poller = poller_of(folder)
    (folder / "a.toml").unlink()

    change = await poller.poll()

    assert change == ({}, "unknown")


def written_before_each_read(path: Path, versions: Iterable[str]) -> FilePoller:
    """A poller whose file is rewritten before each read, until there are no more versions."""
    remaining = iter(versions)

    def paths() -> list[Path]:
        if (version := next(remaining, None)) is not None:
            path.write_text(version)
        return [path]

    return FilePoller(paths)


async def test_a_file_that_is_still_being_written_is_reported_when_complete(folder: Path) -> None:
    """A file is reported only when it is complete: half a rule file would be refused, with an alert for nothing."""
    path = folder / "a.toml"

    change = await written_before_each_read(path, ["h", "ha", "half", "whole"]).poll()

    assert change is not None
    assert change.contents == {path: b"whole"}


async def test_a_file_that_never_stops_changing_is_reported_all_the_same(folder: Path) -> None:
    """A change may be delayed, but not for ever."""
    path = folder / "a.toml"

    change = await written_before_each_read(path, map(str, range(1000))).poll()

    assert change is not None
    assert change.contents == {path: str(file_poller.SETTLE_POLLS).encode()}


async def test_a_request_is_answered_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGHUP reloads even what has not changed."""
    monkeypatch.setattr(file_poller, "POLL_EVERY", 3600.0)
    poller = poller_of(folder)
    poller.request()

    change = await poller.poll()

    assert change == ({folder / "a.toml": b"a"}, "SIGHUP")
