"""Whether a zone is ready, and why: derived from inspections, actions, certificates, impairments and the sign-off.

Every reason says what the zone would be if this were all; the gravest decides. A zone of which nothing is known is
``unknown``, and unknown is never a go.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import asdict, replace

from monitor.core.events.derived import ZoneReady
from monitor.core.events.vocabulary import ReadinessState
from monitor.core.readiness import checklists as inspection
from monitor.core.readiness import reasons
from monitor.core.state.state import ChecklistState, SignOff, State
from monitor.core.transitions import ReadinessChanged, ReadinessStanding, Reason
from monitor.core.venue.model import Checklist, Venue, Zone

GRAVEST_FIRST: tuple[ReadinessState, ...] = ("no_go", "unknown", "go_with_conditions", "go")
GONE = Reason(state="unknown", what="venue.toml no longer has it")
_NOTHING = Reason(state="unknown", what="nothing is known: no checklist, no sign-off")
_NO_ZONES = Reason(state="unknown", what="no zone of this site is known")


def key(site: str, zone: str) -> str:
    """Return under which name a zone's readiness is kept; a site's has no zone."""
    return f"{site}/{zone}"


def look_at_zone(state: State, venue: Venue, zone: str, t: datetime) -> ZoneReady | None:
    """Put down how ready a zone is at a time; return it if it is news."""
    row = next((row for row in venue.zones if row.id == zone), None)
    if row is None:
        return None
    is_news = _put(state, zone, row.site, _zone_reasons(state, venue, zone, t))
    # That its doors have opened is news too: the next opening is another one.
    return _told(state, venue, row, t) if is_news or t in row.opens_at else None


def look_at_sites(state: State, venue: Venue, t: datetime) -> None:
    """Put down how ready the sites are: all their zones together, and what belongs to no zone."""
    zones = {row.id for row in venue.zones}
    everywhere = list(_standalone(state, venue, zones, t))
    for site in venue.sites:
        inside = [
            state.readiness[key(site.id, row.id)]
            for row in venue.zones
            if row.site == site.id and key(site.id, row.id) in state.readiness
        ]
        rolled_up = list(_rolled_up(inside)) or [_NO_ZONES]
        _put(state, "", site.id, [*everywhere, *rolled_up])


def told(state: State, venue: Venue, t: datetime) -> list[ZoneReady]:
    """Return how ready each zone is: for rules that have not heard of it yet."""
    return [_told(state, venue, row, t) for row in venue.zones]


def _told(state: State, venue: Venue, zone: Zone, t: datetime) -> ZoneReady:
    found = state.readiness[key(zone.site, zone.id)]
    signed = reasons.of_sign_off(state.sign_offs.get(zone.id, SignOff()))
    return ZoneReady(
        at=t,
        zone=zone.id,
        state=found.state,
        reason=found.reasons[0].what,
        signed=signed.state == "go" or not venue.readiness.sign_off,
        life_safety=any(row.life_safety for row in found.reasons),
        opens_at=min((at for at in zone.opens_at if at > t), default=None),
    )


def publish(state: State) -> list[ReadinessChanged]:
    """Return what has changed since this was asked last."""
    changed: list[ReadinessChanged] = []
    for name in state.ready_unpublished:
        standing = state.readiness[name]
        if state.ready_published.get(name) != standing:
            state.ready_published[name] = standing
            changed.append(ReadinessChanged(at=state.now, **asdict(standing)))
    state.ready_unpublished = {}
    return changed


def forget_gone(state: State, venue: Venue) -> None:
    """Say of zones and sites that the venue no longer has that nothing is known of them."""
    known = {key(row.site, row.id) for row in venue.zones} | {
        key(row.id, "") for row in venue.sites
    }
    for name, standing in list(state.readiness.items()):
        if name not in known:
            _put(state, standing.zone, standing.site, [GONE])


def next_look(state: State, venue: Venue, zone: str, t: datetime) -> datetime | None:
    """Return when something expires next on which the readiness of a zone rests; of none: of the sites themselves."""
    zones = {row.id for row in venue.zones}
    dues = {
        row.expires_at
        for row in state.certificates.values()
        if row.expires_at is not None and (row.zone == zone or (not zone and row.zone not in zones))
    }
    dues |= {at for row in venue.zones if row.id == zone for at in row.opens_at}
    for checklist in _required(venue, zone):
        dues |= inspection.expiries(state, checklist)
    return min((due for due in dues if due > t), default=None)


def as_of(standing: ReadinessStanding, now: datetime) -> ReadinessStanding:
    """Return a standing as it is to be read now: what has expired since it was written down is no go any more."""
    expired = [row for row in standing.reasons if row.until is not None and row.until <= now]
    if standing.state not in reasons.HOLDS or not expired:
        return standing
    stale = [replace(row, state="unknown", what=f"expired since: {row.what}") for row in expired]
    others = [row for row in standing.reasons if row not in expired]
    return replace(standing, state="unknown", reasons=(*stale, *others))


def _put(state: State, zone: str, site: str, found: Iterable[Reason]) -> bool:
    """Put a standing down and have it published; return whether it is another than before."""
    # Whatever the order in which things were said, the same things are the same standing.
    ranked = tuple(sorted(found, key=_gravity)) or (_NOTHING,)
    standing = ReadinessStanding(zone=zone, site=site, state=ranked[0].state, reasons=ranked)
    name = key(site, zone)
    if state.readiness.get(name) == standing:
        return False
    state.readiness[name] = standing
    state.ready_unpublished[name] = None
    return True


def _gravity(row: Reason) -> tuple[int, str, str, str]:
    return GRAVEST_FIRST.index(row.state), row.zone, row.checklist, row.what


# Reasons of a zone ----------------------------------------------------------------------------------------------


def _zone_reasons(state: State, venue: Venue, zone: str, t: datetime) -> Iterator[Reason]:
    for checklist in _required(venue, zone):
        record = state.checklists.get(checklist.id, ChecklistState())
        yield from reasons.of_checklist(record, checklist, t, approval=venue.readiness.approval)
    lead, coordinating = _agencies(venue, zone)
    for name, action in state.actions.items():
        if action.zone == zone and (found := reasons.of_action(name, action)) is not None:
            yield found if found.lead else replace(found, lead=lead, coordinating=coordinating)
    for certificate in state.certificates.values():
        if certificate.zone == zone:
            found = reasons.of_certificate(certificate, venue.congress.ends_at, t)
            yield replace(found, zone=zone, lead=lead, coordinating=coordinating)
    if venue.readiness.sign_off:
        signed = reasons.of_sign_off(state.sign_offs.get(zone, SignOff()))
        yield replace(signed, zone=zone, lead=lead, coordinating=coordinating)


# Reasons of a site ----------------------------------------------------------------------------------------------


def _rolled_up(zones: Iterable[ReadinessStanding]) -> Iterator[Reason]:
    """Yield the gravest reason of each zone that is no plain go, or that all are."""
    plain: list[ReadinessStanding] = []
    for row in zones:
        if row.state == "go":
            plain.append(row)
            continue
        grave, *others = row.reasons
        more = sum(other.state != "go" for other in others)
        what = f"{row.zone}: {grave.what}" + (f" (and {more} more)" if more else "")
        until = _holds_until(row) if row.state in reasons.HOLDS else None
        yield replace(grave, zone=row.zone, what=what, until=until)
    if plain:
        until = min(filter(None, map(_holds_until, plain)), default=None)
        named = reasons.listed([row.zone for row in plain])
        yield Reason(state="go", what=f"ready: {named}", until=until)


def _holds_until(standing: ReadinessStanding) -> datetime | None:
    return min((row.until for row in standing.reasons if row.until is not None), default=None)


def _standalone(state: State, venue: Venue, zones: set[str], t: datetime) -> Iterator[Reason]:
    """Yield what belongs to no zone that the venue knows: it counts for every site."""
    for name, action in state.actions.items():
        if action.zone not in zones and (found := reasons.of_action(name, action)) is not None:
            yield found
    for row in state.certificates.values():
        if row.zone not in zones:
            yield reasons.of_certificate(row, venue.congress.ends_at, t)


def _required(venue: Venue, zone: str) -> list[Checklist]:
    phase = venue.congress.phase
    return [row for row in venue.checklists if row.zone == zone and phase in row.phases]


def _agencies(venue: Venue, zone: str) -> tuple[str, tuple[str, ...]]:
    """Return who leads in a zone, and who takes part, as its checklists say."""
    named = [row.lead for row in venue.checklists if row.zone == zone]
    others = [name for row in venue.checklists if row.zone == zone for name in row.coordinating]
    answers = [row.lead for row in venue.zones if row.id == zone and row.lead]
    first, *rest = dict.fromkeys([*(named or answers), *others]) or ("",)
    return first, tuple(rest)
