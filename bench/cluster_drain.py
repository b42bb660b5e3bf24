"""Messages a second through Kafka and Flink with 1 and 2 workers, beside the same core in one process."""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from monitor.cluster.records import LoggedInput, RulesNamed, decode_logged, encode
from monitor.cluster.site import Site
from tests.support.cluster import SETTINGS, Contents
from tests.support.cluster_run import ClusterRun
from tests.support.cluster_stream import names, stream
from tests.support.engine import RULE_SET
from tests.support.flink import FlinkServers
from tests.support.kafka import KafkaServers
from tests.support.pipeline import START


def alone(sites: Sequence[str], entries: Sequence[LoggedInput]) -> float:
    """Return the messages a second of one process that steps the sites, with records decoded and encoded."""
    contents = Contents()
    digest = contents.put(RULE_SET)
    hosts = {site: Site(site, SETTINGS, contents) for site in sites}
    for site, host in hosts.items():
        named = RulesNamed(received_at=START, who="bench", digest=digest)
        host.take(LoggedInput(site=site, received_at=START, input=named))
    records = [encode(entry) for entry in entries]
    began = time.process_time()
    for record in records:
        entry = decode_logged(record)
        for outcome in hosts[entry.site].take(entry):
            encode(outcome)
    return len(records) / (time.process_time() - began)


def drained(kafka: KafkaServers, flink: FlinkServers, workers: int, count: int) -> float:
    """Return the messages a second with which a job drains the log, from its second tenth to its end."""
    run = ClusterRun(kafka, flink, f"bench-{workers}", site_count=60)
    wanted = len({(row.site, row.id) for row in run.feed(count) if row.id})
    flink.have_workers(workers)
    run.submit(workers)
    if not run.line.read_until(lambda: len(run.line.out) >= wanted * 9 // 10):
        raise SystemExit(f"only {len(run.line.out)} of {wanted} outcomes came")
    flink.cancel(run.job)
    first, last = len(run.line.out) // 10, len(run.line.out) - 1
    seconds = run.line.read_at[last] - run.line.read_at[first]
    run.line.close()
    return (last - first) / seconds


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
    print("| | messages a second |\n|---|---|")
    print(f"| one process, its own CPU time | {alone(sites, entries):.0f} |", flush=True)
    with servers() as (kafka, flink):
        for workers in (1, 2):
            found = drained(kafka, flink, workers, given.messages)
            print(
                f"| {workers} {'workers' if workers > 1 else 'worker'} | {found:.0f} |", flush=True
            )


if __name__ == "__main__":
    main()
