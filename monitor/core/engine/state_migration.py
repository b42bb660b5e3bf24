"""State migration: which state and which open alerts survive a change of rules."""

from datetime import timedelta

from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.compile.key import SEPARATOR
from monitor.core.engine.context import Context
from monitor.core.engine.last_values import are_remembered
from monitor.core.operators import AbsenceOperator, HoldOperator, Windowed
from monitor.core.phrase import phrase
from monitor.core.rules.model import Rule, each
from monitor.core.state.operators import AbsenceState, HoldState
from monitor.core.state.state import State
from monitor.core.state.timers import RuleTimer


def migrate_state(context: Context, before: CompiledRules) -> None:
    """Delete the state that a change of rules makes void, and close the alerts that no event can end.

    An unchanged rule keeps its state, and so does a rule of which only the limit has changed, in the rule or in
    venue.toml: a door that is already open is measured by the new limit. Any other changed rule starts over, with its
    alerts still open; a rule with a window is warming up until the window has filled again.
    """
    state, lifecycle, after = context.state, context.alerts, context.rules
    gone = _Gone(before, after)
    for rule in _forget(state, before, after, gone):
        _measure(context, before, rule)
    _warm_up(state, before, after)
    for alert in list(state.alerts.open.values()):
        compiled = after.by_id.get(alert.rule)
        if compiled is None:
            lifecycle.withdraw(alert, phrase("rule-not-in-force"))
        elif gone.concerns(compiled.rule, alert.key):
            lifecycle.withdraw(alert, phrase("not-in-venue"))
        elif _changed(alert.rule, before, after):
            if _ends_otherwise(before.by_id.get(alert.rule), compiled):
                lifecycle.withdraw(alert, phrase("rule-changed"))
            else:
                _resume(context, compiled, alert)


def restarted_rules(before: CompiledRules, after: CompiledRules) -> CompiledRules | None:
    """Return the rules and facts that are new or changed, and can learn all they need from the last values.

    A rule that waits for a passage cannot: whether one occurred meanwhile is not stored. ``None``: there are none, or
    these are the very first rules and nothing has arrived yet.
    """
    if not before.rule_set.rules:
        return None
    rules = tuple(
        compiled.rule
        for rule, compiled in after.by_id.items()
        if before.state_fingerprints.get(rule) != after.state_fingerprints[rule]
        and not _begins(rule, before, after)
        and _learns(compiled)
    )
    facts = {
        fact.id
        for fact in after.rule_set.facts
        if fact not in before.rule_set.facts
        and are_remembered(kind for row in (*each(fact.set), *each(fact.clear)) for kind in row.on)
    }
    if not rules and not facts:
        return None
    rule_set = replace(after.rule_set, rules=rules)
    found = CompiledRules(rule_set, event_places=after.event_places)
    found.facts = {
        kind: [row for row in setters if row.fact in facts] for kind, setters in found.facts.items()
    }
    return found


def rules_of_the_phase(before: CompiledRules, after: CompiledRules) -> CompiledRules | None:
    """Return the rules that a change of phase puts in force, and that can learn all they need from the last values.

    Each `match` with an end accepts replayed events there: its event describes what is the case until the end.
    """
    rules = tuple(
        _with_replays(compiled.rule)
        for rule, compiled in after.by_id.items()
        if _begins(rule, before, after) and _learns(compiled)
    )
    if not rules:
        return None
    rule_set = replace(after.rule_set, rules=rules)
    found = CompiledRules(rule_set, event_places=after.event_places)
    found.facts = {}
    return found


def _begins(rule: str, before: CompiledRules, after: CompiledRules) -> bool:
    """Return whether a rule that was there before comes into force with a phase."""
    return rule in after.by_id and rule not in before.by_id and rule in before.fingerprints


def _learns(compiled: CompiledRule) -> bool:
    return are_remembered(
        kind for _, selector in compiled.operator.selectors() for kind in selector.on
    )


def _with_replays(rule: Rule) -> Rule:
    if rule.match is None or rule.match.end is None:
        return rule
    return replace(rule, match=replace(rule.match, replays=True))


def _forget(state: State, before: CompiledRules, after: CompiledRules, gone: "_Gone") -> list[str]:
    """Delete the state that a change makes void; return the rules whose limit may have changed."""
    measured: list[str] = []
    is_same_venue = before.rule_set.venue == after.rule_set.venue
    facts = {fact.id: fact for fact in after.rule_set.facts}
    for fact in before.rule_set.facts:
        if facts.get(fact.id) != fact:
            state.rules.facts.pop(fact.id, None)
    for rule, keys in list(state.rules.keys.items()):
        compiled = after.by_id.get(rule)
        if (
            compiled is None
            or before.state_fingerprints.get(rule) != after.state_fingerprints[rule]
        ):
            del state.rules.keys[rule]
            continue
        if _changed(rule, before, after) or not is_same_venue:
            measured.append(rule)
        for key in [key for key in keys if gone.concerns(compiled.rule, key)]:
            del keys[key]
    return measured


def _measure(context: Context, before: CompiledRules, rule: str) -> None:
    """Measure running holds by the new limit; those that exceed it fire immediately."""
    after = context.rules
    was, now = before.by_id[rule].operator, after.by_id[rule].operator
    if not isinstance(was, HoldOperator | AbsenceOperator) or not isinstance(
        now, HoldOperator | AbsenceOperator
    ):
        return
    for key, row in list(context.state.rules.keys[rule].items()):
        if not isinstance(row, HoldState | AbsenceState) or row.due is None or row.raised:
            continue
        old = was.limit(before.place_of(row.event))
        new = now.limit(after.place_of(row.event))
        if old is not None and new is not None and old != new:
            row.due += new - old
            context.effects.wake(RuleTimer(row.due, rule, key))


def _warm_up(state: State, before: CompiledRules, after: CompiledRules) -> None:
    """Record until when the windows of rules that are new or start over lack earlier events."""
    state.rules.warming = {
        rule: until
        for rule, until in state.rules.warming.items()
        if rule in after.by_id and until > state.time.now
    }
    if not before.rule_set.rules:
        return  # the very first rules lack nothing
    for rule, compiled in after.by_id.items():
        span = _window(compiled.rule)
        if span and (_changed(rule, before, after) or _begins(rule, before, after)):
            state.rules.warming[rule] = state.time.now + span


def _window(rule: Rule) -> timedelta:
    """Return how far back a rule looks."""
    for operator in (rule.count, rule.distinct, rule.sequence, rule.sum):
        if operator is not None:
            return operator.within
    return timedelta(0)


def _changed(rule: str, before: CompiledRules, after: CompiledRules) -> bool:
    return before.fingerprints.get(rule) != after.fingerprints[rule]


class _Gone:
    """The subjects that are no longer in venue.toml."""

    def __init__(self, before: CompiledRules, after: CompiledRules) -> None:
        was, now = before.places, after.places
        self._names = {
            "point": was.points.keys() - now.points.keys(),
            "zone": was.zones.keys() - now.zones.keys(),
            "device": was.devices.keys() - now.devices.keys(),
            "checklist": was.checklists.keys() - now.checklists.keys(),
        }

    def concerns(self, rule: Rule, key: str) -> bool:
        parts = key.split(SEPARATOR) if len(rule.by) > 1 else [key]
        return any(
            part in self._names.get(name, ()) for name, part in zip(rule.by, parts, strict=False)
        )


def _ends_otherwise(before: CompiledRule | None, after: CompiledRule) -> bool:
    return before is None or _ending(before) != _ending(after)


def _ending(compiled: CompiledRule) -> tuple[object, ...]:
    """Return what the end of the rule's alerts depends on."""
    return type(compiled.operator), compiled.rule.by, compiled.operator.latched


def _resume(context: Context, compiled: CompiledRule, alert: Alert) -> None:
    """Start a rule over under an open alert. Only windows end by themselves; other rules wait for an event anyway."""
    if isinstance(compiled.operator, Windowed):
        keys = context.state.rules.keys.setdefault(alert.rule, {})
        for signal in compiled.operator.resume(keys, alert.key, context.alerts.last_at(alert)):
            context.effects.wake(RuleTimer(signal.due, alert.rule, alert.key))
