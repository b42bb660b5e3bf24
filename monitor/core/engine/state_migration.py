"""One rule book follows another: what of the memory and of the open alerts stays, and what goes."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.compile.compiled_rules import SEPARATOR, Ruleset, Runner
from monitor.core.engine.last_values import stands
from monitor.core.operators import AbsenceOperator, HoldOperator, Windowed
from monitor.core.operators.base import Clock
from monitor.core.rules.model import Rule, each
from monitor.core.state.state import Awaited, Held, State, Timer


def succeed(state: State, desk: AlertDesk, before: Ruleset, after: Ruleset) -> Iterator[Timer]:
    """Forget what a change of rules makes void, and close the alerts that nothing could end any more.

    A rule that is the same keeps its memory, and so does one of which only the limit is another, in the rule or in the
    venue file: the door that stands open is measured by the new one. Any other change begins anew, under the alerts
    that are open; a rule with a window says so until that has filled again.

    Yields:
        The timers that alerts which stay open, and conditions that last, need from now on.

    """
    gone = _Gone(before, after)
    kept = _forget(state, before, after, gone)
    for rule in kept:
        yield from _measure(state, before, after, rule)
    _warm_up(state, before, after)
    for alert in list(state.alerts.values()):
        runner = after.runners.get(alert.rule)
        if runner is None:
            desk.withdraw(alert, "the rule is no longer in force")
        elif gone.speaks_of(runner.rule, alert.key):
            desk.withdraw(alert, "venue.toml no longer has it")
        elif _changed(alert.rule, before, after):
            if _ends_otherwise(before.runners.get(alert.rule), runner):
                desk.withdraw(alert, "the rule was changed: it ends in another way now")
            else:
                yield from _resume(state, runner, alert)


def begun_anew(before: Ruleset, after: Ruleset, clock: Clock) -> Ruleset | None:
    """Return the rules and facts that are new or changed, and can learn all that they need from what stands.

    A rule that waits for a passage can't: whether that has come meanwhile nobody knows any more. ``None``: there are
    none; or they are the very first, and nothing has come in yet.
    """
    if not before.book.rules:
        return None
    rules = tuple(
        runner.rule
        for rule, runner in after.runners.items()
        if before.memories.get(rule) != after.memories[rule]
        and stands(kind for _, selector in runner.operator.selectors() for kind in selector.on)
    )
    facts = {
        fact.id
        for fact in after.book.facts
        if fact not in before.book.facts
        and stands(kind for row in (*each(fact.set), *each(fact.clear)) for kind in row.on)
    }
    if not rules and not facts:
        return None
    found = Ruleset(replace(after.book, rules=rules), clock)
    found.facts = {
        kind: [row for row in setters if row.fact in facts] for kind, setters in found.facts.items()
    }
    return found


def _forget(state: State, before: Ruleset, after: Ruleset, gone: "_Gone") -> list[str]:
    """Forget what a change makes void; return the rules that may be measured by another limit from now on."""
    measured: list[str] = []
    is_same_venue = before.book.venue == after.book.venue
    facts = {fact.id: fact for fact in after.book.facts}
    for fact in before.book.facts:
        if facts.get(fact.id) != fact:
            state.facts.pop(fact.id, None)
    for rule, keys in list(state.keys.items()):
        runner = after.runners.get(rule)
        if runner is None or before.memories.get(rule) != after.memories[rule]:
            del state.keys[rule]
            continue
        if _changed(rule, before, after) or not is_same_venue:
            measured.append(rule)
        for key in [key for key in keys if gone.speaks_of(runner.rule, key)]:
            del keys[key]
    return measured


def _measure(state: State, before: Ruleset, after: Ruleset, rule: str) -> Iterator[Timer]:
    """Measure what lasts already by the new limit; what is over it already is so at once."""
    was, now = before.runners[rule].operator, after.runners[rule].operator
    if not isinstance(was, HoldOperator | AbsenceOperator) or not isinstance(
        now, HoldOperator | AbsenceOperator
    ):
        return
    for key, row in list(state.keys[rule].items()):
        if not isinstance(row, Held | Awaited) or row.due is None or row.raised:
            continue
        old = was.limit(before.place_of(row.event))
        new = now.limit(after.place_of(row.event))
        if old is not None and new is not None and old != new:
            row.due += new - old
            yield Timer(row.due, "rule", rule, key)


def _warm_up(state: State, before: Ruleset, after: Ruleset) -> None:
    """Note until when the windows of rules that are new or begin anew lack what came in before."""
    state.warming = {
        rule: until
        for rule, until in state.warming.items()
        if rule in after.runners and until > state.now
    }
    if not before.book.rules:
        return  # the very first rules: nothing has come in that they could lack
    for rule, runner in after.runners.items():
        span = _window(runner.rule)
        if span and _changed(rule, before, after):
            state.warming[rule] = state.now + span


def _window(rule: Rule) -> timedelta:
    """Return how far back a rule looks."""
    for operator in (rule.count, rule.distinct, rule.sequence, rule.sum):
        if operator is not None:
            return operator.within
    return timedelta(0)


def _changed(rule: str, before: Ruleset, after: Ruleset) -> bool:
    return before.signatures.get(rule) != after.signatures[rule]


class _Gone:
    """What the venue no longer has."""

    def __init__(self, before: Ruleset, after: Ruleset) -> None:
        was, now = before.places, after.places
        self._names: Mapping[str, set[str]] = {
            "point": was.points.keys() - now.points.keys(),
            "zone": was.zones.keys() - now.zones.keys(),
            "device": was.devices.keys() - now.devices.keys(),
            "checklist": was.checklists.keys() - now.checklists.keys(),
        }

    def speaks_of(self, rule: Rule, key: str) -> bool:
        parts = key.split(SEPARATOR) if len(rule.by) > 1 else [key]
        return any(
            part in self._names.get(name, ()) for name, part in zip(rule.by, parts, strict=False)
        )


def _ends_otherwise(before: Runner | None, after: Runner) -> bool:
    return before is None or _ending(before) != _ending(after)


def _ending(runner: Runner) -> tuple[object, ...]:
    """Return what the end of the rule's alerts depends on."""
    return type(runner.operator), runner.rule.by, runner.operator.latched


def _resume(state: State, runner: Runner, alert: Alert) -> Iterator[Timer]:
    """Begin anew under an open alert. Only windows end by themselves; the others wait for an event in any case."""
    if isinstance(runner.operator, Windowed):
        window, wake = runner.operator.resume(alert.last_at)
        state.keys.setdefault(alert.rule, {})[alert.key] = window
        yield Timer(wake.due, "rule", alert.rule, alert.key)
