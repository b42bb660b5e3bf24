"""Who is on call in a team at a time: whoever took the shift, otherwise those for whom the plan has it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.events.commands import Relief, StaffOverride, StaffRelease
from monitor.core.events.derived import ChannelDropped, ChannelExpected
from monitor.core.events.monitor import MonitorRosterMended, MonitorRosterTrouble
from monitor.core.roster import Person, Roster
from monitor.core.state.state import Timer
from monitor.core.transitions import Override, OverrideChanged, StaffRefused
from monitor.core.utc import utc

LONGEST = timedelta(days=7)
"""What lasts longer belongs into the plan; judgement."""


class OnCall(NamedTuple):
    """One person, why, and until when."""

    person: Person
    why: str
    until: datetime


def on_call(
    roster: Roster, overrides: Mapping[str, Override], team: str, at: datetime
) -> list[OnCall]:
    """Return who is on call in a team at a time; nobody if the plan has a gap."""
    people = roster.by_id
    override = overrides.get(team)
    if override is not None and override.since <= at < override.until:
        person = people.get(override.person)
        if person is not None:
            return [OnCall(person, f"took the shift ({override.who})", override.until)]
    found: dict[str, OnCall] = {}
    for shift in roster.shifts:
        if shift.team == team and shift.starts <= at < shift.ends and shift.person in people:
            one = OnCall(people[shift.person], shift.why, shift.ends)
            known = found.get(shift.person)
            found[shift.person] = one if known is None or known.until < shift.ends else known
    return list(found.values())


def relieve(desk: AlertDesk, said: Relief) -> Timer | None:
    """Let somebody take a shift or give it back, or say why not. Return what ends it."""
    state = desk.state
    if isinstance(said, StaffRelease):
        held = state.overrides.get(said.team)
        if held is None:
            _refuse(desk, said, "nobody has taken a shift in this team")
        else:
            _end(desk, held, said.who, said.note)
        return None
    person = said.person or said.who
    reason = _objection(desk, said, person)
    if said.until is None or reason:
        _refuse(desk, said, reason)
        return None
    override = Override(
        team=said.team,
        person=person,
        since=state.now,
        until=utc(said.until),
        who=said.who,
        note=said.note,
    )
    state.overrides[said.team] = override
    changed = OverrideChanged(at=state.now, override=override, who=said.who, note=said.note)
    desk.transitions.append(changed)
    return Timer(override.until, "override", said.team)


def run_out(desk: AlertDesk, team: str, until: datetime) -> None:
    """The time of an override has run out, unless somebody took the shift again since."""
    override = desk.state.overrides.get(team)
    if override is not None and override.until == until:
        _end(desk, override, "", "the time has run out")


def forget_gone(desk: AlertDesk, roster: Roster | None) -> None:
    """End the overrides of teams and people that there are no more."""
    teams = set() if roster is None else {row.id for row in roster.teams}
    people = {} if roster is None else roster.by_id
    for override in list(desk.state.overrides.values()):
        if override.team not in teams or override.person not in people:
            _end(desk, override, "", "roster.toml no longer has it")


def troubles(
    before: Roster | None, after: Roster | None, at: datetime
) -> Iterator[MonitorRosterTrouble | MonitorRosterMended]:
    """Yield what is wrong with a roster and was not with the one before, and what is not any more."""
    was = set() if before is None else set(before.troubles)
    now = set() if after is None else set(after.troubles)
    wrong = {(row.kind, row.subject) for row in now}
    for row in sorted(was - now):
        if (row.kind, row.subject) not in wrong:
            yield MonitorRosterMended(at=at, kind=row.kind, subject=row.subject)
    for row in sorted(now - was):
        yield MonitorRosterTrouble(at=at, kind=row.kind, subject=row.subject, reason=row.reason)


def channels(
    before: Roster | None, after: Roster | None, at: datetime
) -> Iterator[ChannelExpected | ChannelDropped]:
    """Yield every way to reach somebody that a roster names, and those that it names no more."""
    was, now = _ways(before), _ways(after)
    for person, channel in sorted(was - now):
        yield ChannelDropped(at=at, person=person, channel=channel)
    for person, channel in sorted(now):
        yield ChannelExpected(at=at, person=person, channel=channel)


def _ways(roster: Roster | None) -> set[tuple[str, str]]:
    people = () if roster is None else roster.people
    return {(person.id, channel) for person in people for channel in person.channels}


def _objection(desk: AlertDesk, said: StaffOverride, person: str) -> str:
    state = desk.state
    if state.roster is None:
        return "there is no roster: config.toml names none in [files] roster"
    if said.team not in {row.id for row in state.roster.teams}:
        return "roster.toml has no such team"
    if person not in state.roster.by_id:
        return f'roster.toml has no person "{person}"'
    if said.until is None:
        return "a shift that is taken needs an end"
    if utc(said.until) <= state.now:
        return "the end of the shift is past"
    if utc(said.until) - state.now > LONGEST:
        return "nobody takes a shift for more than 7 days: put it into the plan"
    return ""


def _end(desk: AlertDesk, override: Override, who: str, note: str) -> None:
    del desk.state.overrides[override.team]
    desk.transitions.append(
        OverrideChanged(at=desk.state.now, override=override, ended=True, who=who, note=note)
    )


def _refuse(desk: AlertDesk, said: Relief, reason: str) -> None:
    act = "override" if isinstance(said, StaffOverride) else "release"
    desk.transitions.append(
        StaffRefused(at=desk.state.now, who=said.who, act=act, alert=said.team, reason=reason)
    )
