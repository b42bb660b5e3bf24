"""What the first word about an action or a report said: later ones need not say it again."""

from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from monitor.core.events import AnyEvent
from monitor.core.events.people import ReportClosed, ReportFiled
from monitor.core.events.work import Action
from monitor.core.state.state import Moment, ReportState, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (ReportFiled,)
"""The event types that are remembered here; actions are remembered for readiness."""
COMPLETED: frozenset[type] = frozenset((*get_args(Action), ReportClosed))
"""The event types that may leave something out."""
MOST = 5_000
"""Reports that are remembered; of more than these the one that was filed longest ago is forgotten."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    """Remember where a report was filed from, and about what; nothing follows from it."""
    del places, place
    said = moment.event
    if isinstance(said, ReportFiled):
        if said.report not in state.reports and len(state.reports) >= MOST:
            del state.reports[next(iter(state.reports))]
        state.reports[said.report] = ReportState(said.zone, said.about)
    yield from ()


def zone_of(state: State, said: AnyEvent) -> str:
    """Return the zone that the first word about an action or a report named; empty for what is not remembered."""
    match said:
        case ReportFiled(report=report) | ReportClosed(report=report) if report in state.reports:
            return state.reports[report].zone
        case _ if isinstance(said, Action) and said.action in state.actions:
            return state.actions[said.action].zone
        case _:
            return ""


def completed(state: State, said: AnyEvent) -> AnyEvent:
    """Return an event with what it leaves out and earlier ones have said."""
    match said:
        case ReportClosed(report=report, zone=zone, about=about) if report in state.reports:
            first = state.reports[report]
            return replace(said, zone=zone or first.zone, about=about or first.about)
        case _ if isinstance(said, Action) and said.action in state.actions:
            known = state.actions[said.action]
            return replace(said, zone=said.zone or known.zone, asset=said.asset or known.asset)
        case _:
            return said
