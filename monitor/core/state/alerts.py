"""Open alerts, and the state that decides whether an alert is raised, shown and cleared."""

from datetime import datetime, timedelta

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.transitions import Mask


class AlertsState(Struct):
    """The alerts that are not closed, and the masks in force."""

    open: dict[str, Alert] = {}
    """By id."""
    kept: dict[str, datetime] = {}
    """By alert: until when it stays active although its condition has ended."""
    stepped: dict[str, timedelta] = {}
    """By alert: by how much our clock was stepped since it last occurred; its own times stay as they were published."""
    cooling: dict[str, datetime] = {}
    """By rule and key, separated by a space: until when no alert is raised."""
    unknown: dict[str, dict[str, None]] = {}
    """By rule: its open alerts about names that are not in the venue file, by id."""
    unknown_names: dict[str, dict[str, None]] = {}
    """By alert about all unknown names of a site: these names."""
    masks: dict[str, Mask] = {}
    """By id."""
