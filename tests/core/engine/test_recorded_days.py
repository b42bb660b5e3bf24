"""Recorded days lead to the same transitions and the same state as ever."""

import json

import pytest

from tests.support.recorded_day import DAYS, DIGESTS, digests


@pytest.mark.parametrize("day", DAYS)
def test_a_recorded_day_has_the_same_consequences(day: str) -> None:
    """What becomes faster decides the same: every transition, every part of the state, every identity of a message."""
    assert digests(day) == json.loads(DIGESTS.read_text())[day]
