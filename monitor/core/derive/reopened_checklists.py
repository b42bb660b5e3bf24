"""Checklists that are open again, because an asset that they freeze was changed."""

from monitor.core.effects import Effects
from monitor.core.events.derived import ChecklistReopened
from monitor.core.meaning.frozen_asset import REPORTS, changed_asset, frozen_by
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = REPORTS
"""The event types that report a change."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive each checklist that freezes what was changed; the change is already recorded."""
    del places, place
    event = timestamped.event
    for checklist in frozen_by(state.rule_set.venue, event):
        effects.derive(
            ChecklistReopened(
                at=timestamped.t,
                checklist=checklist.id,
                asset=changed_asset(event),
                who=getattr(event, "who", ""),
                what=getattr(event, "what", ""),
            )
        )
