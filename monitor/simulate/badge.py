"""Badges: a credential and its holder, both as pseudonyms, as a controller reports them."""

from random import Random
from typing import Any, NamedTuple

from monitor.core.events.vocabulary import Direction, HolderClass
from monitor.core.venue.model import Point


class Badge(NamedTuple):
    """What a person presents at a reader."""

    credential: str
    holder: str
    holder_class: HolderClass


def new_badge(rng: Random, holder_class: HolderClass) -> Badge:
    """Return the badge of a new person."""
    return Badge(f"{rng.getrandbits(64):016x}", f"h-{rng.getrandbits(40):010x}", holder_class)


def shown(badge: Badge, point: Point, direction: Direction = "in") -> dict[str, Any]:
    """Return the fields of an access event in which this badge is presented at this point."""
    return {
        "point": point.id,
        "device": reader(point),
        "direction": direction,
        "credential": badge.credential,
        "holder": badge.holder,
        "holder_class": badge.holder_class,
        "method": "card",
    }


def reader(point: Point) -> str:
    """Return the first device of a point; empty if it has none."""
    return point.devices[0] if point.devices else ""
