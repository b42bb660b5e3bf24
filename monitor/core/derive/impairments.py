"""Which assets are impaired: from an asset's first open impairment until none is open."""

from typing import get_args

from monitor.core.effects import Effects
from monitor.core.events.derived import AssetImpaired, AssetRestored
from monitor.core.events.work import Action
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED: tuple[type, ...] = get_args(Action)
"""The event types after which this may change."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive the assets that are now impaired, or no longer; the action is already recorded."""
    del places, place
    impaired = {
        row.asset: row.zone
        for row in state.work.actions.values()
        if row.asset and row.severity == "impairment" and row.stage in ("open", "done")
    }
    before, state.work.impaired = state.work.impaired, impaired
    for asset in sorted(impaired.keys() - before.keys()):
        effects.derive(AssetImpaired(at=timestamped.t, asset=asset, zone=impaired[asset]))
    for asset in sorted(before.keys() - impaired.keys()):
        effects.derive(AssetRestored(at=timestamped.t, asset=asset, zone=before[asset]))
