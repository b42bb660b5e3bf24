"""Writes the run file, and gives the monitor's signs of life."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from monitor.app.runfile import Lag, RunFile, run_file_path
from monitor.errors import JournalError

SIGN_EVERY = 0.25
"""Seconds between two signs of life."""


class RunFileLoop:
    """The run file of a monitor: written when it starts, renewed while it runs, and marked when it stops.

    The time of the latest sign of life is the file's time of modification, which outlives a kill.

    Args:
        journal: the journal that the monitor writes.
        running: the addresses.
        lag: returns why the monitor doesn't know the present, if it doesn't.

    Raises:
        JournalError: the file can't be written at the start.

    """

    def __init__(self, journal: Path, running: RunFile, lag: Callable[[], Lag | None]) -> None:
        self._path = run_file_path(journal)
        self._running = msgspec.structs.replace(running, pid=os.getpid(), lag=lag())
        self._lag = lag

    def __enter__(self) -> Self:
        try:
            self._write()
        except OSError as error:
            raise JournalError(f"{self._path}: {error.strerror}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._running = msgspec.structs.replace(self._running, pid=0)
        # On a full disk the old file stays: its process is gone, and its time is that of the latest sign.
        with suppress(OSError):
            self._write()

    async def run(self) -> None:
        """Give signs of life until cancelled."""
        while True:
            # A sign that can't be written is missed, which is what it means.
            with suppress(OSError):
                self.renew()
            await asyncio.sleep(SIGN_EVERY)

    def renew(self) -> None:
        """Give one sign of life.

        Raises:
            OSError: the file can't be written.

        """
        lag = self._lag()
        if lag == self._running.lag:
            os.utime(self._path)
            return
        self._running = msgspec.structs.replace(self._running, lag=lag)
        self._write()

    def _write(self) -> None:
        written = self._path.with_name(self._path.name + ".new")
        written.write_bytes(msgspec.json.encode(self._running))
        written.replace(self._path)
