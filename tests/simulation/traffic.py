"""What the devices and tablets of a day send, and what strangers do: drawn from the seed, apart from its faults."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.simulation.machine import BEGIN

DOORS = ("d1", "d2", "v1", "m1")
FIRE_ZONES = ("arena", "court", "vault")
SITE_OF = {"court": "annex", "x1": "annex"}
CHECKLIST, ITEMS = "check", ("exits-free", "cold-store", "carpet")


LONG_FIRE = 500.0
"""Seconds: a fire for which more is drawn lasts eight times as long."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that a device sends."""

    at: float
    """When it is sent, in seconds since the beginning of the day."""
    topic: str
    fields: dict[str, Any] = field(hash=False)
    is_retained: bool = False

    @property
    def payload(self) -> bytes:
        """What is sent."""
        return json.dumps(self.fields).encode()


def day(rng: Random, seconds: float, *, is_repaired: bool = False) -> list[Sending]:
    """Return what the devices send on a day of some seconds, in order.

    Args:
        rng: draws it.
        seconds: how long the day is.
        is_repaired: whether there are also inspections in which all is well.

    """
    numbers = iter(range(1, 1_000_000))
    found: list[Sending] = []
    for part in (_doors, _turnstile, _counts, _fires, _inspections, _heartbeats, _badges, _cards):
        own = Random(rng.random())
        found += part(own, seconds, numbers)
    if is_repaired:
        found += _repairs(Random(rng.random()), seconds, numbers)
    return sorted(found, key=lambda row: row.at)


def at(seconds: float) -> datetime:
    """Return the true time."""
    return BEGIN + timedelta(seconds=seconds)


def sending(
    sent: float,
    kind: str,
    topic: str,
    number: int,
    happened: float | None = None,
    **fields: object,
) -> Sending:
    """Return an event that a device sends, soon after it has happened."""
    own = at(sent if happened is None else happened)
    content = {"type": kind, "at": own.isoformat(), "id": str(number), **fields}
    return Sending(sent, topic, content)


def _doors(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    for door in DOORS:
        t = rng.uniform(5, 300)
        topic = f"venue/centre/door/{door}"
        while t < seconds - 400:
            alarm = rng.random() < 0.12
            if alarm:
                yield sending(
                    t, "door.alarm", topic, next(numbers), point=door, alarm="forced_open"
                )
            else:
                yield sending(t, "door.opened", topic, next(numbers), point=door)
            t += rng.choice((4.0, 10.0, 25.0, 45.0, 90.0)) * rng.uniform(0.9, 1.1)
            if alarm:
                yield sending(t, "door.alarm", topic, next(numbers), point=door, alarm="normal")
            else:
                yield sending(t, "door.closed", topic, next(numbers), point=door)
            t += rng.uniform(60, 500)


def _turnstile(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    inside, t = 0, rng.uniform(1, 60)
    while t < seconds - 60:
        way = "out" if inside and rng.random() < 0.4 else "in"
        inside += 1 if way == "in" else -1
        topic = "venue/centre/access/g1"
        yield sending(t, "access.taken", topic, next(numbers), point="g1", direction=way)
        t += rng.expovariate(1 / 60) + 1


def _counts(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    t = rng.uniform(1, 200)
    while t < seconds - 60:
        count = rng.randrange(560)
        yield sending(
            t, "zone.count", "venue/centre/zone/arena", next(numbers), zone="arena", count=count
        )
        t += rng.uniform(100, 400)


def _fires(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    for zone in FIRE_ZONES:
        if rng.random() < 0.6:
            t = rng.uniform(300, seconds - 900)
            topic = f"venue/{SITE_OF.get(zone, 'centre')}/emergency/{zone}"
            yield sending(t, "emergency.fire", topic, next(numbers), zone=zone)
            lasts = rng.uniform(60, 600)
            # Some last so long that people have to be paged again and again.
            t = min(t + lasts * (8 if lasts > LONG_FIRE else 1), seconds - 60)
            yield sending(t, "emergency.cleared", topic, next(numbers), zone=zone)


def _inspections(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    """Two officers' tablets: each answer is sent at once, or after an hour without a network."""
    for visit in range(rng.randrange(2, 6)):
        began = rng.uniform(100, seconds - 1200)
        delay = rng.choice((0.0, 0.0, 5.0, 900.0, 2400.0))
        who = rng.choice(("anna", "bao"))
        for place, item in enumerate(ITEMS):
            given = began + 20.0 * place
            value, sent = rng.choice((4.0, 9.0)), min(given + delay + place * 0.5, seconds - 30)
            result = rng.choice(("pass", "pass", "fail"))
            yield _answer(f"visit-{visit}", who, item, given, sent, value, result, next(numbers))


def _repairs(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    """Inspections after which a zone may be approved and signed off."""
    for visit in range(rng.randrange(2, 5)):
        began = rng.uniform(100, seconds - 1200)
        delay, who = rng.choice((0.0, 0.0, 5.0, 900.0)), rng.choice(("anna", "bao"))
        for place, item in enumerate(ITEMS):
            given = began + 20.0 * place
            sent = min(given + delay + place * 0.5, seconds - 30)
            yield _answer(f"repair-{visit}", who, item, given, sent, 4.0, "pass", next(numbers))


def _answer(
    visit: str,
    who: str,
    item: str,
    given: float,
    sent: float,
    value: float,
    result: str,
    number: int,
) -> Sending:
    values: dict[str, object] = {"value": value, "unit": "celsius"}
    return sending(
        sent,
        "inspection.item",
        f"venue/centre/inspection/{CHECKLIST}",
        number,
        happened=sent,
        finished_at=at(given).isoformat(),
        checklist=CHECKLIST,
        inspection=visit,
        inspector=who,
        item=item,
        result=result,
        **(values if item == "cold-store" else {}),
    )


def _heartbeats(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    t, silent_from = rng.uniform(1, 20), rng.uniform(600, seconds)
    while t < seconds - 30:
        if not silent_from < t < silent_from + 200:
            yield sending(
                t, "device.heartbeat", "venue/centre/device/r1", next(numbers), device="r1"
            )
        t += 30


def _badges(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    t = rng.uniform(10, 100)
    while t < seconds - 60:
        for _ in range(rng.choice((1, 1, 2, 6))):
            yield sending(
                t,
                "access.denied",
                "venue/centre/access/d1",
                next(numbers),
                point="d1",
                credential=f"c{rng.randrange(4)}",
                reason="invalid_pin",
            )
            t += rng.uniform(1, 20)
        t += rng.uniform(60, 500)


def _cards(rng: Random, seconds: float, numbers: Iterator[int]) -> Iterator[Sending]:
    """The registries of two sites report the same card at the same time under the same number: two events."""
    t = rng.uniform(10, 600)
    while t < seconds - 60:
        number = next(numbers)
        state = rng.choice(("active", "lost", "disabled"))
        for site in ("centre", "annex"):
            topic = f"venue/{site}/credential/c1"
            yield sending(t, "credential.state", topic, number, credential="c1", state=state)
        t += rng.uniform(300, 1500)
