"""The plan for filling a zone: how many persons should be inside at a time."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from monitor.core.venue.model import Milestone


def persons(entry: Sequence[Milestone], t: datetime) -> float | None:
    """Return how many persons should be inside, interpolated between milestones; ``None`` outside the plan."""
    for start, end in pairwise(entry):
        if start.at <= t < end.at:
            share = (t - start.at) / (end.at - start.at)
            return start.persons + (end.persons - start.persons) * share
    return None


def is_filling(entry: Sequence[Milestone], t: datetime) -> bool:
    """Return whether people are planned to enter at a time."""
    return any(
        start.at <= t < end.at and start.persons < end.persons for start, end in pairwise(entry)
    )
