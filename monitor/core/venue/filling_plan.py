"""The plan for the filling of a zone: how many persons are to be inside at a time."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from monitor.core.venue.model import Milestone


def persons(entry: Sequence[Milestone], t: datetime) -> float | None:
    """Return how many are to be inside, in a straight line between milestones; outside the plan ``None``."""
    for start, end in pairwise(entry):
        if start.at <= t < end.at:
            share = (t - start.at) / (end.at - start.at)
            return start.persons + (end.persons - start.persons) * share
    return None


def is_filling(entry: Sequence[Milestone], t: datetime) -> bool:
    """Tell whether people are to come in at a time."""
    return any(
        start.at <= t < end.at and start.persons < end.persons for start, end in pairwise(entry)
    )
