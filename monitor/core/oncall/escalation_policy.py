"""Who must hear of an alert: which ladder takes it, and whom a step of it tells at a time, each with the reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from monitor.core.alert import Alert
from monitor.core.oncall.on_call import on_call
from monitor.core.roster import COORDINATING, LEAD, Ladder, Roster, Step
from monitor.core.transitions import Override

HOLDS_FOR = timedelta(minutes=15)
"""So long «mine» holds for life safety and critical alerts, if their ladder doesn't say otherwise; judgement."""


def ladder_of(roster: Roster, alert: Alert) -> Ladder | None:
    """Return the first ladder that takes an alert."""
    return next((row for row in roster.ladders if takes(row, alert)), None)


def takes(ladder: Ladder, alert: Alert) -> bool:
    """Tell whether a ladder takes an alert."""
    return (
        ladder.silent == alert.silent
        and (not ladder.sites or alert.site in ladder.sites)
        and (not ladder.zones or alert.zone in ladder.zones)
        and (not ladder.severities or alert.severity in ladder.severities)
        and (not ladder.leads or alert.lead in ladder.leads)
        and (not ladder.rules or any(names_rule(row, alert.rule) for row in ladder.rules))
    )


def names_rule(pattern: str, rule: str) -> bool:
    """Tell whether a ladder's ``rules`` mean a rule: by its id, or by how that begins and a ``*``."""
    return rule.startswith(pattern[:-1]) if pattern.endswith("*") else rule == pattern


def rung(roster: Roster, ladder: Ladder, step: int) -> Step:
    """Return a step of a ladder, from 0; beyond the last one the fallback.

    What is silent stays among those whom its ladder names: there the last step is the fallback.
    """
    if step < len(ladder.steps):
        return ladder.steps[step]
    fallback = roster.fallback
    tell = ladder.steps[-1].tell if ladder.silent else fallback.tell
    return Step(tell=tell, wait=fallback.every)


def holds_for(ladder: Ladder, alert: Alert) -> timedelta:
    """Return how long an acknowledgement holds; 0 for good."""
    if ladder.acknowledged_for is not None:
        return ladder.acknowledged_for
    return HOLDS_FOR if alert.severity in ("life_safety", "critical") else timedelta(0)


def told(
    roster: Roster,
    overrides: Mapping[str, Override],
    tell: Iterable[str],
    alert: Alert,
    at: datetime,
) -> dict[str, str]:
    """Return the ids of those whom a step tells at a time, each with the reason; nobody who has no channel."""
    found: dict[str, str] = {}
    for name in tell:
        match name:
            case _ if name == LEAD:
                _at_agencies(found, roster, overrides, {alert.lead: "leads"}, at)
            case _ if name == COORDINATING:
                agencies = dict.fromkeys(alert.coordinating, "takes part")
                _at_agencies(found, roster, overrides, agencies, at)
            case _ if name.startswith("@"):
                for one in on_call(roster, overrides, name[1:], at):
                    found.setdefault(one.person.id, f"on call in {name[1:]}")
            case _:
                found.setdefault(name, "named")
    people = roster.by_id
    return {name: why for name, why in found.items() if name in people and people[name].channels}


def _at_agencies(
    found: dict[str, str],
    roster: Roster,
    overrides: Mapping[str, Override],
    agencies: Mapping[str, str],
    at: datetime,
) -> None:
    """Add who is on call in the teams of agencies."""
    for agency, part in agencies.items():
        for team in roster.teams:
            if agency and team.agency == agency:
                for one in on_call(roster, overrides, team.id, at):
                    why = f"on call in {team.id}, since {agency} {part}"
                    found.setdefault(one.person.id, why)
