"""The frame of the day: the state after the night, the opening in the morning and the closing in the evening."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.events.door import DoorModeChanged
from monitor.core.events.people import PostManned
from monitor.core.events.work import CertificateIssued, ReadinessSigned
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.simulate.hours import CLOSED, INSPECTED, OPENED, Hours, later
from monitor.simulate.message import Draft
from monitor.simulate.reservations import Reservations
from monitor.simulate.venue import DUTY_OFFICER, SAFETY_OFFICER, SimulatedVenue, staff

SIGNED_BEFORE = 10.0
"""Seconds between the sign-off of a zone and its opening."""
BEYOND = timedelta(days=90)
"""For how long after the congress the certificate of a generator is valid."""
APART = 0.25
"""Seconds between one zone or exit and the next; a hundred zones open within half a minute."""


def morning(venue: SimulatedVenue, reservations: Reservations, hours: Hours) -> Iterator[Draft]:
    """Yield, in no order: zones closed and empty, exits unlocked, posts manned; zones opened, and closed at the end."""
    for place, point in enumerate(venue.exits):
        t = later(hours.start, 1 + place * APART)
        if reservations.is_free("point", point.id, t):
            yield Draft(t, DoorModeChanged(at=t, point=point.id, mode="unlocked"))
    yield from _certified(venue, hours)
    for place, post in enumerate(venue.model.posts):
        t = later(hours.at(INSPECTED), place * APART)
        yield Draft(t, PostManned(at=t, post=post.id, zone=post.zone, who=f"steward-{place + 1}"))
    for place, zone in enumerate(venue.zones):
        t = later(hours.start, 1 + place * APART)
        yield Draft(t, ZoneClosed(at=t, zone=zone))
        yield Draft(t, ZoneCount(at=t, zone=zone, count=0))
        t = later(hours.at(OPENED), place * APART)
        signed = later(t, -SIGNED_BEFORE)
        yield Draft(signed, ReadinessSigned(at=signed, zone=zone, who=SAFETY_OFFICER))
        if reservations.is_free("opening", zone, t):
            yield Draft(t, ZoneOpened(at=t, zone=zone, who=DUTY_OFFICER))
        t = later(t, 1)
        yield Draft(t, ZoneCount(at=t, zone=zone, count=staff(venue.zones[zone])))
        t = later(hours.at(CLOSED), 1 + place * APART)
        yield Draft(t, ZoneClosed(at=t, zone=zone, who=DUTY_OFFICER))


def _certified(venue: SimulatedVenue, hours: Hours) -> Iterator[Draft]:
    """Yield the certificate of a generator that is valid beyond the end of the congress."""
    ends = venue.model.congress.ends_at
    if ends is not None and ends > hours.start:
        t = later(hours.start, 2)
        yield Draft(
            t,
            CertificateIssued(
                at=t,
                asset=f"{venue.first_site}-generator",
                kind="load-test",
                expires_at=ends + BEYOND,
                zone=next(iter(venue.zones)),
            ),
        )
