"""The monitor as it runs in production, with a large venue and a journal of its own."""

import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import stream
from bench.process import Process
from monitor.app.runfile import RunFile, read_run_file
from monitor.mqtt import BrokerAddress

NAME = "venue-monitor"
"""Its client id."""
JOURNAL = "journal.db"
ROOT = Path(__file__).parent.parent
RULES = ROOT / "rules"
COMPILED = ROOT / "build" / "compiled"
"""Where scripts/compiled-core builds and installs the monitor with a compiled core."""


def is_compiled() -> bool:
    """Return whether the compiled core is there, and as new as the sources."""
    built = COMPILED / "built"
    if not built.exists():
        return False
    newest = max(path.stat().st_mtime for path in (ROOT / "monitor").rglob("*.py"))
    return newest <= built.stat().st_mtime


class Monitor(Process):
    """`python -m monitor run` on one core; it pages people if it has a roster."""

    def __init__(  # noqa: PLR0913 - what differs from benchmark to benchmark
        self,
        folder: Path,
        address: BrokerAddress,
        core: int,
        roster: str = "",
        *,
        public_url: str = "https://bench.example",
        program: Sequence[str] = ("monitor",),
        venue: str = "",
        rules: Path = RULES,
        compiled: bool = False,
    ) -> None:
        self.journal = folder / JOURNAL
        if roster:
            (folder / "roster.toml").write_text(roster)
        (folder / "venue.toml").write_text(venue or stream.venue())
        config = folder / "config.toml"
        config.write_text(
            f'[broker]\nhost = "{address.host}"\nport = {address.port}\nclient_id = "{NAME}"\n'
            f'[journal]\npath = "{JOURNAL}"\n[http]\nport = 0\npublic_url = "{public_url}"\n'
            f'[files]\nvenue = "venue.toml"\nrules = "{rules}"\n'
            + ('roster = "roster.toml"\n' if roster else "")
            + "[publish]\nenabled = true\n"
        )
        command = [sys.executable, "-m", *program, "--config", str(config), "run"]
        elsewhere = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(COMPILED / "installed")}
        super().__init__(command, core, folder / "monitor.log", **(elsewhere if compiled else {}))
        self._db: sqlite3.Connection | None = None

    @property
    def seq(self) -> int:
        """Inputs in the journal, including the monitor's own."""
        if self._db is None:
            if not self.journal.exists():
                return 0
            self._db = _open(self.journal)
        try:
            (seq,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM input").fetchone()
        except sqlite3.OperationalError:  # the tables don't exist yet
            return 0
        return int(seq)

    def has(self, messages: int, after: int = 0) -> bool:
        """Return whether the journal has at least this many messages after a sequence number."""
        if self.seq < after + messages or self._db is None:
            return False  # cheaper than counting
        query = "SELECT count(*) FROM input WHERE kind = 'arrival' AND seq > ?"
        (found,) = self._db.execute(query, (after,)).fetchone()
        return int(found) >= messages

    @property
    def port(self) -> int:
        """Where it serves HTTP."""
        running = read_run_file(self.journal)
        return 0 if running is None else running.http_port

    @property
    def is_connected(self) -> bool:
        """It watches: messages are taken in, perhaps still those that the broker had kept."""
        health = self._get("healthz")
        return bool(health) and bool(json.loads(health)["broker_connected"])

    @property
    def is_ready(self) -> bool:
        """It is connected and has ingested everything the broker had queued."""
        health = self._get("healthz")
        return (
            bool(health)
            and bool(json.loads(health)["ok"])
            and not json.loads(health)["catching_up"]
        )

    def figures(self) -> dict[str, float]:
        """Return the values of ``/metrics``."""
        rows = (
            line.rpartition(" ") for line in self._get("metrics").splitlines() if line[:1] != "#"
        )
        return {name: float(value) for name, _, value in rows}

    def end(self) -> None:
        """Stop it; the journal stays."""
        if self._db is not None:
            self._db.close()
            self._db = None
        super().end()

    def _get(self, what: str) -> str:
        running: RunFile | None = read_run_file(self.journal)
        if running is None:
            return ""
        try:
            with urlopen(f"http://127.0.0.1:{running.http_port}/{what}") as answer:
                return str(answer.read().decode())
        except OSError:  # 503: not yet
            return ""


def read(journal: Path, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query on a journal whose monitor has stopped."""
    with closing(_open(journal)) as db:
        yield from db.execute(query, values)


def _open(journal: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True, isolation_level=None)
    db.execute("PRAGMA busy_timeout = 10000")
    return db
