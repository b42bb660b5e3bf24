"""Which assets are impaired: from the first open impairment of an asset until none of its impairments is open."""

from collections.abc import Iterator
from typing import get_args

from monitor.core.events.derived import AssetImpaired, AssetRestored
from monitor.core.events.work import Action
from monitor.core.state.state import Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED: tuple[type, ...] = get_args(Action)
"""The event types after which it may be otherwise."""


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[AssetImpaired | AssetRestored]:
    """Take an event in whose action is remembered already; yield each asset that is impaired now, or no longer."""
    del places, place
    impaired = {
        row.asset: row.zone
        for row in state.actions.values()
        if row.asset and row.severity == "impairment" and row.stage in ("open", "done")
    }
    before, state.impaired = state.impaired, impaired
    for asset in sorted(impaired.keys() - before.keys()):
        yield AssetImpaired(at=moment.t, asset=asset, zone=impaired[asset])
    for asset in sorted(before.keys() - impaired.keys()):
        yield AssetRestored(at=moment.t, asset=asset, zone=before[asset])
