"""The inspectors' rounds: announced, begun and submitted in time, with every item passed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from monitor.core.events.inspection import InspectionScheduled, InspectionStarted
from monitor.core.venue.checklist import Checklist
from monitor.simulate.forms import approval, form, inspector
from monitor.simulate.hours import CLOSED, INSPECTED, MIDDAY, OPENED, SCHEDULED, Hours, later
from monitor.simulate.message import Draft
from monitor.simulate.reservations import Reservations
from monitor.simulate.venue import SimulatedVenue

SPENT = 0.45
"""The share of a checklist's interval after which the next round begins, so that one may be missed without harm."""
NOTICE = 0.02
"""Fraction of the day between the announcement of a round and its start, and between its end and its due time."""
APPROVED_AFTER = 20.0
"""Seconds between the submission of a form and its approval by another person."""
LASTS = 0.015
"""Fraction of the day that a visit lasts, but at most a quarter of an hour."""


class Visit(NamedTuple):
    """One inspection of a round."""

    checklist: Checklist
    name: str
    announced: datetime
    started: datetime
    submitted: datetime
    due: datetime


def rounds(
    venue: SimulatedVenue, reservations: Reservations, hours: Hours, rng: Random
) -> Iterator[Draft]:
    """Yield all rounds, in no order, except those whose checklist is reserved by an incident."""
    for checklist in venue.model.checklists:
        for visit in _visits(checklist, hours, rng):
            if reservations.is_free("checklist", checklist.id, visit.announced, visit.submitted):
                yield from _drafts(visit, rng)


def _visits(checklist: Checklist, hours: Hours, rng: Random) -> Iterator[Visit]:
    """Yield the first visit, before the zones open, and the later ones."""
    step = min(checklist.interval * SPENT, hours.length * rng.uniform(*MIDDAY))
    lasts = min(hours.length * LASTS, timedelta(minutes=15))
    notice = hours.length * NOTICE
    announced = hours.at(SCHEDULED)
    started = hours.at(rng.uniform(INSPECTED, (INSPECTED + OPENED) / 2))
    n = 1
    while started < hours.at(CLOSED):
        submitted = started + lasts
        times = (later(t, 0) for t in (announced, started, submitted, submitted + notice))
        yield Visit(checklist, f"{checklist.id}-round-{n}", *times)
        started, n = started + step, n + 1
        announced = started - notice


def _drafts(visit: Visit, rng: Random) -> Iterator[Draft]:
    """Yield the messages of one visit."""
    checklist, name, announced, started, submitted, due = visit
    yield Draft(
        announced,
        InspectionScheduled(at=announced, checklist=checklist.id, inspection=name, due_at=due),
    )
    begun = InspectionStarted(
        at=started, checklist=checklist.id, inspection=name, inspector=inspector(checklist)
    )
    yield Draft(started, begun)
    done = form(checklist, name, submitted, rng)
    yield Draft(submitted, replace(done, started_at=started, finished_at=submitted))
    approved = later(submitted, APPROVED_AFTER)
    yield Draft(approved, approval(done, approved))
