"""The verdict on a zone, with its reasons: inspections, actions, certificates, impairments and the sign-off.

Each reason has the state that the zone would have if it were the only one; the gravest decides. A zone about
which nothing is known is ``unknown``, and unknown is never a go.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime

from msgspec.structs import asdict, replace

from monitor.core.effects import Effects
from monitor.core.events.derived import ZoneReady
from monitor.core.events.vocabulary import ReadinessState
from monitor.core.phrase import RenderPhrase, phrase, sort_key
from monitor.core.readiness import checklists, reasons, verify_actions
from monitor.core.state.state import State
from monitor.core.state.timers import ReadinessTimer
from monitor.core.state.work import ChecklistState, SignOffState
from monitor.core.transitions import ReadinessChanged, ReadinessStatus, Reason
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.model import Venue, Zone

GRAVEST_FIRST: tuple[ReadinessState, ...] = ("no_go", "unknown", "go_with_conditions", "go")
GONE = Reason(state="unknown", what=phrase("not-in-venue"))
_NOTHING = Reason(state="unknown", what=reasons.NOTHING)
_NO_ZONES = Reason(state="unknown", what=phrase("site-no-zones"))


def key(site: str, zone: str) -> str:
    """Return the key of a zone's readiness; that of a site has no zone."""
    return f"{site}/{zone}"


def assess(  # noqa: PLR0913, PLR0917 - what an assessment rests on
    state: State,
    venue: Venue,
    zones: Iterable[str],
    t: datetime,
    effects: Effects,
    render: RenderPhrase,
) -> None:
    """Assess zones and their sites at a time; derive the verdicts that have changed. An empty name: the sites."""
    changed = set[str]()
    for zone in sorted(zones):
        changed |= _assess_zone(state, venue, zone, t, effects, render)
        due, armed = next_check(state, venue, zone, t), state.readiness.rechecks.get(zone)
        if due is not None and (armed is None or armed <= t or due < armed):
            state.readiness.rechecks[zone] = due
            effects.wake(ReadinessTimer(due, zone))
    if "" in zones:
        changed = {site.id for site in venue.sites}
    if changed:
        _assess_sites(state, venue, changed, t)


def _assess_zone(  # noqa: PLR0913, PLR0917
    state: State, venue: Venue, zone: str, t: datetime, effects: Effects, render: RenderPhrase
) -> set[str]:
    """Assess a zone; return the site that is concerned, if any is."""
    row = next((row for row in venue.zones if row.id == zone), None)
    if row is None:
        return set()
    changed = _put(state, zone, row.site, _zone_reasons(state, venue, zone, t))
    # Once its doors have opened, refer to the next opening.
    if changed or t in row.opens_at:
        effects.derive(_current(state, venue, row, t, render))
        return {row.site}
    return set()


def _assess_sites(state: State, venue: Venue, concerned: Container[str], t: datetime) -> None:
    """Assess sites: all their zones together, and what belongs to no zone."""
    zones = {row.id for row in venue.zones}
    everywhere = list(_standalone(state, venue, zones, t))
    for site in venue.sites:
        if site.id not in concerned:
            continue
        inside = [
            state.readiness.statuses[key(site.id, row.id)]
            for row in venue.zones
            if row.site == site.id and key(site.id, row.id) in state.readiness.statuses
        ]
        rolled_up = list(_rolled_up(venue, inside)) or [_NO_ZONES]
        _put(state, "", site.id, [*everywhere, *rolled_up])


def current(state: State, venue: Venue, t: datetime, render: RenderPhrase) -> list[ZoneReady]:
    """Return the verdict on each zone, for new rules."""
    return [_current(state, venue, row, t, render) for row in venue.zones]


def _current(
    state: State, venue: Venue, zone: Zone, t: datetime, render: RenderPhrase
) -> ZoneReady:
    found = state.readiness.statuses[key(zone.site, zone.id)]
    signed = reasons.of_sign_off(state.work.sign_offs.get(zone.id, SignOffState()))
    return ZoneReady(
        at=t,
        zone=zone.id,
        state=found.state,
        reason=render(found.reasons[0].what),
        signed=signed.state == "go" or not venue.readiness.sign_off,
        life_safety=any(row.life_safety for row in found.reasons),
        opens_at=min((at for at in zone.opens_at if at > t), default=None),
    )


def publish(state: State, effects: Effects) -> bool:
    """Emit the zones and sites whose readiness has changed since last published; return whether there were any."""
    board, found = state.readiness, False
    for name in sorted(board.unpublished):
        status = board.statuses[name]
        if board.published.get(name) != status:
            board.published[name] = status
            effects.emit(ReadinessChanged(at=state.time.now, **asdict(status)))
            found = True
    board.unpublished = {}
    return found


def forget_gone(state: State, venue: Venue) -> None:
    """Set zones and sites that are no longer in venue.toml to unknown."""
    known = {key(row.site, row.id) for row in venue.zones} | {
        key(row.id, "") for row in venue.sites
    }
    for name, status in list(state.readiness.statuses.items()):
        if name not in known:
            _put(state, status.zone, status.site, [GONE])


def next_check(state: State, venue: Venue, zone: str, t: datetime) -> datetime | None:
    """Return when the readiness of a zone next expires; an empty name: of the sites themselves."""
    zones = {row.id for row in venue.zones}
    dues = {
        row.expires_at
        for row in state.work.certificates.values()
        if row.expires_at is not None and (row.zone == zone or (not zone and row.zone not in zones))
    }
    dues |= {at for row in venue.zones if row.id == zone for at in row.opens_at}
    for checklist in _required(venue, zone):
        dues |= checklists.expiries(state, checklist)
    return min((due for due in dues if due > t), default=None)


def as_of(status: ReadinessStatus, now: datetime) -> ReadinessStatus:
    """Return a status as of now: a reason that has expired since no longer counts as a go."""
    expired = [row for row in status.reasons if row.until is not None and row.until <= now]
    if status.state not in reasons.HOLDS or not expired:
        return status
    stale = [
        replace(row, state="unknown", what=phrase("expired-since", what=row.what))
        for row in expired
    ]
    others = [row for row in status.reasons if row not in expired]
    return replace(status, state="unknown", reasons=(*stale, *others))


def _put(state: State, zone: str, site: str, found: Iterable[Reason]) -> bool:
    """Set a status and mark it for publishing; return whether it has changed."""
    # The same reasons give the same status in any order.
    ranked = tuple(sorted(found, key=_gravity)) or (_NOTHING,)
    status = ReadinessStatus(zone=zone, site=site, state=ranked[0].state, reasons=ranked)
    name = key(site, zone)
    if state.readiness.statuses.get(name) == status:
        return False
    state.readiness.statuses[name] = status
    state.readiness.unpublished[name] = None
    return True


def _gravity(row: Reason) -> tuple[int, str, str, str]:
    return GRAVEST_FIRST.index(row.state), row.zone, row.checklist, sort_key(row.what)


# Reasons of a zone ----------------------------------------------------------------------------------------------


def _zone_reasons(state: State, venue: Venue, zone: str, t: datetime) -> Iterator[Reason]:
    for checklist in _required(venue, zone):
        record = state.work.checklists.get(checklist.id, ChecklistState())
        yield from reasons.of_checklist(record, checklist, t, approval=venue.readiness.approval)
    lead, coordinating = _agencies(venue, zone)
    for name, action in state.work.actions.items():
        awaited = verify_actions.awaited_until(state, name)
        if action.zone == zone and (found := reasons.of_action(name, action, awaited)) is not None:
            yield found if found.lead else replace(found, lead=lead, coordinating=coordinating)
    for certificate in state.work.certificates.values():
        if certificate.zone == zone:
            found = reasons.of_certificate(certificate, venue.congress.ends_at, t)
            yield replace(found, zone=zone, lead=lead, coordinating=coordinating)
    if venue.readiness.sign_off:
        signed = reasons.of_sign_off(state.work.sign_offs.get(zone, SignOffState()))
        yield replace(signed, zone=zone, lead=lead, coordinating=coordinating)


# Reasons of a site ----------------------------------------------------------------------------------------------


def _rolled_up(venue: Venue, zones: Iterable[ReadinessStatus]) -> Iterator[Reason]:
    """Yield the gravest reason of each zone that is not a plain go; if all are, yield that."""
    names = {row.id: row.name for row in venue.zones}
    plain: list[ReadinessStatus] = []
    for row in zones:
        if row.state == "go":
            plain.append(row)
            continue
        grave, *others = row.reasons
        more = sum(other.state != "go" for other in others)
        zone = names.get(row.zone, row.zone)
        what = (
            phrase("zone-not-ready-more", zone=zone, what=grave.what, more=more)
            if more
            else phrase("zone-not-ready", zone=zone, what=grave.what)
        )
        until = _holds_until(row) if row.state in reasons.HOLDS else None
        yield replace(grave, zone=row.zone, what=what, until=until)
    if plain:
        until = min(filter(None, map(_holds_until, plain)), default=None)
        named = reasons.listed([names.get(row.zone, row.zone) for row in plain])
        yield Reason(state="go", what=phrase("zones-ready", zones=named), until=until)


def _holds_until(status: ReadinessStatus) -> datetime | None:
    return min((row.until for row in status.reasons if row.until is not None), default=None)


def _standalone(state: State, venue: Venue, zones: set[str], t: datetime) -> Iterator[Reason]:
    """Yield the reasons that belong to no zone of venue.toml: they count for every site."""
    for name, action in state.work.actions.items():
        awaited = verify_actions.awaited_until(state, name)
        found = reasons.of_action(name, action, awaited)
        if action.zone not in zones and found is not None:
            yield found
    for row in state.work.certificates.values():
        if row.zone not in zones:
            yield reasons.of_certificate(row, venue.congress.ends_at, t)


def _required(venue: Venue, zone: str) -> list[Checklist]:
    phase = venue.congress.phase
    return [row for row in venue.checklists if row.zone == zone and phase in row.phases]


def _agencies(venue: Venue, zone: str) -> tuple[str, tuple[str, ...]]:
    """Return the agencies that lead and coordinate in a zone, by its checklists."""
    named = [row.lead for row in venue.checklists if row.zone == zone]
    others = [name for row in venue.checklists if row.zone == zone for name in row.coordinating]
    answers = [row.lead for row in venue.zones if row.id == zone and row.lead]
    first, *rest = dict.fromkeys([*(named or answers), *others]) or ("",)
    return first, tuple(rest)
