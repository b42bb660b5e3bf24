"""What a command of staff needs of the account that gives it: a right, at a site, and for some roles a closer tie."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, assert_never

from monitor.accounts.account import Account, Grant
from monitor.accounts.rights import Right
from monitor.accounts.shift_rights import candidates, is_own
from monitor.accounts.silent_pages import is_paged_silently
from monitor.core.alert import Alert
from monitor.core.engine.commands import Command
from monitor.core.events.commands import (
    LogConfirmed,
    LogHandedOver,
    LogStruck,
    LogWritten,
    Masking,
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffEscalate,
    StaffHandOver,
    StaffMask,
    StaffNote,
    StaffOverride,
    StaffRelease,
    StaffShelve,
    StaffTick,
    StaffUnmask,
    StaffUnshelve,
)
from monitor.core.events.muster import (
    AboutHolders,
    StaffAccountFor,
    StaffAddToMuster,
    StaffLookup,
    StaffMuster,
)
from monitor.core.events.work import Readiness, ReadinessSigned, ReadinessWithdrawn
from monitor.core.oncall.on_call import begins
from monitor.core.phrase import Phrase, phrase
from monitor.core.state.state import State
from monitor.core.transitions import LogEntry
from monitor.core.utc import utc

LONGEST_SHELVING = timedelta(hours=2)
"""The longest shelving by whoever may not mask; judgement: a repair, and not a shift."""
STRIKABLE = timedelta(minutes=15)
"""How long people may strike what they have written; judgement."""
ON_ALERTS: Mapping[type[Staff], Right] = {
    StaffAcknowledge: "act",
    StaffNote: "act",
    StaffHandOver: "act",
    StaffEscalate: "act",
    StaffTick: "act",
    StaffShelve: "shelve",
    StaffUnshelve: "shelve",
    StaffClose: "close",
}
"""The right that each command about an alert needs at the alert's site."""


class Situation(NamedTuple):
    """What is known when a command is given."""

    state: State
    """Knows alerts, masks and shifts."""
    now: datetime
    """The monitor's time, which runs on while nothing happens and the state's stands still."""
    entry_of: Callable[[str], LogEntry | None]
    """Returns an entry of the shift log by its id."""
    members: Callable[[], Mapping[str, frozenset[str]]]
    """Returns the people who take turns in each team, by ids."""


class Objection(NamedTuple):
    """Why an account may not do something."""

    why: Phrase
    right: Right | None
    """The right that would help; ``None``: nobody learns that there is something for which one is missing."""


def objection(
    account: Account, command: Command | Readiness, situation: Situation, at: datetime
) -> Objection | None:
    """Return why an account may not give a command; ``None`` if it may, or if the core refuses it anyway.

    Args:
        account: who gives it. Its name is that of the command, unless it speaks for another person.
        command: what is done.
        situation: what is known.
        at: the time by which grants are valid.

    """
    match command:
        case StaffOverride():
            return _objection_to_override(account, command, situation, at)
        case StaffRelease():
            taken = situation.state.paging.overrides.get(command.team)
            right: Right = "take_shift" if is_own(taken, command.who) else "give_shift"
            return _lacks(account, right, "", at)
        case LogConfirmed():
            entry = situation.entry_of(command.entry)
            return None if entry is None else _lacks(account, "log", entry.site, at)
        case LogStruck():
            return _objection_to_strike(account, command, situation, at)
        case _ if isinstance(command, Staff):
            return _objection_on_alert(account, command, situation, at)
        case _:
            return _lacks(account, *_needed(command, situation.state), at)


def _needed(
    command: Masking | LogWritten | LogHandedOver | AboutHolders | Readiness, state: State
) -> tuple[Right, str]:
    """Return the right that a command needs, and the site."""
    match command:
        case StaffMask() | StaffUnmask():
            return "mask", _masked_site(command, state)
        case ReadinessSigned(zone=zone):
            return "sign_off", _site(state, "", zone, "")
        case ReadinessWithdrawn(zone=zone):
            return "withdraw", _site(state, "", zone, "")
        case LogWritten():
            return "log", _written_site(command, state)
        case LogHandedOver(site=site):
            return "log", site
        case StaffMuster(site=site) | StaffAccountFor(site=site) | StaffAddToMuster(site=site):
            return "lookup", site
        case StaffLookup():
            return "lookup", ""
        case unreachable:
            assert_never(unreachable)


def may_act_on(account: Account, right: Right, alert: Alert, state: State, at: datetime) -> bool:
    """Return whether an account has a right on this alert: at its site, and as closely tied as its role asks."""
    return any(
        _is_tied(grant, right, alert, account.who, state)
        for grant in _at(account, right, alert.site, at)
    )


def _objection_on_alert(
    account: Account, command: Staff, situation: Situation, at: datetime
) -> Objection | None:
    state = situation.state
    alert, right = state.alerts.open.get(command.alert), ON_ALERTS[type(command)]
    if alert is None:
        return None
    if (
        alert.silent
        and not _at(account, "silent", alert.site, at)
        and not is_paged_silently(account, alert, state, at)
    ):
        return Objection(phrase("alert-unknown"), None)
    grants = _at(account, right, alert.site, at)
    if not grants:
        return Objection(phrase("right-missing", right=right), right)
    if not any(_is_tied(grant, right, alert, command.who, state) for grant in grants):
        why = phrase("right-own-agency") if right == "act" else phrase("right-paged")
        return Objection(why, right)
    if not isinstance(command, StaffShelve) or _at(account, "mask", alert.site, at):
        return None
    is_long = utc(command.until) - situation.now > LONGEST_SHELVING
    return Objection(phrase("right-two-hours"), "mask") if is_long else None


def _is_tied(grant: Grant, right: Right, alert: Alert, who: str, state: State) -> bool:
    """Return whether a person is as close to an alert as the role asks that brings the right."""
    match grant.role, right:
        case "engineer", "act":
            roster = state.paging.roster
            person = None if roster is None else roster.by_id.get(who)
            return person is not None and person.agency != "" and person.agency == alert.lead
        case "on_call", "close" | "shelve":
            escalation = state.paging.escalations.get(alert.id)
            return alert.owner == who or (escalation is not None and who in escalation.notified)
        case _:
            return True


def _objection_to_strike(
    account: Account, command: LogStruck, situation: Situation, at: datetime
) -> Objection | None:
    entry = situation.entry_of(command.entry)
    if entry is None or _at(account, "strike", entry.site, at):
        return None
    if entry.who != command.who:
        return Objection(phrase("right-missing", right="strike"), "strike")
    if situation.now - entry.written_at > STRIKABLE:
        return Objection(phrase("right-strike-late"), "strike")
    return _lacks(account, "log", entry.site, at)


def _objection_to_override(
    account: Account, command: StaffOverride, situation: Situation, at: datetime
) -> Objection | None:
    team, who, person = command.team, command.who, command.person or command.who
    members = situation.members().get(team, frozenset())
    begin = begins(command, situation.now)
    allowed = candidates(account, who, team, members, situation.state, begin, at)
    if allowed is None or person in allowed:
        return None
    if (lacking := _lacks(account, "take_shift", "", at)) is not None:
        return lacking
    why = phrase("right-own-team") if person == who else phrase("right-own-shift")
    return Objection(why, "give_shift")


def _lacks(account: Account, right: Right, site: str, at: datetime) -> Objection | None:
    if _at(account, right, site, at):
        return None
    return Objection(phrase("right-missing", right=right), right)


def _at(account: Account, right: Right, site: str, at: datetime) -> list[Grant]:
    """Return the grants that bring a right at a site; what belongs to no site is everyone's who has it anywhere."""
    grants = account.granting(right, at)
    return [grant for grant in grants if not site or grant.site in {"", site}]


def _masked_site(command: StaffMask | StaffUnmask, state: State) -> str:
    if isinstance(command, StaffUnmask):
        mask = state.alerts.masks.get(command.mask)
        return "" if mask is None else _site(state, mask.site, mask.zone, mask.point)
    return _site(state, command.site, command.zone, command.point)


def _written_site(command: LogWritten, state: State) -> str:
    alert = state.alerts.open.get(command.alert)
    return _site(state, command.site, command.zone, "") or ("" if alert is None else alert.site)


def _site(state: State, site: str, zone: str, point: str) -> str:
    """Return the site of a place."""
    venue = state.rule_set.venue
    zone = zone or next((row.zone for row in venue.points if row.id == point), "")
    return site or next((row.site for row in venue.zones if row.id == zone), "")
