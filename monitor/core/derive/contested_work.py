"""Which agencies lead open work on one thing: one leads, the others coordinate."""

from collections.abc import Iterator
from typing import get_args

from monitor.core.events.derived import WorkContested, WorkSettled
from monitor.core.events.work import Action
from monitor.core.state.state import ActionState, Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED: tuple[type, ...] = get_args(Action)
"""The event types after which it may be otherwise."""


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[WorkContested | WorkSettled]:
    """Take an event in whose action is remembered; yield on what more than one agency leads now, or no longer."""
    del places, place
    leads: dict[str, set[str]] = {}
    zones: dict[str, set[str]] = {}
    for row in state.actions.values():
        if row.stage == "open" and row.lead and (subject := _subject(row)):
            leads.setdefault(subject, set()).add(row.lead)
            zones.setdefault(subject, set()).add(row.zone)
    contested = {subject: sorted(who) for subject, who in leads.items() if len(who) > 1}
    before, state.contested = state.contested, contested
    for subject in sorted(contested):
        if contested[subject] != before.get(subject):
            yield WorkContested(
                at=moment.t,
                subject=subject,
                leads=", ".join(contested[subject]),
                agencies=len(contested[subject]),
                zone=_the_one(zones[subject] - {""}),
            )
    for subject in sorted(before.keys() - contested.keys()):
        yield WorkSettled(at=moment.t, subject=subject)


def _the_one(names: set[str]) -> str:
    return next(iter(names)) if len(names) == 1 else ""


def _subject(action: ActionState) -> str:
    """Return what an action works on: its asset, or the item of a checklist that failed in its zone."""
    if action.asset:
        return action.asset
    return f"{action.zone} / {action.from_item}" if action.zone and action.from_item else ""
