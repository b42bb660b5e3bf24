"""Who is on call in a team from now on: the plan and the shift that was taken, one stretch of time after the other."""

from collections.abc import Mapping
from datetime import datetime
from itertools import chain, islice, pairwise
from typing import NamedTuple

from msgspec.structs import replace

from monitor.core.oncall.on_call import OnCall, on_call
from monitor.core.roster import Roster
from monitor.core.transitions import Override

MOST = 500
"""Changes of one team that are looked at; more than two an hour for a week is no plan for people. Judgement."""


class Stretch(NamedTuple):
    """A time in which the same people are on call, for the same reasons."""

    begins: datetime
    ends: datetime
    on_call: tuple[OnCall, ...]
    """No one: the plan has a gap."""
    is_open: bool = False
    """It reaches the end of the time that was asked about, so it may go on."""

    def has(self, person: str) -> bool:
        """Return whether a person is on call in it."""
        return any(one.person.id == person for one in self.on_call)


def shift_plan(
    roster: Roster, overrides: Mapping[str, Override], team: str, begin: datetime, end: datetime
) -> list[Stretch]:
    """Return who is on call in a team between two times, without a break."""
    shifts = tuple(
        row for row in roster.shifts if row.team == team and row.starts < end and row.ends > begin
    )
    own = replace(roster, shifts=shifts)
    times = [(row.starts, row.ends) for row in shifts]
    if team in overrides:
        times.append((overrides[team].since, overrides[team].until))
    changes = sorted({at for at in chain.from_iterable(times) if begin < at < end})
    found: list[Stretch] = []
    for begins, ends in pairwise([begin, *islice(changes, MOST), end]):
        people = tuple(on_call(own, overrides, team, begins))
        if found and _same(found[-1].on_call, people):
            found[-1] = found[-1]._replace(ends=ends)
        else:
            found.append(Stretch(begins, ends, people))
    found[-1] = found[-1]._replace(is_open=True)
    return found


def _same(before: tuple[OnCall, ...], after: tuple[OnCall, ...]) -> bool:
    """Return whether the same people are on call for the same reasons; the ends of their shifts may differ."""
    return {one.person.id: one.why for one in before} == {one.person.id: one.why for one in after}
