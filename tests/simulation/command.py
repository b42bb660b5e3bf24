"""The command `scripts/simulate-faults`: many seeds on all cores, one seed as a trace, or the planted defects."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import NamedTuple

from tests.simulation import planted
from tests.simulation.day import Verdict, play
from tests.simulation.fault import Fault
from tests.simulation.faults import KINDS

MEETS_ALL = 500
"""Seeds after which each kind of fault must have been met: each is drawn on an eighth of the days."""
AHEAD = 4
"""Seeds that wait for each core."""


class Outcome(NamedTuple):
    """What a process hands back of a seed."""

    seed: int
    complaints: tuple[str, ...]
    faults: tuple[Fault, ...]
    """A small set of faults with which the seed still fails; empty if it does not fail."""
    coverage: Counter[tuple[str, str]]
    simulated: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="scripts/simulate-faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first of them")
    parser.add_argument("--minutes", type=float, help="stop after this time")
    parser.add_argument("--jobs", type=int, help="on how many cores; all, if not given")
    parser.add_argument("--seed", type=int, help="play this one only")
    parser.add_argument("--trace", action="store_true", help="print its day line by line")
    parser.add_argument("--until-failure", action="store_true", help="stop at the first failure")
    parser.add_argument("--as-drawn", action="store_true", help="do not minimise the faults")
    parser.add_argument("--planted", nargs="*", metavar="NAME", help="search planted defects")
    given = parser.parse_args(arguments)
    if given.planted is not None:
        return planted.search(given.planted, given.seeds, given.jobs)
    if given.seed is not None:
        return _one(given.seed, trace=given.trace)
    seeds = range(given.first, given.first + given.seeds)
    jobs = given.jobs or len(os.sched_getaffinity(0))
    play_one = partial(outcome_of, as_drawn=given.as_drawn)
    return _many(seeds, given.minutes, jobs, play_one, until_failure=given.until_failure)


def _one(seed: int, *, trace: bool) -> int:
    verdict = play(seed)
    if trace:
        _say(*verdict.noted.lines)
    _say(f"seed {seed}: {len(verdict.faults)} faults", *(f"  {row}" for row in verdict.faults))
    _say(*(f"  BROKEN: {row}" for row in verdict.complaints))
    return bool(verdict.complaints)


def _many(
    seeds: Sequence[int],
    minutes: float | None,
    jobs: int,
    play_one: Callable[[int], Outcome],
    *,
    until_failure: bool,
) -> int:
    began, coverage = time.monotonic(), Counter[tuple[str, str]]()
    until = float("inf") if minutes is None else began + 60 * minutes
    done, simulated, failed = 0, 0.0, 0
    with suppress(KeyboardInterrupt):  # the figures so far are shown
        for outcome in _outcomes(seeds, until, jobs, play_one):
            done += 1
            coverage += outcome.coverage
            simulated += outcome.simulated
            if outcome.complaints:
                failed += 1
                _say(f"seed {outcome.seed} FAILS with {', '.join(map(str, outcome.faults))}")
                _say(*(f"  {row[:500]}" for row in outcome.complaints[:3]))
                if until_failure:
                    break
    seconds = time.monotonic() - began
    _say(
        *_table(coverage),
        f"{done} seeds, {simulated / 3600:.0f} simulated hours, {failed} failed;"
        f" {seconds:.0f} s, {done / seconds:.2f} seeds a second",
    )
    if missing := sorted(KINDS.keys() - {kind for kind, _ in coverage}):
        _say(f"never met: {', '.join(missing)}")
    return bool(failed or (missing and done >= MEETS_ALL))


def _outcomes(
    seeds: Sequence[int], until: float, jobs: int, play_one: Callable[[int], Outcome]
) -> Iterator[Outcome]:
    """Yield what comes of the seeds, as it comes."""
    left = iter(seeds)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(play_one, seed) for seed in islice(left, AHEAD * jobs)}
        try:
            while running:
                ended = next(as_completed(running))
                running.remove(ended)
                yield ended.result()
                if time.monotonic() < until:
                    running |= {pool.submit(play_one, seed) for seed in islice(left, 1)}
        finally:
            pool.shutdown(cancel_futures=True)


def outcome_of(seed: int, *, as_drawn: bool = False) -> Outcome:
    """Play a seed, and if it fails look for the faults that it takes, unless they are wanted as they were drawn."""
    try:
        verdict = play(seed)
    except Exception as error:  # noqa: BLE001 - a long run goes on, and keeps its figures
        return Outcome(seed, (f"the simulation itself fails: {error!r}",), (), Counter(), 0.0)
    faults: tuple[Fault, ...] = ()
    if verdict.complaints:
        faults = verdict.faults if as_drawn else minimised(verdict)
    return Outcome(seed, verdict.complaints, faults, verdict.noted.coverage, verdict.simulated)


def minimised(verdict: Verdict) -> tuple[Fault, ...]:
    """Leave out one fault after the other as long as the seed still fails."""
    left = verdict.faults
    for fault in verdict.faults:
        fewer = tuple(row for row in left if row is not fault)
        if play(verdict.seed, fewer).complaints:
            left = fewer
    return left


def _table(coverage: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield how often each kind of fault met each stage."""
    stages = sorted({stage for _, stage in coverage})
    yield f"{'':22}" + "".join(f"{stage:>12}" for stage in stages)
    for kind in sorted(KINDS):
        yield f"{kind:22}" + "".join(f"{coverage[kind, stage] or '':>12}" for stage in stages)


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
