"""Measures how long a start takes until the monitor watches, and how long a change of the venue holds it up."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import broker, history, ours, stream
from bench.ours import Monitor
from bench.process import cores

EVERY = 0.005
"""Seconds between two questions to ``/healthz`` while the files change."""


def measure(inputs: int, points: int) -> None:
    """Start on a journal of existing inputs and with a venue of so many points and devices, then edit the venue.

    The wall time includes the broker's; the CPU time is the monitor's, of all its threads.
    """
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if inputs:
            history.write(folder / ours.JOURNAL, inputs, datetime.now(UTC))
        with broker.mosquitto(folder, rest) as address:
            for which in ("first start", "next start"):
                began = time.perf_counter()
                with Monitor(folder, address, used, venue=stream.venue(points)) as process:
                    _watch(process)
                    seconds, cpu = time.perf_counter() - began, process.cpu
                    print(
                        f"{which}: {inputs:,} inputs in the journal, {points:,} points: "
                        f"{seconds:.2f} s until it watches, {cpu:.2f} s of CPU"
                    )
                    if which == "next start":
                        _edit(folder, process)


def _watch(process: Monitor) -> None:
    process.until(lambda: process.is_connected, every=0.02)


def _edit(folder: Path, process: Monitor) -> None:
    process.until(lambda: process.is_ready, every=0.1)
    file = folder / "venue.toml"
    before, longest, began = _changes(folder), 0.0, time.perf_counter()
    file.write_text(file.read_text().replace("capacity = 5000", "capacity = 4000", 1))
    while _changes(folder) == before:
        asked = time.perf_counter()
        process.is_ready  # noqa: B018 - how long the answer takes
        longest = max(longest, time.perf_counter() - asked)
        time.sleep(EVERY)
    seconds = time.perf_counter() - began
    print(f"venue edited: in force after {seconds:.2f} s; longest answer {1000 * longest:.0f} ms")


def _changes(folder: Path) -> int:
    with closing(sqlite3.connect(folder / ours.JOURNAL)) as db:
        query = "SELECT count(*) FROM input WHERE kind = 'rules'"
        (found,) = db.execute(query).fetchone()
        return int(found)
