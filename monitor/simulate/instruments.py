"""Ordinary device traffic: heartbeats well within their limits, and readings from kitchens and racks."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random

from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.vocabulary import Unit
from monitor.core.events.work import ReadingRecorded
from monitor.core.venue.model import Device, SiteKind
from monitor.simulate.hours import Hours, later
from monitor.simulate.message import Draft
from monitor.simulate.reservations import Reservations
from monitor.simulate.venue import SimulatedVenue

READ_EVERY = timedelta(minutes=2)
READINGS: Mapping[SiteKind, tuple[tuple[str, str, Unit, float, float], ...]] = {
    "dining": (
        ("cold-store", "cold-holding", "celsius", 2.0, 4.5),
        ("hot-counter", "hot-holding", "celsius", 62.0, 71.0),
    ),
    "press_centre": (("power", "voltage", "volt", 227.0, 233.0),),
}
"""Asset, quantity, unit, minimum and maximum."""


def heartbeats(
    device: Device, reservations: Reservations, hours: Hours, rng: Random
) -> Iterator[Draft]:
    """Yield a device's heartbeats: three within each limit, the first within seconds."""
    limit = device.silence_limit.total_seconds()
    t = later(hours.start, rng.uniform(0, 0.1) * min(limit, 60))
    while t <= hours.end:
        if reservations.is_free("device", device.id, t):
            yield Draft(t, DeviceHeartbeat(at=t, device=device.id))
        t = later(t, limit * rng.uniform(0.28, 0.33))


def readings(venue: SimulatedVenue, hours: Hours, rng: Random) -> Iterator[Draft]:
    """Yield the readings of instruments, all of them normal."""
    t = later(hours.start, 5)
    while t <= hours.end:
        for site in venue.model.sites:
            for asset, quantity, unit, least, most in READINGS.get(site.kind, ()):
                value = round(rng.uniform(least, most), 1)
                name = f"{site.id}-{asset}"
                reading = ReadingRecorded(
                    at=t, asset=name, quantity=quantity, value=value, unit=unit
                )
                yield Draft(t, reading)
        t = later(t, READ_EVERY.total_seconds())
