"""The laws of a change of rules: unchanged rules do not notice it, and restarted ones go on from the last values."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.engine.engine import Engine
from monitor.core.engine.last_values import are_remembered
from monitor.core.inputs import Arrival, Input, RosterChanged, RulesChanged, Tick
from monitor.core.operators import build
from monitor.core.rules.model import Hold, Rule, RuleSet, Selector, each
from tests.support.engine import LATENESS, RULE_SET
from tests.support.histories import changes, new, run, runs

NEVER = Rule(
    id="never",
    title="Never",
    severity="low",
    by=("point",),
    hold=Hold(
        start=Selector(on=("door.opened",), where='point == "none"'),
        end=Selector(on=("door.closed",)),
        longer_than="1s",
    ),
    why="judgement",
    do="Nothing.",
)
OTHERS = st.sampled_from([RULE_SET, replace(RULE_SET, rules=(*RULE_SET.rules, NEVER))])
"""The same rules, or with one more that learns the last values and never fires."""
SECOND = timedelta(seconds=1)


def with_a_selector_twice(rule: Rule) -> Rule:
    """The rule with one of its selectors given twice: it means the same, but starts anew."""
    for name, part in (("hold", "start"), ("absence", "after"), ("level", "up"), ("match", "of")):
        operator = getattr(rule, name)
        if operator is not None:
            first = part if getattr(operator, part) is not None else "set"
            rows = each(getattr(operator, first))
            return replace(rule, **{name: replace(operator, **{first: (*rows, rows[0])})})
    raise AssertionError(rule.id)


def can_go_on(rule: Rule) -> bool:
    """Return whether the rule waits only for last values, and its alerts have an end."""
    kinds = [kind for _, row in build(rule).selectors() for kind in row.on]
    has_end = rule.match is not None and rule.match.end is not None
    lasts = has_end or any((rule.hold, rule.absence, rule.level))
    return lasts and are_remembered(kinds)


GOING_ON = {rule.id for rule in RULE_SET.rules if can_go_on(rule)}
ANEW = replace(
    RULE_SET,
    rules=tuple(
        with_a_selector_twice(row) if row.id in GOING_ON else row for row in RULE_SET.rules
    ),
)


def until_the_next_change(inputs: Sequence[Input]) -> list[Input]:
    """The inputs before the next change of rules."""
    others = [n for n, row in enumerate(inputs) if isinstance(row, RulesChanged)]
    return list(inputs[: others[1]] if len(others) > 1 else inputs)


@given(runs(), OTHERS, st.data())
def test_unchanged_rules_do_not_notice(
    inputs: list[Input], rule_set: RuleSet, data: st.DataObject
) -> None:
    """Loading the rules again at any time, unchanged or with another rule that never fires, changes no transition."""
    cut = data.draw(st.integers(1, len(until_the_next_change(inputs))))
    expected = [changes(event) for event in run(new(), inputs)]
    engine = new()
    run(engine, inputs[:cut])
    again = RulesChanged(received_at=engine.state.time.now, who="ann", rule_set=rule_set)

    assert changes(engine.step(again)) == []
    assert [changes(event) for event in run(engine, inputs[cut:])] == expected[cut:]


@given(runs(), st.data())
def test_restarted_rules_go_on_from_the_last_values(
    inputs: list[Input], data: st.DataObject
) -> None:
    """The change itself raises nothing, and in the end the same alerts are open as without it.

    Events that arrive after the watermark are left out: of these only the latest value is kept.
    """
    history = [row for row in until_the_next_change(inputs) if is_in_time(row)]
    cut = data.draw(st.integers(1, len(history)))
    plain, engine = new(), new()
    run(plain, history)
    run(engine, history[:cut])
    found = engine.step(RulesChanged(received_at=engine.state.time.now, who="ann", rule_set=ANEW))
    run(engine, history[cut:])

    assert [row for row in changes(found) if row.alert.rule in GOING_ON] == []
    assert open_in_the_end(engine) == open_in_the_end(plain)


def is_in_time(given_: Input) -> bool:
    """Return whether the input was sent when it arrived, or not much earlier."""
    return not isinstance(given_, Arrival) or all(
        timedelta(0) <= given_.received_at - event.at <= LATENESS for event in given_.events
    )


def open_in_the_end(engine: Engine) -> set[tuple[str, str]]:
    """The open alerts by rule and key after two months without the awaited events."""
    engine.step(Tick(received_at=engine.state.time.now + SECOND))
    # With people on call, open alerts would be paged again every quarter of an hour.
    engine.step(RosterChanged(received_at=engine.state.time.now, who="test", roster=None))
    end = engine.state.time.now + timedelta(days=60)
    while (due := engine.deadline) is not None and due <= end:
        engine.step(Tick(received_at=max(due, engine.state.time.now)))
    rows = engine.state.alerts.open.values()
    return {
        (row.rule, row.key) for row in rows if row.rule in GOING_ON and row.condition == "active"
    }
