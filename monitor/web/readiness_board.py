"""The readiness board: each site and zone with its verdict, the reasons in words, and who must act by when."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from monitor.core.events.vocabulary import ReadinessState
from monitor.core.ids import content_id
from monitor.core.readiness.reasons import HOLDS, of_sign_off
from monitor.core.readiness.verdict import GRAVEST_FIRST, as_of, key
from monitor.core.state.work import SignOffState
from monitor.core.transitions import ReadinessStatus, Reason
from monitor.core.venue.model import Site, Zone
from monitor.texts import Language
from monitor.texts.readiness import holds_until, must_act
from monitor.web.findings import Finding, findings_of
from monitor.web.openings import next_opening, opening_in_words
from monitor.web.source import Source
from monitor.web.template import render
from monitor.web.viewer import Viewer
from monitor.web.zone_status import READINESS_MARKS

SignOff = Literal["valid", "possible", "blocked", "not needed"]
"""Whether a zone is signed off; if not, whether it can be, or something else has to be settled first."""


class ReasonRow(Struct, frozen=True, kw_only=True):
    """One reason of a verdict."""

    state: ReadinessState
    what: str
    who: str
    due: str
    is_overdue: bool


class ZoneRow(Struct, frozen=True, kw_only=True):
    """The verdict on one zone."""

    id: str
    name: str
    state: ReadinessState
    reasons: Sequence[ReasonRow]
    opening: str
    has_checklist: bool
    """Whether a checklist is required in the present phase."""
    sign_off: SignOff
    seen: str
    """Stands for the verdict and its reasons: who signs, signs these."""
    findings: Sequence[Finding]
    """What its inspections found, with notes and photos."""


class SiteRow(Struct, frozen=True, kw_only=True):
    """The verdict on one site: that of its gravest zone, or of what belongs to no zone."""

    id: str
    name: str
    state: ReadinessState
    reasons: Sequence[ReasonRow]
    """Those that belong to no zone."""
    zones: Sequence[ZoneRow]
    """The gravest first."""
    opening: str

    @property
    def tally(self) -> Mapping[ReadinessState, int]:
        """The number of zones in each state."""
        found = Counter(zone.state for zone in self.zones)
        return {state: found[state] for state in GRAVEST_FIRST}


def status_of(source: Source, site: str, zone: str = "") -> ReadinessStatus:
    """Return the readiness of a zone or site as of now; what is not known is ``unknown``."""
    found = source.state.readiness.statuses.get(key(site, zone))
    return as_of(found or ReadinessStatus(site=site, zone=zone), source.now())


def sites_of(source: Source, viewer: Viewer, only: str = "") -> list[SiteRow]:
    """Return the sites that a viewer may see, or one of them, the gravest first."""
    sites = [
        _site(source, site, viewer.language)
        for site in source.rule_set.venue.sites
        if only in {"", site.id} and viewer.may("view", site.id)
    ]
    return sorted(sites, key=lambda site: GRAVEST_FIRST.index(site.state))


def part(source: Source, viewer: Viewer, only: str) -> str:
    """Return what a page shows of readiness, as HTML."""
    sites = sites_of(source, viewer, only)
    return render(
        "readiness_sites.html", viewer.language, sites=sites, viewer=viewer, shapes=READINESS_MARKS
    )


def seen_of(status: ReadinessStatus) -> str:
    """Return what stands for a verdict and its reasons."""
    return content_id(msgspec.json.encode(status))


def sign_off_of(source: Source, status: ReadinessStatus) -> SignOff:
    """Return whether a zone is signed off, or can be."""
    if not source.rule_set.venue.readiness.sign_off:
        return "not needed"
    if _signed(source, status).state == "go":
        return "valid"
    return "possible" if obstacle(source, status) is None else "blocked"


def obstacle(source: Source, status: ReadinessStatus) -> Reason | None:
    """Return the gravest reason besides the missing sign-off that forbids to open a zone; ``None`` if there is none."""
    own = _signed(source, status).what
    others = (row for row in status.reasons if row.what != own)
    return next((row for row in others if row.state not in HOLDS), None)


def _signed(source: Source, status: ReadinessStatus) -> Reason:
    return of_sign_off(source.state.work.sign_offs.get(status.zone, SignOffState()))


def _site(source: Source, site: Site, language: Language) -> SiteRow:
    venue, now = source.rule_set.venue, source.now()
    status = status_of(source, site.id)
    zones = [zone for zone in venue.zones if zone.site == site.id]
    rows = [_zone(source, zone, language) for zone in zones]
    return SiteRow(
        id=site.id,
        name=site.name,
        state=status.state,
        reasons=[_reason(source, row, language) for row in status.reasons if _is_own(row)],
        zones=sorted(rows, key=lambda row: GRAVEST_FIRST.index(row.state)),
        opening=opening_in_words(next_opening(venue, zones, now), source, language),
    )


def _is_own(row: Reason) -> bool:
    """Return whether a reason of a site is its own, and sums up none of its zones."""
    return not row.zone and (row.state != "go" or bool(row.certificate))


def _zone(source: Source, zone: Zone, language: Language) -> ZoneRow:
    venue, now = source.rule_set.venue, source.now()
    status = status_of(source, zone.site, zone.id)
    opening = next_opening(venue, [zone], now) if zone.opens_at else None
    return ZoneRow(
        id=zone.id,
        name=zone.name,
        state=status.state,
        reasons=[_reason(source, row, language) for row in status.reasons],
        opening=opening_in_words(opening, source, language) if opening else "",
        has_checklist=has_checklist(source, zone.id),
        sign_off=sign_off_of(source, status),
        seen=seen_of(status),
        findings=findings_of(source, zone.id, language),
    )


def has_checklist(source: Source, zone: str) -> bool:
    """Return whether a zone needs a checklist in the present phase."""
    venue = source.rule_set.venue
    phase = venue.congress.phase
    return any(row.zone == zone and phase in row.phases for row in venue.checklists)


def _reason(source: Source, row: Reason, language: Language) -> ReasonRow:
    names, now = source.writer.names, source.now()
    due_at = _due_at(source, row)
    return ReasonRow(
        state=row.state,
        what=source.writer.reason(row.what, language),
        who=must_act(row, names, language),
        due=_due(source, row, due_at, language),
        is_overdue=due_at is not None and due_at <= now,
    )


def _due_at(source: Source, row: Reason) -> datetime | None:
    """Return by when somebody must have acted; ``None`` if nothing is to be done, or no time is set."""
    action = source.state.work.actions.get(row.action)
    if action is not None and action.due_at is not None:
        return action.due_at
    if row.state in HOLDS:
        return None
    zone = next((zone for zone in source.rule_set.venue.zones if zone.id == row.zone), None)
    opens_at = () if zone is None else zone.opens_at
    return min((at for at in opens_at if at > source.now()), default=None)


def _due(source: Source, row: Reason, due_at: datetime | None, language: Language) -> str:
    timezone = source.writer.names.timezone
    if timezone is None:
        return ""
    if due_at is None:
        return holds_until(row, language, timezone)
    text = language.gettext("due {when}")
    if due_at <= source.now():
        text = language.gettext("OVERDUE since {when}")
    return text.format(when=language.date_time(due_at, timezone))
