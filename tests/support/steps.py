"""Counts the steps of a call instead of its time, to show how the work grows with the size of its subject."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class CountedId(str):
    """An id that counts how often any of them is compared: searching through a list is no step of Python's."""

    __slots__ = ()
    compared = 0

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        """Compare, and count it."""
        CountedId.compared += 1
        return str.__eq__(self, other)


def steps(call: Callable[[], object]) -> int:
    """Return how many lines a call runs, in all functions below it, and how many ids it compares."""
    lines, compared = 0, CountedId.compared

    def trace(_frame: FrameType, what: str, _argument: object) -> Any:  # noqa: ANN401 - itself
        nonlocal lines
        lines += what == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines + CountedId.compared - compared
