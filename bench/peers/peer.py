"""A program that is compared: how it is installed, started, and how far it is."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.process import Process
from monitor.mqtt import BrokerAddress

PLACE = Path(__file__).parent.parent / ".peers"
"""Where they are installed; ignored by Git."""
REST, AT_REST = 0.5, 0.1
"""Seconds between two looks at its CPU time, and the share of a core below which it is at rest."""


class Unavailable(Exception):
    """A program can't be had on this machine; its text says why."""


class PeerProcess(Process):
    """A program that writes a line for each message into one file, and a line for each alert into another."""

    def __init__(self, command: list[str], folder: Path, core: int, **environment: str) -> None:
        self.events, self.alerts = folder / "events.txt", folder / "alerts.txt"
        self._offset = self._lines = 0
        super().__init__(
            command,
            core,
            folder / "peer.log",
            BENCH_EVENTS=str(self.events),
            BENCH_ALERTS=str(self.alerts),
            **environment,
        )

    @property
    def written(self) -> int:
        """Messages that it has handed to the operating system."""
        if self.events.exists():
            with self.events.open("rb") as file:
                file.seek(self._offset)
                new = file.read()
            self._offset += len(new)
            self._lines += new.count(b"\n")
        return self._lines

    def until_at_rest(self) -> None:
        """Wait until what it still had to do with the messages is done."""
        before = -1.0
        while self.cpu - before > REST * AT_REST:
            before = self.cpu
            time.sleep(REST)

    @property
    def raised(self) -> int:
        """Alerts raised so far."""
        return self.alerts.read_text().count("raised") if self.alerts.exists() else 0


class Peer(NamedTuple):
    """One of them."""

    name: str
    does: str
    """What it does with a message, for the table's legend."""
    install: Callable[[], None]
    """Raises `Unavailable`."""
    start: Callable[[Path, BrokerAddress, int], PeerProcess]
    """Start it on a core; its persistent session has `client_id`."""
    client_id: str
