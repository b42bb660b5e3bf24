"""Measures how long a start takes until the monitor watches, and how long a change of its files holds it up."""

import re
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import broker, history, ours, stream
from bench.ours import Monitor
from bench.process import cores


class Edit(NamedTuple):
    """A change of one file."""

    file: str
    old: str
    """A regular expression: its first match is replaced."""
    new: str
    kind: str
    """Of the input by which it comes into force."""


EDITS = (
    Edit("venue.toml", "capacity = 5000", "capacity = 4000", "rules"),
    Edit("rules/doors.toml", 'severity = "high"', 'severity = "medium"', "rules"),
    Edit("roster.toml", 'name = "Person 7"', 'name = "Person Seven"', "roster"),
)
PEOPLE = 500
ROSTER = "\n".join(
    [
        *(
            f'[[person]]\nid = "p{n}"\nname = "Person {n}"\nlanguages = ["en"]\n'
            'channel = [{ name = "phone", url = "ntfy://127.0.0.1:9/topic" }]\n'
            for n in range(PEOPLE)
        ),
        '[[escalation]]\nid = "duress"\nsilent = true\nstep = [{ notify = "p0" }]\n',
        '[[escalation]]\nid = "all-else"\n',
        '[fallback]\nnotify = "p0"\n',
    ]
)
EVERY = 0.005
"""Seconds between two questions to ``/healthz`` while the files change."""


def measure(inputs: int, points: int) -> None:
    """Start on a journal of existing inputs and with a venue of so many points and devices, then edit its files.

    The third start has people on call besides, whose phones can't be reached. The wall time includes the broker's; the
    CPU time is the monitor's, of all its threads.
    """
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        rules = shutil.copytree(ours.RULES, folder / "rules")
        if inputs:
            history.write(folder / ours.JOURNAL, inputs, datetime.now(UTC))
        starts = (("first start", ""), ("next start", ""), (f"with {PEOPLE} people", ROSTER))
        with broker.mosquitto(folder, rest) as address:
            for which, roster in starts:
                began = time.perf_counter()
                with Monitor(
                    folder, address, used, roster, venue=stream.venue(points), rules=rules
                ) as process:
                    _watch(process)
                    seconds, cpu = time.perf_counter() - began, process.cpu
                    print(
                        f"{which}: {inputs:,} inputs in the journal, {points:,} points: "
                        f"{seconds:.2f} s until it watches, {cpu:.2f} s of CPU"
                    )
                    if roster:
                        process.until(lambda: process.is_ready, every=0.1)
                        for edit in EDITS:
                            _measure(edit, folder, process)


def _watch(process: Monitor) -> None:
    process.until(lambda: process.is_connected, every=0.02)


def _measure(edit: Edit, folder: Path, process: Monitor) -> None:
    """Edit a file; print how long that takes to be in force, and the longest answer of ``/healthz`` meanwhile."""
    file = folder / edit.file
    before, longest, began = _changes(folder, edit), 0.0, time.perf_counter()
    text, edited = re.subn(edit.old, edit.new, file.read_text(), count=1)
    if not edited:
        raise SystemExit(f"{file}: has no {edit.old}")
    file.write_text(text)
    while _changes(folder, edit) == before:
        asked = time.perf_counter()
        process.is_ready  # noqa: B018 - how long the answer takes
        longest = max(longest, time.perf_counter() - asked)
        time.sleep(EVERY)
    seconds = time.perf_counter() - began
    print(
        f"{edit.file} edited: in force after {seconds:.2f} s; longest answer {1000 * longest:.0f} ms"
    )


def _changes(folder: Path, edit: Edit) -> int:
    with closing(sqlite3.connect(folder / ours.JOURNAL)) as db:
        query = "SELECT count(*) FROM input WHERE kind = ?"
        (found,) = db.execute(query, (edit.kind,)).fetchone()
        return int(found)
