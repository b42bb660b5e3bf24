"""The places of a large venue: the work grows as the venue does, and no faster."""

from functools import partial

from monitor.core.venue.model import Congress, Device, Point, Site, Venue, Zone
from monitor.core.venue.places import Places
from tests.support.steps import CountedId, steps


def venue(points: int) -> Venue:
    """A venue with a device at each point, every fiftieth a gateway, and twenty points to a zone."""
    zones = max(1, points // 20)
    return Venue(
        congress=Congress(id="summit", name="Summit"),
        sites=(Site(id="s", name="S", kind="venue"),),
        zones=tuple(
            Zone(id=CountedId(f"z{n}"), name="Z", site="s", capacity=9, area_m2=90.0)
            for n in range(zones)
        ),
        points=tuple(
            Point(
                id=CountedId(f"p{n}"),
                name="P",
                kind="door",
                zone=CountedId(f"z{n % zones}"),
                devices=(CountedId(f"d{n}"),),
            )
            for n in range(points)
        ),
        devices=tuple(
            Device(
                id=CountedId(f"d{n}"),
                name="D",
                gateway=CountedId(f"d{n - n % 50}") if n % 50 else "",
            )
            for n in range(points)
        ),
    )


def test_ten_times_the_points_take_ten_times_the_steps() -> None:
    """A venue of 10,000 points and devices starts in seconds: nothing looks at every device for every other."""
    few, many = venue(300), venue(3_000)
    assert steps(partial(Places, many)) < 12 * steps(partial(Places, few))


def test_a_gateway_monitors_what_the_devices_behind_it_do() -> None:
    """Each device once, in the order of the venue file; each zone with the devices at its points."""
    places = Places(venue(100))
    assert places.behind("d50") == tuple(f"d{n}" for n in range(51, 100))
    assert places.chain("d7") == ("d7", "d0")
    assert places.sensors["z3"] == tuple(f"d{n}" for n in range(3, 100, 5))
    assert places.senses["d7"] == ("z2",)
    assert places.senses["d0"] == ("z0", "z1", "z2", "z3", "z4")
