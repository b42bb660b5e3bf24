"""Frozen assets: what an event has changed, and which checklists freeze it."""

from collections.abc import Iterator

from monitor.core.events import AnyEvent
from monitor.core.events.device import ConfigChanged
from monitor.core.events.work import ActionDone, AssetChanged
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.model import Venue

REPORTS: tuple[type, ...] = (AssetChanged, ConfigChanged, ActionDone)
"""The event types that report a change."""


def changed_asset(event: AnyEvent) -> str:
    """Return the asset that an event reports as changed; empty if it reports no change. Work on it is a change."""
    match event:
        case AssetChanged(asset=asset) | ActionDone(asset=asset):
            return asset
        case ConfigChanged(device=device):
            return device
        case _:
            return ""


def frozen_by(venue: Venue, event: AnyEvent) -> Iterator[Checklist]:
    """Yield the checklists that freeze what an event has changed."""
    asset = changed_asset(event)
    if asset:
        yield from (row for row in venue.checklists if asset in row.freezes)
