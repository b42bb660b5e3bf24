"""The laws of a change of rules: those that stay don't notice it, and those that begin anew go on from what stands."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.engine.engine import Engine
from monitor.core.engine.last_values import stands
from monitor.core.inputs import Arrival, Input, RosterChanged, RulesChanged, Tick
from monitor.core.operators import build
from monitor.core.rules.model import Hold, Rule, RuleBook, Selector, each
from monitor.core.state.state import LONG_AGO
from tests.support.engine import BOOK, LATENESS
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
OTHERS = st.sampled_from([BOOK, replace(BOOK, rules=(*BOOK.rules, NEVER))])
"""The same rules, or with one more that learns what stands and never fires."""
SECOND = timedelta(seconds=1)


def written_otherwise(rule: Rule) -> Rule:
    """The rule, with one of its selectors twice: it says the same and begins anew."""
    for name, part in (("hold", "start"), ("absence", "after"), ("level", "up"), ("match", "of")):
        operator = getattr(rule, name)
        if operator is not None:
            first = part if getattr(operator, part) is not None else "set"
            rows = each(getattr(operator, first))
            return replace(rule, **{name: replace(operator, **{first: (*rows, rows[0])})})
    raise AssertionError(rule.id)


def goes_on(rule: Rule) -> bool:
    """All that it waits for is remembered, and what it fires on has an end."""
    kinds = [kind for _, row in build(rule, lambda: LONG_AGO).selectors() for kind in row.on]
    has_end = rule.match is not None and rule.match.end is not None
    lasts = has_end or any((rule.hold, rule.absence, rule.level))
    return lasts and stands(kinds)


GOING_ON = {rule.id for rule in BOOK.rules if goes_on(rule)}
ANEW = replace(
    BOOK,
    rules=tuple(written_otherwise(row) if row.id in GOING_ON else row for row in BOOK.rules),
)


def until_the_next_change(inputs: Sequence[Input]) -> list[Input]:
    """The inputs under the rules that come first."""
    others = [n for n, row in enumerate(inputs) if isinstance(row, RulesChanged)]
    return list(inputs[: others[1]] if len(others) > 1 else inputs)


@given(runs(), OTHERS, st.data())
def test_rules_that_stay_do_not_notice(
    inputs: list[Input], book: RuleBook, data: st.DataObject
) -> None:
    """Read again at any time, unchanged or with one more that never fires, they tell what they would have told."""
    cut = data.draw(st.integers(1, len(until_the_next_change(inputs))))
    expected = [changes(told) for told in run(new(), inputs)]
    engine = new()
    run(engine, inputs[:cut])
    again = RulesChanged(received_at=engine.state.now, who="ann", book=book)

    assert changes(engine.step(again)) == []
    assert [changes(told) for told in run(engine, inputs[cut:])] == expected[cut:]


@given(runs(), st.data())
def test_rules_that_begin_anew_go_on_from_what_stands(
    inputs: list[Input], data: st.DataObject
) -> None:
    """The change itself tells nothing, and in the end the same is wrong as without it.

    Of what came too late for its turn only the latest stands: that is left out.
    """
    history = [row for row in until_the_next_change(inputs) if is_in_time(row)]
    cut = data.draw(st.integers(1, len(history)))
    plain, engine = new(), new()
    run(plain, history)
    run(engine, history[:cut])
    told = engine.step(RulesChanged(received_at=engine.state.now, who="ann", book=ANEW))
    run(engine, history[cut:])

    assert [row for row in changes(told) if row.alert.rule in GOING_ON] == []
    assert wrong_in_the_end(engine) == wrong_in_the_end(plain)


def is_in_time(given_: Input) -> bool:
    """It was sent when it arrived, or not much earlier."""
    return not isinstance(given_, Arrival) or all(
        timedelta(0) <= given_.received_at - said.at <= LATENESS for said in given_.events
    )


def wrong_in_the_end(engine: Engine) -> set[tuple[str, str]]:
    """What is wrong, by rule and key, when everything that was waited for has not come for two months."""
    engine.step(Tick(received_at=engine.state.now + SECOND))
    # People would be told of what is open every quarter of an hour.
    engine.step(RosterChanged(received_at=engine.state.now, who="test", roster=None))
    end = engine.state.now + timedelta(days=60)
    while (due := engine.deadline) is not None and due <= end:
        engine.step(Tick(received_at=max(due, engine.state.now)))
    rows = engine.state.alerts.values()
    return {
        (row.rule, row.key) for row in rows if row.rule in GOING_ON and row.condition == "active"
    }
