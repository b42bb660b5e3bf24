"""Timers: their order, which decides the order of transitions, and their place in a snapshot."""

from datetime import timedelta
from itertools import permutations
from typing import get_args

import msgspec
import pytest

from monitor.core.state.timers import (
    ChecklistTimer,
    MaskTimer,
    RuleTimer,
    ShelvingTimer,
    WatermarkHeap,
    WatermarkTimer,
)
from tests.support.engine import START

LATER = START + timedelta(seconds=1)
SORTED: list[WatermarkTimer] = [
    ChecklistTimer(START, "z"),
    MaskTimer(START, "a"),
    RuleTimer(START, "a", "k1"),
    RuleTimer(START, "a", "k2"),
    RuleTimer(START, "b", "k1"),
    ShelvingTimer(START, "a"),
    ChecklistTimer(LATER, "a"),
]
"""By time, then by kind as it is called in a snapshot, subject and key."""


def test_timers_fire_in_the_same_order_however_they_were_set() -> None:
    """Timers of one instant fire by kind, subject and key."""
    for shuffled in permutations(SORTED):
        heap = WatermarkHeap(shuffled)
        assert heap.due == START
        assert [heap.pop() for _ in SORTED] == SORTED
        assert heap.due is None


def test_equal_timers_may_be_set_twice() -> None:
    """Each of two equal timers fires; its subject decides whether anything is left to do."""
    heap = WatermarkHeap([MaskTimer(START, "a"), MaskTimer(START, "a")])
    assert heap.pop() == heap.pop()
    assert not heap


@pytest.mark.parametrize("kind", get_args(WatermarkTimer))
def test_the_order_has_the_name_of_the_snapshot(kind: type[WatermarkTimer]) -> None:
    """The kind of a timer in the order is its tag, so a snapshot shows why one fires before another."""
    timer = RuleTimer(START, "of", "key") if kind is RuleTimer else kind(START, "of")  # type: ignore[call-arg]
    row = msgspec.to_builtins(timer)
    assert timer.order == (START, row["what"], row["of"], row.get("key", ""))
