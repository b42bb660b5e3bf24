"""Measures what a message costs as rules, devices or the journal grow, without a broker, and writes the raw figures.

Each figure is CPU time of this thread: decode, identity, look-up, step and commit. Rounds are interleaved.
"""

import argparse
import gc
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from bench import history, ours, rule_cost
from bench.peers.environment import install_into, python_of
from bench.stages import BATCH, LATENESS
from bench.stream import Stream, venue
from monitor import venue as venues
from monitor.core.decode import decode
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.core.identity import identity
from monitor.core.inputs import Notice, RulesChanged
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.core.state.time import TimeState
from monitor.core.venue.model import Venue
from monitor.journal import Journal, Record
from monitor.rules import read
from monitor.texts import ENGLISH

RATE = 200.0
"""Messages a second by their own times, so that each is in order after a few hundred others."""
SIZES: Mapping[str, Sequence[int]] = {
    "rules": (10, 100, 1_000),
    "devices": (100, 10_000, 100_000),
    "events in the journal": (0, 1_000_000),
}
ROOT = Path(__file__).parents[1]
RAW, PICTURE = ROOT / "bench" / "results" / "growth.json", ROOT / "docs" / "pictures" / "growth.svg"
DRAWING = ROOT / "bench" / "peers" / "flows" / "plot" / "drawing.py"
MATPLOTLIB = "matplotlib==3.10.7"
BEGAN = datetime(2026, 6, 1, 8, tzinfo=UTC)


class Line:
    """Engine and journal of one size, and the messages that it takes."""

    def __init__(self, what: str, size: int, folder: Path, stack: ExitStack) -> None:
        folder.mkdir()
        points = size if what == "devices" else 1000
        (folder / "venue.toml").write_text(venue())
        place = _with_doors(venues.read(folder / "venue.toml").whole(), points)
        rules = read.load(ours.RULES).rule_set(place)
        if what == "rules":
            rules = RuleSet(rules=rule_cost.rules(size, scoped=True).rules, venue=rule_cost.VENUE)
        path = folder / ours.JOURNAL
        history.write(path, size if what == "events in the journal" else 0, BEGAN)
        self._stream = (
            ((topic, payload) for topic, payload, _ in rule_cost.messages())
            if what == "rules"
            else iter(Stream(BEGAN, RATE, points=points))
        )
        self._journal = stack.enter_context(Journal(path))
        self._engine = Engine(
            State(time=TimeState(now=BEGAN)), lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH
        )
        for event in (MonitorStarted(at=BEGAN, downtime_s=0.0), MonitorCaughtUp(at=BEGAN)):
            self._engine.step(Notice(received_at=BEGAN, event=event))
        self._engine.step(RulesChanged(received_at=BEGAN, who="bench", rule_set=rules))
        self._taken = 0

    def take(self, messages: int) -> float:
        """Take messages; return the microseconds of each."""
        kept = list(islice(self._stream, messages))
        gc.collect()
        gc.freeze()
        began = time.thread_time()
        for start in range(0, messages, BATCH):
            self._take(kept[start : start + BATCH])
        return (time.thread_time() - began) / messages * 1e6

    def _take(self, batch: Sequence[tuple[str, bytes]]) -> None:
        records = []
        for topic, payload in batch:
            now = BEGAN + timedelta(seconds=self._taken / RATE)
            self._taken += 1
            decoded = decode(topic, payload, now)
            key = identity(decoded, topic, payload)
            records.append(Record(decoded, self._engine.step(decoded), key, topic, payload))
        self._journal.seen([record.id for record in records if record.id])
        self._journal.commit(records)


def _with_doors(place: Venue, many: int) -> Venue:
    """Return the venue with another number of doors and readers than its file can have."""
    points, devices = (
        tuple(replace(rows[n % len(rows)], id=f"{prefix}{n}") for n in range(many))
        for prefix, rows in (("p", place.points), ("r", place.devices))
    )
    points = tuple(replace(point, devices=(f"r{n}",)) for n, point in enumerate(points))
    return replace(place, points=points, devices=devices)


def measure(what: str, messages: int, rounds: int) -> dict[int, list[float]]:
    """Return the microseconds of a message in each round, by size; print them."""
    with TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        lines = {size: Line(what, size, Path(name) / str(size), stack) for size in SIZES[what]}
        found: dict[int, list[float]] = {size: [] for size in lines}
        for n in range(rounds + 1):
            for size, line in lines.items():
                cost = line.take(messages)
                if n:  # the first round warms up
                    found[size].append(cost)
    least = median(found[min(found)])
    for size, costs in found.items():
        cost = median(costs)
        print(f"  {size:9,} {what}: {cost:6.1f} µs a message, {cost / least:4.2f} times the first")
    return found


def draw() -> None:
    """Draw the raw figures with matplotlib, in an environment of its own."""
    install_into("plot", (MATPLOTLIB,))
    subprocess.run([str(python_of("plot")), str(DRAWING), str(RAW), str(PICTURE)], check=True)  # noqa: S603 - our own command
    print(f"{PICTURE.relative_to(ROOT)} is drawn.")


def main() -> None:
    """Measure, print, write the raw figures, and draw them."""
    parser = argparse.ArgumentParser(prog="bench/plot", description=__doc__)
    option = parser.add_argument
    option("--messages", type=int, default=5_000, help="messages in a round (%(default)s)")
    option("--rounds", type=int, default=5, help="rounds (%(default)s)")
    option("--draw", action="store_true", help="only draw, from the figures of the last run")
    given = parser.parse_args()
    if not given.draw:
        found = {what: measure(what, given.messages, given.rounds) for what in SIZES}
        RAW.parent.mkdir(exist_ok=True)
        RAW.write_text(json.dumps(found, indent=1) + "\n")
    draw()


if __name__ == "__main__":
    main()
