"""Polls files for changes of their content; works on every file system, including network mounts and containers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from monitor.runtime.daemon_thread import in_daemon_thread
from monitor.runtime.files import content
from monitor.runtime.owner import owner_of

POLL_EVERY = 1.0
"""Seconds between two polls."""
SETTLE = 0.1
"""Seconds for which changed files must stay the same: an editor may still be writing."""
SETTLE_POLLS = 50
"""Polls after which files that keep changing are reported as they are."""

Contents = Mapping[Path, bytes]


class FileChange(NamedTuple):
    """Files that are no longer what they were at the poll before."""

    contents: Contents
    """Of all files, also of those that did not change. A file that can't be read has the reason as its content."""
    who: str
    """The owner of the first file that changed, or ``SIGHUP``."""


class FilePoller:
    """Polls a set of files.

    Args:
        paths: returns the files; called at each poll, since files are added and removed.

    """

    def __init__(self, paths: Callable[[], Iterable[Path]]) -> None:
        self._paths = paths
        self._requested = asyncio.Event()
        self.contents: Contents = {}
        """As of the latest poll; empty before the first one, which then reports all files as changed."""

    def read(self) -> Contents:
        """Read the files, and take their content as the present one."""
        self.contents = self._read()
        return self.contents

    def request(self) -> None:
        """Poll now, and report a change even if there is none: SIGHUP."""
        self._requested.set()

    async def poll(self) -> FileChange | None:
        """Wait until the next poll; return what has changed, if anything has."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._requested.wait(), POLL_EVERY)
        contents = await in_daemon_thread(self._read)
        if self._requested.is_set():
            self._requested.clear()
            who = "SIGHUP"
        elif contents != self.contents:
            contents = await self._settled(contents)
            who = self._author(contents)
        else:
            return None
        self.contents = contents
        return FileChange(contents, who)

    async def _settled(self, contents: Contents) -> Contents:
        for _ in range(SETTLE_POLLS):
            await asyncio.sleep(SETTLE)
            before, contents = contents, await in_daemon_thread(self._read)
            if contents == before:
                break
        return contents

    def _read(self) -> Contents:
        return {path: content(path) for path in self._paths()}

    def _author(self, contents: Contents) -> str:
        changed = (path for path, body in contents.items() if self.contents.get(path) != body)
        path = next(changed, None)
        return "unknown" if path is None else owner_of(path)
