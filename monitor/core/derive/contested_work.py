"""The agencies that lead open work on one subject: only one should lead, the others coordinate."""

from typing import get_args

from monitor.core.effects import Effects
from monitor.core.events.derived import WorkContested, WorkSettled
from monitor.core.events.work import Action
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import ActionState
from monitor.core.venue.places import Place, Places

FOLLOWED: tuple[type, ...] = get_args(Action)
"""The event types after which this may change."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive the subjects on which more than one agency now leads, or no longer; the action is already recorded."""
    del places, place
    leads: dict[str, set[str]] = {}
    zones: dict[str, set[str]] = {}
    for row in state.work.actions.values():
        if row.stage == "open" and row.lead and (subject := _subject(row)):
            leads.setdefault(subject, set()).add(row.lead)
            zones.setdefault(subject, set()).add(row.zone)
    contested = {subject: sorted(who) for subject, who in leads.items() if len(who) > 1}
    before, state.work.contested = state.work.contested, contested
    for subject in sorted(contested):
        if contested[subject] != before.get(subject):
            effects.derive(
                WorkContested(
                    at=timestamped.t,
                    subject=subject,
                    leads=", ".join(contested[subject]),
                    agencies=len(contested[subject]),
                    zone=_the_one(zones[subject] - {""}),
                )
            )
    for subject in sorted(before.keys() - contested.keys()):
        effects.derive(WorkSettled(at=timestamped.t, subject=subject))


def _the_one(names: set[str]) -> str:
    return next(iter(names)) if len(names) == 1 else ""


def _subject(action: ActionState) -> str:
    """Return the subject of an action: its asset, or the checklist item that failed in its zone."""
    if action.asset:
        return action.asset
    return f"{action.zone} / {action.from_item}" if action.zone and action.from_item else ""
