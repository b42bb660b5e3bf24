"""Enrichment: later events about an action or a report may omit fields that the first one had."""

from typing import get_args

from msgspec.structs import replace

from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.people import ReportClosed, ReportFiled
from monitor.core.events.work import Action
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import ReportState
from monitor.core.venue.places import Place, Places

FOLLOWED = (ReportFiled,)
"""The event types that are recorded here; actions are recorded for readiness."""
ENRICHED: frozenset[type] = frozenset((*get_args(Action), ReportClosed))
"""The event types that may leave fields out."""
_OF_REPORTS_AND_ACTIONS = ENRICHED.union(FOLLOWED)
MOST = 5_000
"""The limit of reports remembered; beyond it, the oldest is forgotten."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Record where a report was filed from, and about what."""
    del places, place, effects
    event = timestamped.event
    if isinstance(event, ReportFiled):
        if event.report not in state.work.reports and len(state.work.reports) >= MOST:
            del state.work.reports[next(iter(state.work.reports))]
        state.work.reports[event.report] = ReportState(event.zone, event.about)


def zone_of(state: State, event: AnyEvent) -> str:
    """Return the zone that the first event about an action or a report named; empty if none is remembered."""
    if type(event) not in _OF_REPORTS_AND_ACTIONS:
        return ""
    match event:
        case ReportFiled(report=report) | ReportClosed(report=report) if (
            report in state.work.reports
        ):
            return state.work.reports[report].zone
        case _ if isinstance(event, Action) and event.action in state.work.actions:
            return state.work.actions[event.action].zone
        case _:
            return ""


def enriched(state: State, event: AnyEvent) -> AnyEvent:
    """Return an event with the fields that it omits, as far as earlier events had them."""
    match event:
        case ReportClosed(report=report, zone=zone, about=about) if report in state.work.reports:
            first = state.work.reports[report]
            return replace(event, zone=zone or first.zone, about=about or first.about)
        case _ if isinstance(event, Action) and event.action in state.work.actions:
            known = state.work.actions[event.action]
            return replace(event, zone=event.zone or known.zone, asset=event.asset or known.asset)
        case _:
            return event
