"""Reads the command line, and measures what was asked for."""

import argparse
import sys

from bench import stages
from bench.compare import compare
from bench.live import live, soak
from bench.process import cores


def main() -> int:
    """Measure; return 1 if the monitor lost a message."""
    parser = argparse.ArgumentParser(
        prog="bench/ingest",
        description="Measures how fast the monitor takes messages in; without a choice, --drain and --live.",
    )
    say = parser.add_argument
    say("--drain", action="store_true", help="what queued at the broker, beside Node-RED")
    say("--live", action="store_true", help="a steady rate: how long until it is on the disk?")
    say("--soak", type=float, metavar="SECONDS", help="it for long: does the memory grow?")
    say("--stages", action="store_true", help="where the time goes, without a broker")
    say("--messages", type=int, default=40_000, help="to drain (%(default)s)")
    say("--rounds", type=int, default=3, help="of the drain (%(default)s)")
    say("--history", type=int, default=0, metavar="N", help="events in the journal before it")
    say("--alone", action="store_true", help="drain without Node-RED")
    say("--rate", type=float, help="messages a second (--live 5000, --soak 2000)")
    say("--seconds", type=float, default=20, help="of --live (%(default)g)")
    given = parser.parse_args()
    if len(set(cores())) == 1:
        print(
            "One core for everything: the broker takes its part of it, and the figures say little."
        )
    all_well = True
    if given.stages:
        stages.measure(given.messages, given.history)
    if given.drain or not (given.live or given.soak or given.stages):
        all_well &= compare(given.messages, given.rounds, given.history, alone=given.alone)
    if given.live or not (given.drain or given.soak or given.stages):
        all_well &= live(given.rate or 5000, given.seconds)
    if given.soak:
        all_well &= soak(given.rate or 2000, given.soak)
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
