"""Who is on call in a team at a time: the person who took the shift, otherwise those in the plan."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.effects import Effects
from monitor.core.events.commands import Relief, StaffOverride, StaffRelease
from monitor.core.events.derived import ChannelDropped, ChannelExpected
from monitor.core.events.monitor_files import MonitorRosterFixed, MonitorRosterTrouble
from monitor.core.phrase import Phrase, RenderPhrase, phrase
from monitor.core.roster import Person, Roster
from monitor.core.state.state import State
from monitor.core.state.timers import OverrideTimer
from monitor.core.transitions import Override, OverrideChanged, StaffAct, StaffRefused
from monitor.core.utc import utc

LONGEST = timedelta(days=7)
"""The longest shift that can be taken; beyond this the plan should change. Judgement."""


class OnCall(NamedTuple):
    """One person on call, the reason, and until when."""

    person: Person
    why: str | Phrase
    until: datetime


def on_call(
    roster: Roster, overrides: Mapping[str, Override], team: str, at: datetime
) -> list[OnCall]:
    """Return who is on call in a team at a time; no one if the plan has a gap."""
    people = roster.by_id
    override = overrides.get(team)
    if override is not None and override.since <= at < override.until:
        person = people.get(override.person)
        if person is not None:
            return [OnCall(person, phrase("shift-taken", who=override.who), override.until)]
    found: dict[str, OnCall] = {}
    for shift in roster.shifts:
        if shift.team == team and shift.starts <= at < shift.ends and shift.person in people:
            one = OnCall(people[shift.person], shift.why, shift.ends)
            known = found.get(shift.person)
            found[shift.person] = one if known is None or known.until < shift.ends else known
    return list(found.values())


def is_on_call(state: State, person: str) -> bool:
    """Return whether a person is on call in any team now."""
    roster, now = state.paging.roster, state.time.now
    return roster is not None and any(
        one.person.id == person
        for team in roster.teams
        for one in on_call(roster, state.paging.overrides, team.id, now)
    )


def take_shift(state: State, command: StaffOverride, effects: Effects) -> None:
    """Put a person on call in a team, or refuse to with the reason."""
    person = command.person or command.who
    reason = objection(state, command)
    if command.until is None or reason is not None:
        _refuse(state, command, reason or phrase("shift-needs-end"), effects)
        return
    now, until = state.time.now, utc(command.until)
    if (taken := state.paging.overrides.get(command.team)) is not None and taken.since > now:
        # What was planned is replaced by the same person's new plan.
        effects.emit(OverrideChanged(at=now, override=taken, ended=True, who=command.who))
    override = Override(
        team=command.team,
        person=person,
        since=begins(command, now),
        until=until,
        who=command.who,
        note=command.note,
    )
    state.paging.overrides[command.team] = override
    effects.emit(OverrideChanged(at=now, override=override, who=command.who, note=command.note))
    effects.wake(OverrideTimer(until, command.team))


def begins(command: StaffOverride, now: datetime) -> datetime:
    """Return from when a person is on call who takes a shift: now, or later."""
    return now if command.since is None else max(now, utc(command.since))


def give_back(state: State, command: StaffRelease, effects: Effects) -> None:
    """End a shift that a person took, or refuse to with the reason."""
    taken = state.paging.overrides.get(command.team)
    if taken is None:
        _refuse(state, command, phrase("shift-not-taken"), effects)
    else:
        _end(state, taken, command.who, command.note, effects)


def on_timer(state: State, timer: OverrideTimer, effects: Effects) -> None:
    """End a shift that a person took, unless it has been taken again since."""
    override = state.paging.overrides.get(timer.team)
    if override is not None and override.until == timer.due:
        _end(state, override, "", phrase("time-ran-out"), effects)


def forget_gone(state: State, roster: Roster | None, effects: Effects) -> None:
    """End the shifts of teams and people that no longer exist."""
    teams = set() if roster is None else {row.id for row in roster.teams}
    people = {} if roster is None else roster.by_id
    for override in list(state.paging.overrides.values()):
        if override.team not in teams or override.person not in people:
            _end(state, override, "", phrase("not-in-roster"), effects)


def troubles(
    before: Roster | None, after: Roster | None, at: datetime, render: RenderPhrase
) -> Iterator[MonitorRosterTrouble | MonitorRosterFixed]:
    """Yield the problems that are new in a roster, and those of the previous one that are solved."""
    was = {} if before is None else {row.sort_key: row for row in before.troubles}
    now = {} if after is None else {row.sort_key: row for row in after.troubles}
    wrong = {(row.kind, row.subject) for row in now.values()}
    for _, row in sorted(was.items()):
        if (row.kind, row.subject) not in wrong:
            yield MonitorRosterFixed(at=at, kind=row.kind, subject=row.subject)
    for key, row in sorted(now.items()):
        if key not in was:
            yield MonitorRosterTrouble(
                at=at,
                kind=row.kind,
                subject=row.subject,
                reason=render(row.reason),
                phrase=row.reason if isinstance(row.reason, Phrase) else None,
            )


def channels(
    before: Roster | None, after: Roster | None, at: datetime
) -> Iterator[ChannelExpected | ChannelDropped]:
    """Yield every channel that a roster names for a person, and every one that it no longer names."""
    was, now = _ways(before), _ways(after)
    for person, channel in sorted(was - now):
        yield ChannelDropped(at=at, person=person, channel=channel)
    for person, channel in sorted(now):
        yield ChannelExpected(at=at, person=person, channel=channel)


def _ways(roster: Roster | None) -> set[tuple[str, str]]:
    people = () if roster is None else roster.people
    return {(person.id, channel) for person in people for channel in person.channels}


def objection(state: State, command: StaffOverride) -> Phrase | None:
    """Return why a shift can't be taken; ``None`` if it can."""
    person = command.person or command.who
    if state.paging.roster is None:
        return phrase("shift-no-roster")
    if command.team not in {row.id for row in state.paging.roster.teams}:
        return phrase("shift-team-unknown", team=command.team)
    if person not in state.paging.roster.by_id:
        return phrase("shift-person-unknown", person=person)
    if command.until is None:
        return phrase("shift-needs-end")
    begin, taken = begins(command, state.time.now), state.paging.overrides.get(command.team)
    if utc(command.until) <= state.time.now:
        return phrase("shift-end-past")
    if utc(command.until) <= begin:
        return phrase("shift-ends-before")
    if taken is not None and _is_in_the_way(taken, person, begin, state.time.now):
        return phrase(
            "shift-in-the-way",
            person=taken.person,
            since=f"{taken.since:%Y-%m-%dT%H:%M:%SZ}",
            until=f"{taken.until:%Y-%m-%dT%H:%M:%SZ}",
        )
    if utc(command.until) - state.time.now > LONGEST:
        return phrase("shift-too-long")
    return None


def _is_in_the_way(taken: Override, person: str, begin: datetime, now: datetime) -> bool:
    """Return whether a shift that was taken would be lost by another: a team has one at a time, now or later.

    One that has begun may be relieved from now on, and a person may plan their own anew.
    """
    if taken.since > now:
        return taken.person != person
    return begin > now


def _end(state: State, override: Override, who: str, note: str | Phrase, effects: Effects) -> None:
    del state.paging.overrides[override.team]
    effects.emit(
        OverrideChanged(at=state.time.now, override=override, ended=True, who=who, note=note)
    )


def _refuse(state: State, command: Relief, reason: Phrase, effects: Effects) -> None:
    act: StaffAct = "override" if isinstance(command, StaffOverride) else "release"
    effects.emit(
        StaffRefused(at=state.time.now, who=command.who, act=act, alert=command.team, reason=reason)
    )
