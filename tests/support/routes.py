"""The console's routes, for tests that walk all of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from litestar import Litestar
from litestar.routes import HTTPRoute

from monitor.core.alerts.masks import id_of
from monitor.core.events.commands import Logging, LogHandedOver, LogStruck, LogWritten, StaffMask
from tests.support.pipeline import START, PipelineHarness

ENDLESS = "/live"
"""A response that does not end by itself."""
THE_MASK = StaffMask(
    at=START,
    who="anna",
    what="door-forced",
    point="g1",
    until=START + timedelta(days=1),
    reason="repair",
)
THE_LOG: Sequence[Logging] = (
    LogHandedOver(at=START, who="someone", text="gate 3 opens by hand", site="centre"),
    LogWritten(at=START, who="someone", text="gate 2 closed", site="centre"),
    LogStruck(at=START, who="someone", entry="2", reason="it was gate 3"),
)
NAMES: Mapping[str, str] = {
    "site": "centre",
    "zone": "hall",
    "point": "d1",
    "device": "r1",
    "inspection": "v1",
    "mask": id_of(THE_MASK),
    "person": "anna",
    "team": "guards",
    "entry": "1",
}
"""What there is at the congress centre after `furnish`, by the name of the parameter of a route."""


def routes(app: Litestar) -> Iterator[tuple[str, str, str]]:
    """Yield the method, path and right of each route."""
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in handler.http_methods - {"OPTIONS"}:
                yield str(method), route.path, handler.opt["right"]


def furnish(line: PipelineHarness) -> None:
    """Make what routes can be about, but no alert."""
    line.pipeline.record(THE_MASK, f"console/{THE_MASK.who}", "mask")
    for number, event in enumerate(THE_LOG):
        line.pipeline.record(event, f"console/{event.who}", f"log {number}")


def address(path: str, alert: str) -> str:
    """Return an address of a route: of this alert and of existing places; whatever else it names does not exist."""
    return re.sub(
        r"{(\w+):\w+}", lambda found: NAMES.get(found[1], "x"), path.replace("{own:str}", alert)
    )


def is_at_centre(path: str) -> bool:
    """Whether `address` names something at the congress centre."""
    places = ("site", "zone", "point", "device", "mask", "entry")
    return path.startswith("/alerts/{own:str}") or any(f"{{{name}:" in path for name in places)
