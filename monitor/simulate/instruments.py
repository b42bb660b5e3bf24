"""Ordinary device traffic: heartbeats well within their limits, and readings from kitchens, power and uplinks."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random
from typing import NamedTuple

from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.vocabulary import Unit
from monitor.core.events.work import ReadingRecorded
from monitor.core.venue.model import Device, SiteKind
from monitor.simulate.hours import Hours, later
from monitor.simulate.message import Draft
from monitor.simulate.reservations import Reservations
from monitor.simulate.venue import SimulatedVenue

READ_EVERY = timedelta(minutes=2)
FIRST_READING = 5.0
"""Seconds after the beginning of the day."""
READINGS: Mapping[SiteKind, tuple[tuple[str, str, Unit, float, float], ...]] = {
    "dining": (
        ("cold-store", "cold-holding", "celsius", 2.0, 4.5),
        ("hot-counter", "hot-holding", "celsius", 62.0, 71.0),
    ),
    "press_centre": (
        ("power", "voltage", "volt", 227.0, 233.0),
        ("ups", "ups-runtime", "minute", 38.0, 45.0),
        ("uplink", "packet-loss", "percent", 0.0, 0.9),
    ),
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


class Measured(NamedTuple):
    """A quantity that an instrument measures, within limits."""

    name: str
    """The asset."""
    zone: str
    quantity: str
    unit: Unit
    least: float
    most: float


def measured(venue: SimulatedVenue) -> Iterator[Measured]:
    """Yield what is measured at each site, in its first zone."""
    for site in venue.model.sites:
        zone = next((row.id for row in venue.model.zones if row.site == site.id), "")
        for asset, quantity, unit, least, most in READINGS.get(site.kind, ()):
            yield Measured(f"{site.id}-{asset}", zone, quantity, unit, least, most)


def readings(
    venue: SimulatedVenue, reservations: Reservations, hours: Hours, rng: Random
) -> Iterator[Draft]:
    """Yield the readings of instruments, all of them normal."""
    t = later(hours.start, FIRST_READING)
    while t <= hours.end:
        for row in measured(venue):
            value = round(rng.uniform(row.least, row.most), 1)
            if reservations.is_free("asset", row.name, t):
                yield Draft(
                    t,
                    ReadingRecorded(
                        at=t,
                        asset=row.name,
                        zone=row.zone,
                        quantity=row.quantity,
                        value=value,
                        unit=row.unit,
                    ),
                )
        t = later(t, READ_EVERY.total_seconds())
