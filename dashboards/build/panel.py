"""What all kinds of panels have in common; each has a title, a description of what to do, and a text for when there is nothing to show."""

from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DataTransformerConfig

Panel = bargauge.Panel | stat.Panel | statetimeline.Panel | table.Panel | timeseries.Panel
Width = int
"""Of 24."""
BELIEVE = "Only while “Monitor” says ALIVE:"
"""Said by every list without rows: nothing listed may also mean that nothing is measured."""
UNIT = "suffix:"
"""Before a unit that is a text of our own."""
PERCENT = f"{UNIT}% "
"""Before a text of our own behind the sign of percent."""
CAPTION = 24
"""Pixels of the smallest text of a wall of 1920 pixels; twice as many on a screen of 3840 at its scale of 2."""
POINTS = 400
"""Points requested per graph. Grafana rounds the interval between them, so there may be up to three quarters more."""


def link(title: str, url: str, *, new: bool = False) -> DashboardLink:
    """Return a link for a value."""
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url).target_blank(new)


def sorted_by(name: str, *, down: bool = False) -> DataTransformerConfig:
    """Return the transformation that sorts rows by a column."""
    return DataTransformerConfig(
        id_val="sortBy", options={"fields": {}, "sort": [{"field": name, "desc": down}]}
    )
