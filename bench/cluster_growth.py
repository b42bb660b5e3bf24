"""A simulation, not a measurement: 10,000 sites on 100 workers, from service times that were measured on 2 cores.

Each worker is a queue with one server, as Python has one lock for a process. Sites are spread over workers by hash.
One worker is lost in the middle: its sites stand still until the loss is noticed and their state is restored, and then
the messages that have piled up are processed. Needs SimPy: ``python -m pip install simpy``.

``--picture FILE`` draws how long the sites of a lost worker stand still, and how large the checkpoint of a worker is,
for 10,000 sites on more and more workers.
"""

import argparse
from collections.abc import Generator
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any, NamedTuple

import simpy

from bench.line_chart import line_chart

MESSAGE_S = 1 / 6_800
"""CPU time of a message with state in RocksDB: measured, 60 sites, 170 rules."""
BUILD_S = 0.025
"""To build a site again: measured."""
SNAPSHOT_BYTES = 67_000
"""Of the snapshot of one site, compressed: measured."""
SNAPSHOT_S = 300.0
"""Between two snapshots of a site: the job's `snapshot_after`; on average, half of these messages are read again."""
NOTICED_S = 5.0
"""Until a lost worker is noticed and its slot is given to another: measured as 5 to 6 s, with a spare slot."""
RESTORE_BYTES_S = 100_000_000
"""From the checkpoint store: assumed, a disk at 100 MB/s."""
CHECKPOINT_S = 1.0
"""Between two checkpoints: outcomes are committed with them."""
DAY_MESSAGES = 142_029 / 60
"""Of one site in a simulated day of 24 hours."""
PEAK = 10.0
"""How much busier the busiest minute is than the mean of the day: assumed."""
SITE_RATE = DAY_MESSAGES * PEAK / 86_400
"""Messages a second of one site in that minute."""
AGAIN = SITE_RATE * SNAPSHOT_S / 2
"""Messages of one site that are read again after a failure."""
MEMORY_MB = 1.2
"""Of one site in a worker: measured."""
WORKER_MB = 1_300
"""Of a worker without sites: measured, 800 to 1,300 MB."""
IN_BYTES, OUT_BYTES = 345, 1_373
"""Of one message in the topics `in` and `out`: measured with the stream of `scripts/cluster-test`, rich in alerts."""
STATE_BYTES = SNAPSHOT_BYTES + AGAIN * IN_BYTES
"""Of one site in a checkpoint: its snapshot, and the messages since."""
REPLICAS = 3
SITES = 10_000
WORKERS = (10, 20, 50, 100, 200, 500)


class Result(NamedTuple):
    """What one run leads to."""

    delays: list[float]
    """Seconds from a message to its committed outcome, at workers that were not lost."""
    back_s: float
    """Seconds from the loss of a worker to the outcome of the last message that had piled up."""
    busy: float
    """The share of the time for which the busiest worker worked."""


class Simulation:
    """Some workers with their sites, for a time."""

    def __init__(self, sites: int, workers: int, seconds: float, seed: int) -> None:
        self._env = simpy.Environment()
        self._seconds = seconds
        self._random = Random(seed)  # noqa: S311 - a simulation
        self._sites = [0] * workers
        for _ in range(sites):
            self._sites[self._random.randrange(workers)] += 1
        self._lost = self._random.randrange(workers)
        self._lost_at = seconds / 2
        self._delays: list[float] = []
        self._busy = [0.0] * workers
        self._back_at = self._lost_at

    def run(self) -> Result:
        """Return what happens."""
        for worker in range(len(self._sites)):
            queue = simpy.Store(self._env)
            self._env.process(self._arrive(worker, queue))
            self._env.process(self._work(worker, queue))
        self._env.run(until=self._seconds)
        return Result(self._delays, self._back_at - self._lost_at, max(self._busy) / self._seconds)

    def _arrive(self, worker: int, queue: simpy.Store) -> Generator[simpy.Event, Any, None]:
        rate = self._sites[worker] * SITE_RATE
        while rate:
            yield self._env.timeout(self._random.expovariate(rate))
            yield queue.put(self._env.now)

    def _work(self, worker: int, queue: simpy.Store) -> Generator[simpy.Event, Any, None]:
        is_lost = worker == self._lost
        while True:
            arrived = yield queue.get()
            if is_lost and self._env.now >= self._lost_at:
                is_lost = False
                sites = self._sites[worker]
                restore = sites * (STATE_BYTES / RESTORE_BYTES_S + BUILD_S + AGAIN * MESSAGE_S)
                yield self._env.timeout(self._lost_at + NOTICED_S + restore - self._env.now)
            yield self._env.timeout(MESSAGE_S)
            self._busy[worker] += MESSAGE_S
            committed = (self._env.now // CHECKPOINT_S + 1) * CHECKPOINT_S
            if worker != self._lost:
                self._delays.append(committed - arrived)
            elif self._lost_at <= arrived + NOTICED_S and arrived < self._lost_at + NOTICED_S:
                self._back_at = max(self._back_at, committed)


def cost() -> str:
    """Return what one site costs, in words."""
    cpu = DAY_MESSAGES * MESSAGE_S
    log = DAY_MESSAGES * (IN_BYTES + OUT_BYTES) * REPLICAS / 1e6
    share = MEMORY_MB + WORKER_MB / (SITES / 100)
    return (
        f"a site costs {cpu:.2f} s of CPU a day, {share:.0f} MB of memory with its share of one of 100 workers, "
        f"{STATE_BYTES / 1e3:.0f} kB in a checkpoint, and {log:.0f} MB of log a day on {REPLICAS} brokers"
    )


def draw(file: Path, seconds: float) -> None:
    """Simulate the same sites on more and more workers, and draw what the loss of one worker means."""
    back = [Simulation(SITES, workers, seconds, 1).run().back_s for workers in WORKERS]
    sizes = [SITES / workers * STATE_BYTES / 1e6 for workers in WORKERS]
    file.write_text(
        line_chart(
            f"Simulated: {SITES:,} sites, one worker is lost",
            [f"{workers}" for workers in WORKERS],
            "workers",
            {"sites of the lost worker back after (s)": back, "checkpoint of a worker (MB)": sizes},
        )
    )


def main() -> None:
    """Simulate some sizes, and print a table."""
    parser = argparse.ArgumentParser(prog="bench.cluster_growth", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="(default: %(default)s)")
    parser.add_argument("--picture", type=Path, help="draw it into this file, as SVG")
    given = parser.parse_args()
    if given.picture is not None:
        draw(given.picture, given.seconds)
        return
    print(cost())
    print(
        "| sites | workers | busiest | p50 | p99 | lost worker back | checkpoint | memory a worker |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for sites, workers in ((1_000, 10), (10_000, 100), (10_000, 20)):
        found = Simulation(sites, workers, given.seconds, 1).run()
        cuts = quantiles(found.delays, n=100)
        size = sites * STATE_BYTES / 1e6
        memory = MEMORY_MB * sites / workers
        print(
            f"| {sites:,} | {workers} | {found.busy:.1%} | {cuts[49]:.2f} s | {cuts[98]:.2f} s "
            f"| {found.back_s:.1f} s | {size:,.0f} MB | {memory:,.0f} MB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
