"""Masks: alerts expected at a place, because of work or a planned opening, are recorded but not shown.

A masked alert is shelved. A mask has an owner, a reason and an end, and never hides life safety. When it ends, alerts
that are still active are shown again.
"""

from datetime import datetime, timedelta
from typing import assert_never

from monitor.core.alert import TABLE, Act, Alert, Handling
from monitor.core.alerts.command_check import stranger
from monitor.core.alerts.lifecycle import RAN_OUT, AlertLifecycle
from monitor.core.effects import Effects
from monitor.core.events.commands import Masking, StaffMask, StaffUnmask
from monitor.core.ids import derived_id
from monitor.core.phrase import Phrase, phrase
from monitor.core.state.state import State
from monitor.core.state.timers import MaskTimer
from monitor.core.transitions import Mask, MaskChanged, StaffAct, StaffRefused
from monitor.core.utc import utc
from monitor.core.venue.model import Venue

LONGEST = timedelta(days=7)
"""The longest mask; beyond this the rule should change. Judgement."""


def execute(lifecycle: AlertLifecycle, command: Masking, effects: Effects) -> None:
    """Execute a command, or refuse it with the reason."""
    match command:
        case StaffMask():
            begin(lifecycle, command, effects)
        case StaffUnmask():
            lift(lifecycle, command, effects)
        case _:
            assert_never(command)


def begin(lifecycle: AlertLifecycle, command: StaffMask, effects: Effects) -> None:
    """Put a mask in force, or refuse it with the reason."""
    state = lifecycle.state
    mask_id = id_of(command)
    reason = objection(state, command)
    if command.until is None or reason is not None:
        _refuse(state, command, mask_id, reason or phrase("mask-needs-end"), effects)
        return
    mask = _mask(command, state.time.now, utc(command.until))
    to_hide = affected(state, mask)
    state.alerts.masks[mask_id] = mask
    site = site_of(mask, state.rule_set.venue)
    changed = MaskChanged(
        at=state.time.now, mask=mask, who=command.who, note=command.reason, site=site
    )
    effects.emit(changed)
    for alert in to_hide:
        lifecycle.hide(alert, mask)
    effects.wake(MaskTimer(mask.until, mask_id))


def preview(state: State, command: StaffMask) -> list[Alert] | Phrase:
    """Return the open alerts that a mask would hide at once, or why it would be refused."""
    reason = objection(state, command)
    if command.until is None or reason is not None:
        return reason or phrase("mask-needs-end")
    return affected(state, _mask(command, state.time.now, utc(command.until)))


def affected(state: State, mask: Mask) -> list[Alert]:
    """Return the open alerts that a mask hides when it is put in force; one at its place may be in force already."""
    before = state.alerts.masks.get(mask.id)
    return [
        alert
        for alert in state.alerts.open.values()
        if mask.hides(alert)
        and (Act.SHELVE in TABLE[alert.status] or (before is not None and is_hidden(alert, before)))
    ]


def lift(lifecycle: AlertLifecycle, command: StaffUnmask, effects: Effects) -> None:
    """End a mask early, or refuse to with the reason."""
    mask = lifecycle.state.alerts.masks.get(command.mask)
    if mask is None:
        _refuse(lifecycle.state, command, command.mask, phrase("mask-unknown"), effects)
    else:
        _end(lifecycle, mask, command.who, command.note, effects)


def on_timer(lifecycle: AlertLifecycle, timer: MaskTimer, effects: Effects) -> None:
    """End a mask, unless another one has replaced it since."""
    mask = lifecycle.state.alerts.masks.get(timer.mask)
    if mask is not None and mask.until == timer.due:
        _end(lifecycle, mask, "", RAN_OUT, effects)


def forget_gone(lifecycle: AlertLifecycle, effects: Effects) -> None:
    """End the masks of rules and places that no longer exist."""
    rule_set = lifecycle.state.rule_set
    rules = {row.id for row in rule_set.rules}
    for mask in list(lifecycle.state.alerts.masks.values()):
        if mask.what != "*" and mask.what not in rules:
            _end(lifecycle, mask, "", phrase("rule-not-in-force"), effects)
        elif not _is_known(rule_set.venue, mask):
            _end(lifecycle, mask, "", phrase("not-in-venue"), effects)


def id_of(command: StaffMask) -> str:
    """Return the id of a mask: the same for the same rule and place."""
    return derived_id(command.what, command.point, command.zone, command.site, size=4)


def site_of(mask: Mask, venue: Venue) -> str:
    """Return the site of a mask's place; empty if the venue does not know the place."""
    zone = mask.zone or next((row.zone for row in venue.points if row.id == mask.point), "")
    return mask.site or next((row.site for row in venue.zones if row.id == zone), "")


def _end(
    lifecycle: AlertLifecycle, mask: Mask, who: str, note: str | Phrase, effects: Effects
) -> None:
    state = lifecycle.state
    del state.alerts.masks[mask.id]
    site = site_of(mask, state.rule_set.venue)
    effects.emit(
        MaskChanged(at=state.time.now, mask=mask, ended=True, who=who, note=note, site=site)
    )
    for alert in list(state.alerts.open.values()):
        if not is_hidden(alert, mask):
            continue
        other = lifecycle.mask_of(alert, state.time.now)
        if other is None:
            lifecycle.end_shelving(alert.id, mask.until, who, note or phrase("mask-ended"))
        else:
            lifecycle.hide(alert, other)


def is_hidden(alert: Alert, mask: Mask) -> bool:
    """Return whether an alert is shelved because of a mask, and not by a person."""
    return (
        alert.handling is Handling.SHELVED
        and alert.shelved_until == mask.until
        and mask.hides(alert)
    )


def objection(state: State, command: StaffMask) -> Phrase | None:
    """Return why a mask is refused; ``None`` if it is not."""
    if command.until is None:
        return phrase("mask-needs-end")
    return _objection(state, command, utc(command.until)) or stranger(state, command.who)


def _mask(command: StaffMask, since: datetime, until: datetime) -> Mask:
    return Mask(
        id=id_of(command),
        what=command.what,
        kind=command.kind,
        point=command.point,
        zone=command.zone,
        site=command.site,
        owner=command.who,
        reason=command.reason,
        since=since,
        until=until,
    )


def _objection(state: State, command: StaffMask, until: datetime) -> Phrase | None:
    venue = state.rule_set.venue
    rule = next((row for row in state.rule_set.rules if row.id == command.what), None)
    places = [name for name in (command.point, command.zone, command.site) if name]
    if not command.reason.strip():
        return phrase("mask-needs-reason")
    if until <= state.time.now:
        return phrase("mask-end-past")
    if until - state.time.now > LONGEST:
        return phrase("mask-too-long")
    if len(places) != 1:
        return phrase("mask-needs-one-place")
    if not _is_known(venue, command):
        return phrase("mask-place-unknown", place=places[0])
    if command.what != "*" and rule is None:
        return phrase("mask-rule-unknown", rule=command.what)
    if rule is not None and rule.severity == "life_safety":
        return phrase("mask-life-safety")
    return None


def _is_known(venue: Venue, of: Mask | StaffMask) -> bool:
    return (
        any(row.id == of.point for row in venue.points)
        or any(row.id == of.zone for row in venue.zones)
        or any(row.id == of.site for row in venue.sites)
    )


def _refuse(
    state: State, command: StaffMask | StaffUnmask, mask_id: str, reason: Phrase, effects: Effects
) -> None:
    act: StaffAct = "mask" if isinstance(command, StaffMask) else "unmask"
    effects.emit(
        StaffRefused(at=state.time.now, who=command.who, act=act, alert=mask_id, reason=reason)
    )
