"""Days that are drawn from a seed: whatever goes wrong, no promise is broken, and the oracle agrees."""

import pytest

from tests.simulation.day import play


@pytest.mark.parametrize("seed", range(3))
def test_a_day_keeps_every_promise(seed: int) -> None:
    """No promise is broken, and the day is as bad as a seed has to be."""
    verdict = play(seed)

    assert verdict.complaints == ()
    assert verdict.simulated >= 2 * 3600
    assert verdict.inputs >= 500
    assert verdict.noted.restarts >= 1
    assert len(verdict.faults) >= 5
    assert len({fault.kind for fault in verdict.faults}) >= 3


def test_a_seed_is_the_same_day_each_time() -> None:
    """Everything follows from the seed, so that what failed once fails again."""
    assert play(11).digest == play(11).digest
