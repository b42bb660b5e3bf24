"""Writes the script of a day: each incident gets its time, its place, and what it keeps to itself."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from monitor.config import Adapter
from monitor.simulate.catalogue import PROGRAMME
from monitor.simulate.hours import MIDDAY, Hours
from monitor.simulate.incident import Story
from monitor.simulate.message import Draft
from monitor.simulate.reservations import Diary, NothingFree
from monitor.simulate.truth import Expected
from monitor.simulate.venue import Ground


class Script(NamedTuple):
    """All incidents of a day."""

    drafts: list[Draft]
    """In order of sending."""
    expected: tuple[Expected, ...]
    """In order of time."""
    diary: Diary
    left_out: tuple[str, ...]
    """Incidents for which the venue or the day has no place."""


def write(ground: Ground, hours: Hours, rng: Random, adapters: Sequence[Adapter]) -> Script:
    """Return the script; an incident for which the venue has no place is left out, with its truth."""
    diary, stories, missing = Diary(), [], []
    begin, end = MIDDAY
    count = sum(act.at is None for act in PROGRAMME)
    slots = [begin + (end - begin) * (n + 0.5) / count for n in range(count)]
    rng.shuffle(slots)
    for act in PROGRAMME:
        at = hours.at(slots.pop() if act.at is None else act.at)
        story = Story(act.name, at, ground, hours, diary, rng, tuple(adapters))
        try:
            act.tell(story)
        except NothingFree:
            missing.append(act.name)
        else:
            stories.append(story)
    return Script(
        sorted((row for story in stories for row in story.drafts), key=lambda row: row.at),
        tuple(
            sorted(
                (row for story in stories for row in story.expected),
                key=lambda row: (row.at, row.rule, row.key),
            )
        ),
        diary,
        tuple(missing),
    )
