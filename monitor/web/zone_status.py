"""How a zone stands, in words: how many are inside and how that is known, its readiness, and its gravest alert."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.events.vocabulary import ReadinessState
from monitor.core.readiness.verdict import key
from monitor.core.state.places import ZoneState
from monitor.core.transitions import ReadinessStatus, ZoneStatus
from monitor.core.venue.model import Zone
from monitor.texts import Language
from monitor.web.open_alerts import AlertRow, alert_row
from monitor.web.source import Source
from monitor.web.viewer import Viewer

READINESS_MARKS: Mapping[ReadinessState, str] = {
    "go": "✓",
    "go_with_conditions": "!",
    "no_go": "✕",
    "unknown": "?",
}
Filling = Literal["unknown", "normal", "near", "over"]
"""How full a zone is; ``near``: within a tenth of its limit."""
NEAR = 0.9


class ZoneRow(Struct, frozen=True, kw_only=True):
    """A zone as a viewer sees it."""

    id: str
    name: str
    inside: str
    """Persons and limit: ``12 / 80``; ``? / 80`` if the number is not known, which is never shown as 0."""
    counted: str
    """How far the number can be relied on."""
    filling: Filling
    percent: int
    readiness: ReadinessState
    mark: str
    ready: str
    """Readiness in words."""
    alerts: int
    gravest: AlertRow | None


def zone_row(source: Source, viewer: Viewer, zone: Zone, alerts: Sequence[Alert]) -> ZoneRow:
    """Return a zone as a row.

    Args:
        source: the running monitor.
        viewer: who reads it.
        zone: the zone.
        alerts: its open alerts that the viewer may see, gravest first.

    """
    language = viewer.language
    state = source.state.places.zones.get(zone.id) or ZoneState(status=ZoneStatus(zone=zone.id))
    readiness = readiness_of(source, zone).state
    number, filling, percent = _inside(zone, state, language)
    return ZoneRow(
        id=zone.id,
        name=zone.name,
        inside=language.inset(f"{number} / {language.number(zone.capacity)}"),
        counted=_counted(zone, state, language),
        filling=filling,
        percent=percent,
        readiness=readiness,
        mark=READINESS_MARKS[readiness],
        ready=language.word(readiness),
        alerts=len(alerts),
        gravest=alert_row(source, viewer, alerts[0]) if alerts else None,
    )


def readiness_of(source: Source, zone: Zone) -> ReadinessStatus:
    """Return the readiness of a zone with its reasons."""
    statuses = source.state.readiness.statuses
    return statuses.get(key(zone.site, zone.id), ReadinessStatus(zone=zone.id, site=zone.site))


def is_known(state: ZoneState) -> bool:
    """Return whether the number inside means anything: a sensor works, or a person has counted."""
    status = state.status
    return status.occupancy is not None and (
        status.sensing != "unmonitored" or state.counted_by == "hand"
    )


def _inside(zone: Zone, state: ZoneState, language: Language) -> tuple[str, Filling, int]:
    status = state.status
    if not is_known(state) or status.occupancy is None:
        return "?", "unknown", 0
    least, most = status.at_least, status.at_most
    number = language.number(status.occupancy)
    if least is not None and most is not None and least != most:
        number = f"{language.number(least)}\N{EN DASH}{language.number(most)}"
    elif least is not None and most is None:
        number = f"≥ {language.number(least)}"
    worst = status.occupancy if most is None else most
    share = worst / zone.capacity
    filling: Filling = "over" if share > 1 else "near" if share >= NEAR else "normal"
    return number, filling, round(100 * share)


def _counted(zone: Zone, state: ZoneState, language: Language) -> str:
    """Return in words how the number inside is known."""
    status = state.status
    if state.counted_by == "hand" and status.occupancy is not None:
        return language.gettext("counted by hand")
    if status.sensing == "unmonitored":
        return language.gettext("unmonitored")
    if zone.counting == "none" or status.occupancy is None:
        return language.gettext("not counted")
    exact = status.at_least == status.at_most or status.at_least is None
    if status.sensing == "partly":
        return language.gettext("partly monitored")
    return language.gettext("counted") if exact else language.gettext("counted, in doubt")
