"""Days that are drawn from a seed: whatever goes wrong, no promise is broken, and the oracle agrees."""

import time

import pytest

from tests.simulation.day import Verdict, play

SEEDS = 48
"""What a free core plays within that time; `scripts/simulate-faults` plays others."""
BLOCKS = 6
"""Each block is one test, so that the workers share them."""
SECONDS = 10
"""For which a block plays, in time of its core: all blocks together for a minute."""
FAILED_ONCE = {
    6: "a backlog that was cut into parts went on only after ten minutes",
    13: "a packet that never ended left the monitor deaf",
    1008: "the alert about a step of the clock never ended",
    1030: "a replay published zones in another order",
    100042: "a take-over met a read-only disk, and its command was not repeated",
    200400: "a page was damaged, and the journal counted as whole",
    200081: "a replay went another way after a step of the clock, past what has a date",
    2000063: "history was lost, the rules were half written, and no one was paged",
    400161: "a damaged input was decoded outside the journal, and its error was nobody's",
}
"""Seeds that have failed, and what it was; the tests of the parts are in docs/reliability.md."""
LONGEST = 30
"""Seconds after which a block begins no other day, however busy the machine is."""


def complaints(verdict: Verdict) -> list[str]:
    """Return what was broken, with the command that shows how."""
    how = f"scripts/simulate-faults --seed {verdict.seed} --trace"
    return [f"{how}: {row}" for row in verdict.complaints]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_days_keep_every_promise(block: int) -> None:
    """As many days as fit into the time break no promise, and each is as bad as it has to be."""
    used, began = time.process_time(), time.monotonic()
    for seed in range(block, SEEDS, BLOCKS):
        if time.process_time() - used > SECONDS or time.monotonic() - began > LONGEST:
            break
        verdict = play(seed)

        assert complaints(verdict) == []
        assert verdict.simulated >= 2 * 3600
        assert verdict.inputs >= 500
        assert verdict.noted.restarts >= 1
        assert len(verdict.faults) >= 5
        assert len({fault.kind for fault in verdict.faults}) >= 3


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", FAILED_ONCE)
def test_what_failed_once_is_mended(seed: int) -> None:
    """A seed that has failed no longer does, whatever was changed since."""
    assert complaints(play(seed)) == []


@pytest.mark.timeout(600)
def test_a_seed_is_the_same_day_each_time() -> None:
    """Everything follows from the seed, so that what failed once fails again."""
    assert play(16).digest == play(16).digest
