"""The pages about the venue and the people in it."""

from litestar.handlers import HTTPRouteHandler

from monitor.web.context import Console
from monitor.web.device import device_route
from monitor.web.muster import muster_routes
from monitor.web.people import people_routes
from monitor.web.plan import plan_routes
from monitor.web.point import point_route
from monitor.web.zone import zone_route


def venue_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [
        *plan_routes(console),
        zone_route(console),
        point_route(console),
        device_route(console),
        *people_routes(console),
        *muster_routes(console),
    ]
