"""Escalation policies: which one applies to an alert, and whom a step notifies at a time, with the reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from monitor.core.alert import Alert
from monitor.core.oncall.on_call import on_call
from monitor.core.phrase import Phrase, phrase
from monitor.core.phrase_ids import PhraseId
from monitor.core.roster import (
    COORDINATING,
    LEAD,
    NO_ROSTER,
    EscalationPolicy,
    EscalationStep,
    Roster,
)
from monitor.core.state.paging import EscalationState
from monitor.core.state.state import State
from monitor.core.transitions import Override

_PART: PhraseId = "on-call-coordinating"
HOLDS_FOR = timedelta(minutes=15)
"""How long an acknowledgement of life safety and critical alerts holds unless the policy sets it; judgement."""


def policy_for(roster: Roster, alert: Alert) -> EscalationPolicy | None:
    """Return the first policy that applies to an alert."""
    return next((row for row in roster.policies if takes(row, alert)), None)


def takes(policy: EscalationPolicy, alert: Alert) -> bool:
    """Return whether a policy applies to an alert."""
    return (
        policy.silent == alert.silent
        and (not policy.sites or alert.site in policy.sites)
        and (not policy.zones or alert.zone in policy.zones)
        and (not policy.severities or alert.severity in policy.severities)
        and (not policy.leads or alert.lead in policy.leads)
        and (not policy.rules or any(names_rule(row, alert.rule) for row in policy.rules))
    )


def names_rule(pattern: str, rule: str) -> bool:
    """Return whether an entry of a policy's ``rules`` names a rule: by its id, or by a prefix followed by ``*``."""
    return rule.startswith(pattern[:-1]) if pattern.endswith("*") else rule == pattern


def step_of(roster: Roster, policy: EscalationPolicy, step: int) -> EscalationStep:
    """Return a step of a policy, from 0; beyond the last one the fallback.

    Silent alerts stay with the people named by their policy: its last step is also the fallback.
    """
    if step < len(policy.steps):
        return policy.steps[step]
    fallback = roster.fallback
    notify = policy.steps[-1].notify if policy.silent else fallback.notify
    return EscalationStep(notify=notify, wait=fallback.every)


def next_step(state: State, alert: Alert, escalation: EscalationState) -> int | None:
    """Return the next step that reaches someone at present, from 0; ``None`` if none is left, the fallback included."""
    paging, t = state.paging, state.time.now
    roster = paging.roster or NO_ROSTER
    policy = next((row for row in roster.policies if row.id == escalation.policy), None)
    if policy is None or not policy.steps:
        return None
    # The fallback of a silent alert is its last step again.
    ends = len(policy.steps) + (not policy.silent)
    for step in range(escalation.step + bool(escalation.times), ends):
        notify = step_of(roster, policy, step).notify
        if recipients(roster, paging.overrides, notify, alert, t):
            return step
    return None


def objection_to_escalation(state: State, alert: Alert) -> Phrase | None:
    """Return why an alert can't be escalated further; ``None`` if it can."""
    if state.paging.roster is None:
        return phrase("shift-no-roster")
    escalation = state.paging.escalations.get(alert.id)
    if escalation is None:
        return phrase("escalate-no-policy")
    if next_step(state, alert, escalation) is not None:
        return None
    if not escalation.notified:
        return phrase("escalate-no-step")
    return phrase("escalate-no-step-notified", people=", ".join(escalation.notified))


def holds_for(policy: EscalationPolicy, alert: Alert) -> timedelta:
    """Return how long an acknowledgement holds; 0: indefinitely."""
    if policy.acknowledged_for is not None:
        return policy.acknowledged_for
    return HOLDS_FOR if alert.severity in ("life_safety", "critical") else timedelta(0)


def recipients(
    roster: Roster,
    overrides: Mapping[str, Override],
    notify: Iterable[str],
    alert: Alert | None,
    at: datetime,
) -> dict[str, Phrase]:
    """Return the ids of the people whom a step notifies at a time, each with the reason; only those with a channel.

    Without an alert, no agency leads or coordinates.
    """
    found: dict[str, Phrase] = {}
    for name in notify:
        match name:
            case _ if name == LEAD:
                leads: dict[str, PhraseId] = {} if alert is None else {alert.lead: "on-call-lead"}
                _at_agencies(found, roster, overrides, leads, at)
            case _ if name == COORDINATING:
                agencies = dict.fromkeys(() if alert is None else alert.coordinating, _PART)
                _at_agencies(found, roster, overrides, agencies, at)
            case _ if name.startswith("@"):
                for one in on_call(roster, overrides, name[1:], at):
                    found.setdefault(one.person.id, phrase("on-call", team=_team(roster, name[1:])))
            case _:
                found.setdefault(name, phrase("named"))
    people = roster.by_id
    return {name: why for name, why in found.items() if name in people and people[name].channels}


def _team(roster: Roster, team: str) -> str:
    """Return the name of a team; its id if it has none."""
    return next((row.name for row in roster.teams if row.id == team and row.name), team)


def _at_agencies(
    found: dict[str, Phrase],
    roster: Roster,
    overrides: Mapping[str, Override],
    agencies: Mapping[str, PhraseId],
    at: datetime,
) -> None:
    """Add the people on call in the teams of agencies."""
    for agency, part in agencies.items():
        for team in roster.teams:
            if agency and team.agency == agency:
                for one in on_call(roster, overrides, team.id, at):
                    why = phrase(part, team=team.name or team.id, agency=agency)
                    found.setdefault(one.person.id, why)
