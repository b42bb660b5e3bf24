"""Whether each zone and site is ready, as last decided."""

from datetime import datetime

from msgspec import Struct

from monitor.core.transitions import ReadinessStatus


class ReadinessBoard(Struct):
    """The readiness of zones and sites. Keys are site and zone separated by a slash; a site itself has no zone."""

    statuses: dict[str, ReadinessStatus] = {}
    rechecks: dict[str, datetime] = {}
    """By zone, the sites under no name: the earliest time at which it is checked again by a timer."""
    published: dict[str, ReadinessStatus] = {}
    """As last published."""
    unpublished: dict[str, None] = {}
    """Those that have changed since."""
