"""Masks: while work, a schedule or a planned opening makes alerts expected somewhere, they are kept and not shown.

A masked alert is recorded like any other and stands shelved. A mask has an owner, a reason and an end, never hides life
safety, and when it ends what still holds comes back.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import blake2b

from monitor.core.alert import TABLE, Act, Alert, Handling
from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.events.commands import StaffMask, StaffUnmask
from monitor.core.state.state import Timer
from monitor.core.transitions import Mask, MaskChanged, StaffRefused
from monitor.core.utc import utc
from monitor.core.venue.model import Venue

LONGEST = timedelta(days=7)
"""What lasts longer is no mask but another rule; judgement."""


def begin(desk: AlertDesk, said: StaffMask) -> Timer | None:
    """Put a mask in force, or say why not. Return what ends it."""
    state = desk.state
    mask_id = id_of(said)
    reason = _objection(desk, said)
    if said.until is None or reason:
        _refuse(desk, said.who, "mask", mask_id, reason)
        return None
    before = state.masks.get(mask_id)
    mask = Mask(
        id=mask_id,
        what=said.what,
        kind=said.kind,
        point=said.point,
        zone=said.zone,
        site=said.site,
        owner=said.who,
        reason=said.reason,
        since=state.now,
        until=utc(said.until),
    )
    state.masks[mask_id] = mask
    changed = MaskChanged(at=state.now, mask=mask, who=said.who, note=said.reason)
    desk.transitions.append(changed)
    for alert in list(state.alerts.values()):
        is_hidden = before is not None and _is_hidden(alert, before)
        if mask.hides(alert) and (is_hidden or Act.SHELVE in TABLE[alert.standing]):
            desk.hide(alert, mask)
    return Timer(mask.until, "mask", mask_id)


def lift(desk: AlertDesk, said: StaffUnmask) -> None:
    """End a mask before its time, or say why not."""
    mask = desk.state.masks.get(said.mask)
    if mask is None:
        _refuse(desk, said.who, "unmask", said.mask, "no mask has this id")
    else:
        _end(desk, mask, said.who, said.note)


def run_out(desk: AlertDesk, mask_id: str, until: datetime) -> None:
    """The time of a mask has run out, unless another was set since."""
    mask = desk.state.masks.get(mask_id)
    if mask is not None and mask.until == until:
        _end(desk, mask, "", "the time has run out")


def forget_gone(desk: AlertDesk, venue: Venue, rules: Collection[str]) -> None:
    """End the masks of rules and places that there are no more."""
    for mask in list(desk.state.masks.values()):
        if mask.what != "*" and mask.what not in rules:
            _end(desk, mask, "", "the rule is no longer in force")
        elif not _is_known(venue, mask):
            _end(desk, mask, "", "venue.toml no longer has it")


def id_of(said: StaffMask) -> str:
    """Return the id of a mask: the same for the same rule and place."""
    told = f"{said.what}\0{said.point}\0{said.zone}\0{said.site}".encode()
    return blake2b(told, digest_size=4).hexdigest()


def _end(desk: AlertDesk, mask: Mask, who: str, note: str) -> None:
    state = desk.state
    del state.masks[mask.id]
    desk.transitions.append(MaskChanged(at=state.now, mask=mask, ended=True, who=who, note=note))
    for alert in list(state.alerts.values()):
        if not _is_hidden(alert, mask):
            continue
        other = desk.mask_of(alert, state.now)
        if other is None:
            desk.unshelve(alert.id, mask.until, who, note or "the mask has ended")
        else:
            desk.hide(alert, other)


def _is_hidden(alert: Alert, mask: Mask) -> bool:
    """Tell whether an alert is out of sight because of a mask, and not because a person shelved it."""
    return (
        alert.handling is Handling.SHELVED
        and alert.shelved_until == mask.until
        and mask.hides(alert)
    )


def _objection(desk: AlertDesk, said: StaffMask) -> str:
    state, venue = desk.state, desk.state.book.venue
    rule = next((row for row in state.book.rules if row.id == said.what), None)
    places = [name for name in (said.point, said.zone, said.site) if name]
    if not said.reason.strip():
        return "a mask needs a reason"
    if said.until is None:
        return "a mask needs an end"
    if utc(said.until) <= state.now:
        return "the end of the mask is past"
    if utc(said.until) - state.now > LONGEST:
        return "nothing is masked for more than 7 days"
    if len(places) != 1:
        return "a mask is for one point, one zone or one site: name exactly one of them"
    if not _is_known(venue, said):
        return f'venue.toml has no "{places[0]}" of this kind'
    if said.what != "*" and rule is None:
        return f'no rule is called "{said.what}"; write a rule\'s id, or * for all'
    if rule is not None and rule.severity == "life_safety":
        return "life safety can't be masked"
    return ""


def _is_known(venue: Venue, of: Mask | StaffMask) -> bool:
    return (
        any(row.id == of.point for row in venue.points)
        or any(row.id == of.zone for row in venue.zones)
        or any(row.id == of.site for row in venue.sites)
    )


def _refuse(desk: AlertDesk, who: str, act: str, mask_id: str, reason: str) -> None:
    desk.transitions.append(
        StaffRefused(at=desk.state.now, who=who, act=act, alert=mask_id, reason=reason)
    )
