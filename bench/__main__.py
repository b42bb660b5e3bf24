"""Parses the command line and runs the benchmarks it selects."""

import argparse
import sys
from pathlib import Path

from bench import backlog, stages, standby, start, witness
from bench.compare import compare
from bench.live import live, soak
from bench.peers import PEERS
from bench.process import cores


def main() -> int:
    """Measure; return 1 if the monitor lost a message."""
    parser = argparse.ArgumentParser(
        prog="bench/ingest",
        description="Measure how fast the monitor ingests messages; by default, --drain and --live.",
    )
    option = parser.add_argument
    option("--drain", action="store_true", help="drain the broker's queue, beside other programs")
    option("--live", action="store_true", help="constant rate: how long until on disk?")
    option("--soak", type=float, metavar="SECONDS", help="constant rate: does memory grow?")
    option("--stages", action="store_true", help="where the time goes, without a broker")
    option("--backlog", action="store_true", help="a night's backlog, without a broker: --messages")
    option("--witness", action="store_true", help="what the witness of the journal costs")
    option("--start", action="store_true", help="how long until it watches: --history, --points")
    option("--points", type=int, default=1000, help="access points of --start (%(default)s)")
    option("--standby", action="store_true", help="what copying to a standby costs")
    option("--messages", type=int, default=40_000, help="messages to drain (%(default)s)")
    option("--rounds", type=int, default=3, help="rounds of the drain (%(default)s)")
    option("--history", type=int, default=0, metavar="N", help="existing events in the journal")
    option("--alone", action="store_true", help="drain without other programs")
    option(
        "--peers",
        type=lambda text: text.split(","),
        default=[peer.name for peer in PEERS],
        metavar="NAMES",
        help="drain beside these (all: " + ",".join(peer.name for peer in PEERS) + ")",
    )
    option("--json", type=Path, metavar="FILE", help="write the figures of every drain")
    option("--rate", type=float, help="messages per second (--live 5000, --soak 2000)")
    option("--seconds", type=float, default=20, help="length of --live (%(default)g)")
    given = parser.parse_args()
    if len(set(cores())) == 1:
        print("Only one core: the broker shares it with the monitor, so the figures mean little.")
    all_well = True
    if given.witness:
        witness.measure(given.rounds)
    if given.start:
        start.measure(given.history, given.points)
    if given.standby:
        standby.measure(given.rounds)
    if given.stages:
        stages.measure(given.messages, given.history)
    if given.backlog:
        backlog.measure(given.messages)
    alone = (
        given.soak or given.stages or given.witness or given.standby or given.start or given.backlog
    )
    if given.drain or not (given.live or alone):
        names = [] if given.alone else given.peers
        all_well &= compare(
            given.messages, given.rounds, given.history, names=names, raw=given.json
        )
    if given.live or not (given.drain or alone):
        all_well &= live(given.rate or 5000, given.seconds)
    if given.soak:
        all_well &= soak(given.rate or 2000, given.soak)
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
