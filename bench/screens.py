"""Measures how fast changes reach open pages of the console, and what that costs: `bench/console`."""

import argparse
import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import broker, viewed
from bench.delays import Delays, Kind
from bench.process import cores
from bench.steady import quantile
from bench.viewed import Round, Sizes

SLICE = 5.0
"""Milliseconds; a longer step holds up the line."""


async def measure(sizes: Sizes, rounds: int) -> None:
    """Measure and print the figures of each round, and of all."""
    print(
        f"Console: {sizes.viewers} viewers in {sizes.groups} groups, {sizes.rate:,.0f} changes per second,"
        f" of which {sizes.looks:,.0f} change how an alert looks; {sizes.doors} alerts recur.",
        flush=True,
    )
    found: list[Round] = []
    for n in range(1, rounds + 1):
        with (
            TemporaryDirectory(prefix="bench-") as name,
            broker.mosquitto(Path(name), cores()[1]) as address,
        ):
            found.append(await viewed.measure(Path(name), address, sizes))
        print(f"round {n}:")
        _print(found[-1])
    if rounds > 1:
        print("all rounds, median (lowest-highest):")
        _print_ratio("ingest p99, with : without viewers", [_p99(row) for row in found])
        _print_ratio(
            "cores, with - without viewers", [row.watched.cpu - row.alone.cpu for row in found]
        )


def _print(found: Round) -> None:
    _print_delays("stream", found.streams)
    if found.chromium is not None:
        _print_delays("Chromium", found.chromium)
    for name, phase in (("without viewers", found.alone), ("with viewers", found.watched)):
        p50, p99 = (quantile(phase.durable, share) for share in (0.5, 0.99))
        print(
            f"  {name}: arrived -> durable p50 {p50:.1f} p99 {p99:.1f} ms, {phase.cpu:.2f} cores,"
            f" waited {phase.waited:.0%}"
        )
    steps = found.steps
    long = sum(step > SLICE for step in steps)
    print(
        f"  console: {found.watched.cpu - found.alone.cpu:.1%} of a core, the stream itself"
        f" {found.watched.stream:.1%}; its steps p99 {steps[len(steps) * 99 // 100]:.1f},"
        f" longest {steps[-1]:.1f} ms, {long} of {len(steps)} longer than {SLICE:g} ms"
    )
    print(
        f"  a viewer: {found.traffic:.1f} kB/s, {found.memory:.0f} kB of memory;"
        f" all live {found.opened:.1f} s after they came at once"
    )
    paint = found.first_paint
    print(
        f"  first paint, compressed: {sum(paint) / 1000:.1f} kB (page {paint.page / 1000:.1f},"
        f" styles {paint.styles / 1000:.1f}, scripts {paint.scripts / 1000:.1f})",
        flush=True,
    )


def _print_delays(name: str, found: Delays) -> None:
    parts = []
    for kind in Kind:
        took = sorted(found.took[kind])
        if took:
            p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
            parts.append(f"{kind} p50 {1000 * p50:.0f} p99 {1000 * p99:.0f} ms ({len(took):,})")
    print(f"  journal -> {name}: {', '.join(parts)}; {found.missing} not shown")


def _p99(found: Round) -> float:
    return quantile(found.watched.durable, 0.99) / max(0.001, quantile(found.alone.durable, 0.99))


def _print_ratio(name: str, values: Sequence[float]) -> None:
    print(f"  {name}: {median(values):.2f} ({min(values):.2f}-{max(values):.2f})")


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        prog="bench/console", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    option = parser.add_argument
    option("--viewers", type=int, default=200, help="open streams (%(default)s)")
    option("--groups", type=int, default=12, help="of rights and languages (%(default)s, at most)")
    option("--rate", type=float, default=1000, help="changes per second (%(default)g)")
    option("--looks", type=float, default=10, help="of them not mere recurrences (%(default)g)")
    option("--doors", type=int, default=100, help="alerts that recur (%(default)s)")
    option("--seconds", type=float, default=20, help="with and without viewers each (%(default)g)")
    option("--rounds", type=int, default=3, help="rounds (%(default)s)")
    option("--no-browser", action="store_true", help="without a real Chromium")
    given = parser.parse_args()
    chromium = "" if given.no_browser else shutil.which("chromium") or ""
    sizes = Sizes(
        given.viewers,
        given.groups,
        given.rate,
        given.looks,
        given.doors,
        given.seconds,
        chromium,
    )
    # Viewers and Chromium run in, or are started by, this process: the monitor's core is left to the monitor.
    os.sched_setaffinity(0, {cores()[1]})
    asyncio.run(measure(sizes, given.rounds))


if __name__ == "__main__":
    main()
