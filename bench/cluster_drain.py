"""Messages a second through Kafka and Flink with 1 and 2 workers, beside the same core in one process.

On a busy machine, the CPU time of a message says more than the messages a second.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from monitor.cluster.records import LoggedInput, RulesNamed, decode_logged, encode
from monitor.cluster.settings import JobSettings
from monitor.cluster.site import Site
from tests.support.cluster import SETTINGS, Contents
from tests.support.cluster_run import ClusterRun
from tests.support.cluster_stream import names, stream
from tests.support.engine import RULE_SET
from tests.support.flink import FlinkServers
from tests.support.kafka import KafkaServers
from tests.support.pipeline import START

if TYPE_CHECKING:
    from datetime import datetime


def alone(sites: Sequence[str], entries: Sequence[LoggedInput]) -> float:
    """Return the messages a second of one process that steps the sites.

    As in the job, records are decoded and encoded, and the time of a site advances at each of its deadlines.
    """
    contents = Contents()
    digest = contents.put(RULE_SET)
    hosts = {site: Site(site, SETTINGS, contents) for site in sites}
    for site, host in hosts.items():
        named = RulesNamed(received_at=START, who="bench", digest=digest)
        host.take(LoggedInput(site=site, received_at=START, input=named))
    records = [encode(entry) for entry in entries]
    timers: list[tuple[datetime, str]] = []
    began = time.process_time()
    for record in records:
        entry = decode_logged(record)
        while timers and timers[0][0] <= entry.received_at:
            due, site = heappop(timers)
            host = hosts[site]
            if host.deadline is None or host.deadline > due:
                continue
            ticked = host.tick(due)
            if ticked is not None:
                encode(ticked)
            if host.deadline is not None:
                heappush(timers, (host.deadline, site))
        host = hosts[entry.site]
        for outcome in host.take(entry):
            encode(outcome)
        if host.deadline is not None:
            heappush(timers, (host.deadline, entry.site))
    return len(records) / (time.process_time() - began)


class Drained(NamedTuple):
    """What a job needed for a log."""

    rate: float
    """Messages a second, from the second tenth of the log to its end."""
    cpu_us: float
    """CPU time of the workers for a message, in microseconds, over the same part."""
    state: int
    """Bytes of all state in the latest checkpoint."""
    written: int
    """Bytes that a checkpoint wrote: the median."""
    checkpoint_ms: int
    """Milliseconds that a checkpoint took: the median."""


def drained(kafka: KafkaServers, flink: FlinkServers, workers: int, count: int) -> Drained:
    """Let a job drain a log of so many messages, with the settings that a job has by default."""
    run = ClusterRun(kafka, flink, f"bench-{workers}", site_count=60)
    usual = JobSettings(brokers="")
    run.settings = replace(
        run.settings,
        snapshot_after=usual.snapshot_after,
        snapshot_records=usual.snapshot_records,
    )
    wanted = len({(row.site, row.id) for row in run.feed(count) if row.id})
    processes = [flink.process_of(number) for number in flink.have_workers(workers)]
    run.submit(workers)
    # What the start costs, and Java's compiler, is no part of a message.
    run.line.read_until(lambda: len(run.line.out) >= wanted // 10)
    before, begun = sum(map(cpu_seconds, processes)), len(run.line.out)
    if not run.line.read_until(lambda: len(run.line.out) >= wanted * 9 // 10):
        raise SystemExit(f"only {len(run.line.out)} of {wanted} outcomes came")
    used, rows = sum(map(cpu_seconds, processes)) - before, flink.checkpoint_sizes(run.job)
    flink.cancel(run.job)
    first, last = len(run.line.out) // 10, len(run.line.out) - 1
    seconds = run.line.read_at[last] - run.line.read_at[first]
    run.line.close()
    return Drained(
        rate=(last - first) / seconds,
        cpu_us=used / (len(run.line.out) - begun) * 1e6,
        state=max(row[0] for row in rows),
        written=int(median(row[1] for row in rows)),
        checkpoint_ms=int(median(row[2] for row in rows)),
    )


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def servers() -> Iterator[tuple[KafkaServers, FlinkServers]]:
    """One broker and a JobManager."""
    with tempfile.TemporaryDirectory() as folder:
        kafka, flink = KafkaServers(Path(folder)), FlinkServers(Path(folder))
        try:
            kafka.start()
            flink.start()
            yield kafka, flink
        finally:
            flink.stop()
            kafka.stop()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="bench/cluster", description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000, help="(default: %(default)s)")
    given = parser.parse_args()
    sites = names(60)
    entries = list(islice(stream(sites, given.messages, 1), given.messages))
    print("| | messages a second | CPU of a message | state | written by a checkpoint | in |")
    print("|---|---|---|---|---|---|")
    rate = alone(sites, entries)
    print(
        f"| one process, of its own CPU time | {rate:,.0f} | {1e6 / rate:.0f} µs | | | |",
        flush=True,
    )
    with servers() as (kafka, flink):
        for workers in (1, 2):
            found = drained(kafka, flink, workers, given.messages)
            print(
                f"| {workers} {'workers' if workers > 1 else 'worker'} | {found.rate:,.0f} | {found.cpu_us:.0f} µs "
                f"| {found.state / 1e6:.1f} MB | {found.written / 1e6:.1f} MB | {found.checkpoint_ms} ms |",
                flush=True,
            )


if __name__ == "__main__":
    main()
