"""Measures what the witness costs: commits with and without it, in alternating rounds."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from monitor.core.decode import decode
from monitor.journal import Journal, Record

SIZES = (1, 10, 100, 500)
"""Messages in a commit."""
COMMITS = 200
"""Commits in a round."""


class _Unwitnessed(Journal):
    """A journal whose commits leave the witness as it is."""

    def _bear_witness(self) -> None:
        pass


def measure(rounds: int) -> None:
    """Print the cost by size of the commit: the time of a commit, and the time and the CPU time of the witness.

    On a busy machine only the CPU time means something; on a file system in memory the synced write is free.
    """
    print(f"Witness: {rounds} alternating rounds of {COMMITS} commits; microseconds, median")
    print(f"{'messages':>9}{'without':>10}{'with':>10}{'a commit':>10}{'a message':>11}{'CPU':>8}")
    for size in SIZES:
        times: dict[type[Journal], list[tuple[float, float]]] = {Journal: [], _Unwitnessed: []}
        for number in range(2 * rounds):
            kind = (Journal, _Unwitnessed)[number % 2]
            times[kind].append(_round(kind, size))
        (without, cpu_without), (witnessed, cpu) = (
            (median(row[0] for row in times[kind]), median(row[1] for row in times[kind]))
            for kind in (_Unwitnessed, Journal)
        )
        cost = witnessed - without
        print(
            f"{size:9}{without:10.0f}{witnessed:10.0f}{cost:10.0f}{cost / size:11.2f}"
            f"{cpu - cpu_without:8.1f}"
        )


def _round(kind: type[Journal], size: int) -> tuple[float, float]:
    """Return the microseconds that one commit takes: by the clock, and of CPU."""
    at = datetime.now(UTC)
    records = [_record(n, at) for n in range(COMMITS * size)]
    with (
        TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name,
        kind(Path(name) / "journal.db") as journal,
    ):
        began, cpu = time.perf_counter(), time.process_time()
        for start in range(0, len(records), size):
            journal.commit(records[start : start + size])
        elapsed, used = time.perf_counter() - began, time.process_time() - cpu
        return elapsed / COMMITS * 1e6, used / COMMITS * 1e6


def _record(n: int, at: datetime) -> Record:
    topic, happened = "venue/centre/door/d1", at + timedelta(milliseconds=n)
    payload = b'{"type":"door.opened","at":"%b","point":"d1"}' % happened.isoformat().encode()
    return Record(decode(topic, payload, at), [], n.to_bytes(16, "big"), topic, payload)
