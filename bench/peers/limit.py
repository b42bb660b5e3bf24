"""The limit: what reading, decoding and committing cost by themselves."""

import sqlite3
import sys
from pathlib import Path

from bench import bare_reader
from bench.peers.peer import Peer, PeerProcess
from monitor.mqtt import BrokerAddress


class BareReader(PeerProcess):
    """The bare reader; its messages are rows of a journal."""

    def __init__(self, folder: Path, address: BrokerAddress, core: int) -> None:
        self.journal = folder / "bare.db"
        self._db: sqlite3.Connection | None = None
        command = [sys.executable, "-m", "bench.bare_reader", str(address.port)]
        super().__init__([*command, str(self.journal)], folder, core)

    @property
    def written(self) -> int:
        """Messages that are on disk and synced."""
        if self._db is None:
            if not self.journal.exists():
                return 0
            self._db = sqlite3.connect(f"{self.journal.as_uri()}?mode=ro", uri=True)
        try:
            (rows,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM input").fetchone()
        except sqlite3.OperationalError:  # the table doesn't exist yet
            return 0
        return int(rows)


LIMIT = Peer(
    "limit",
    "reads, decodes, commits in groups and syncs before it acknowledges; no rules",
    lambda: None,
    BareReader,
    bare_reader.NAME,
)
