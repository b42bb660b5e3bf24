"""Runs a program pinned to one core, and reads how much CPU and memory it has used."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 600.0
"""Seconds after which waiting fails."""


@cache
def cores() -> tuple[int, int]:
    """Return the core for the program under test, and the core for everything else.

    They are chosen at the first call: a benchmark then keeps itself, and what it starts, off the first one.
    """
    usable = sorted(os.sched_getaffinity(0))
    return usable[-1], usable[0]


class Process:
    """A program on one core; stopped with SIGTERM, and killed if it doesn't stop."""

    def __init__(self, command: Sequence[str], core: int, log: Path, **environment: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                ["taskset", "-c", str(core), *command],  # noqa: S607 - part of every Linux
                stdout=output,
                stderr=output,
                env=os.environ | environment,
            )

    @property
    def cpu(self) -> float:
        """CPU seconds so far: all threads, user and system."""
        _, _, fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(") ")
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / TICKS

    @property
    def memory(self) -> float:
        """Resident memory in megabytes."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * PAGE / 1e6

    @property
    def waited(self) -> float:
        """Seconds in which its main thread was ready to run but other processes had the core."""
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[1]) / 1e9

    @property
    def has_ended(self) -> bool:
        """It has exited by itself.

        Raises:
            SystemExit: it failed; with the end of its log.

        """
        status = self._process.poll()
        if status:
            raise SystemExit(f"exited with {status}:\n{self._last_lines()}")
        return status is not None

    def until(self, holds: Callable[[], bool], every: float = 0.005) -> float:
        """Wait until it holds; return the time, in seconds since 1970.

        Raises:
            SystemExit: the program exited, or it takes too long.

        """
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit(f"exited, or not done after {PATIENCE:g} s:\n{self._last_lines()}")
            time.sleep(every)
        return time.time()

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_lines(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
