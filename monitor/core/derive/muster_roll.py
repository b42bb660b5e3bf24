"""The roll of a muster: who was inside when it began, and who has reported since, by badge, by hand, or by leaving."""

from datetime import datetime

from msgspec.structs import replace

from monitor.core.ids import digest
from monitor.core.state.people import MusterRoll, Reported, RollEntry
from monitor.core.state.state import State


def begin(state: State, site: str, t: datetime, *, drill_by: str = "") -> None:
    """Begin a roll of everyone inside a site; one from before is replaced, since everyone has to report anew."""
    state.people.rolls[site] = MusterRoll(
        since=t,
        drill_by=drill_by,
        entries={
            holder: RollEntry(seen.zone, seen.at)
            for holder, seen in state.people.holders.items()
            if seen.site == site and seen.zone
        },
    )


def end(state: State, site: str, t: datetime) -> None:
    """End a roll: it stays readable until the next one begins, and people may still be ticked off."""
    roll = state.people.rolls.get(site)
    if roll is not None and roll.over_at is None:
        roll.over_at = t


def key_of(name: str) -> str:
    """Return the key of a person without a badge on a roll: no holder's pseudonym."""
    return f"name-{digest(' '.join(name.casefold().split()).encode(), size=8).hex()}"


def add(roll: MusterRoll, name: str, zone: str, t: datetime, who: str) -> None:
    """Put a person without a badge on a roll."""
    roll.entries[key_of(name)] = RollEntry(zone, t, name=name.strip(), added_by=who)


def report(state: State, holder: str, reported: Reported) -> None:
    """Record on every roll that a holder has reported, unless that is known."""
    for roll in state.people.rolls.values():
        entry = roll.entries.get(holder)
        if entry is not None and entry.reported is None and reported.at >= roll.since:
            roll.entries[holder] = replace(entry, reported=reported)
