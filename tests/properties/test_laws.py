"""The laws of the core, with the shipped rules: what must not change the result, whatever happens."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.alert import TABLE, Alert, Change, Handling
from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.decode import decode, topic_of
from monitor.core.identity import identity
from monitor.core.inputs import Arrival, Input, RosterChanged, Tick
from monitor.core.state import snapshot
from monitor.core.transitions import AlertChanged, Transition
from tests.support.engine import RULE_SET, START, at
from tests.support.histories import (
    BUSY,
    CLOSE,
    GAPS,
    HAPPENINGS,
    IN_TIME,
    Sent,
    arrivals,
    changes,
    kinds,
    made_event,
    messages,
    new,
    restarted,
    run,
    run_with_clock,
    runs,
)

ON_ARRIVAL = {name for name, row in CompiledRules(RULE_SET).by_id.items() if row.at_once}
"""They fire before the order is known."""


def flat(seen: Iterable[Iterable[Transition]]) -> list[Transition]:
    """All transitions of all inputs."""
    return [row for rows in seen for row in rows]


# Same inputs, same transitions ----------------------------------------------------------------------------------


@given(runs())
def test_same_inputs_same_transitions(inputs: list[Input]) -> None:
    """For the same history, transitions and state are the same."""
    first, second = new(), new()

    assert run(first, inputs) == run(second, inputs)
    assert snapshot.encode(first.state) == snapshot.encode(second.state)


@given(runs(), st.data())
def test_a_restart_anywhere_changes_nothing(inputs: list[Input], data: st.DataObject) -> None:
    """Stopped after any input and restored from its snapshot, the engine gives the same transitions."""
    cut = data.draw(st.integers(0, len(inputs)))
    whole = new()
    expected = run(whole, inputs)
    before = new()
    run(before, inputs[:cut])
    after = restarted(before)

    assert run(after, inputs[cut:]) == expected[cut:]
    assert restarted(after).state == restarted(whole).state


@given(runs(), st.data())
def test_idle_ticks_may_be_dropped(inputs: list[Input], data: st.DataObject) -> None:
    """After any snapshot, ticks without effect can be left out without changing anything else."""
    cut = data.draw(st.integers(0, len(inputs)))
    whole, rest = new(), new()
    seen = run(whole, inputs)
    run(rest, inputs[:cut])
    kept = [
        (given, event)
        for given, event in zip(inputs[cut:], seen[cut:], strict=True)
        if event or not isinstance(given, Tick)
    ]

    assert run(restarted(rest), [given for given, _ in kept]) == [event for _, event in kept]


# Networks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", range(len(BUSY)))
@given(st.data())
def test_arrival_in_any_order_within_the_lateness(family: int, data: st.DataObject) -> None:
    """However slow each message was, the same alerts are raised and cleared at the same times."""
    history = data.draw(messages(BUSY[family], gaps=CLOSE if family else GAPS))
    delays = data.draw(st.lists(IN_TIME, min_size=len(history), max_size=len(history)))
    other = [
        row._replace(arrived=row.happened + delay)
        for row, delay in zip(history, delays, strict=True)
    ]
    first, second = (
        changes(run_with_clock(new(RULE_SET), arrivals(rows)))
        for rows in (together(history, other), together(other, history))
    )

    assert in_order(first) == in_order(second)
    assert on_arrival(first) == on_arrival(second)


def together(history: list[Sent], other: list[Sent]) -> list[Sent]:
    """The history, with its last message no earlier than the other's, so that both end at one time."""
    last = max((row.arrived for row in [*history, *other]), default=0.0)
    quiet = made_event({"type": "door.closed", "point": "d2"}, last + 10)
    return [*history, Sent(quiet, last + 10, last + 10)]


def in_order(seen: Iterable[AlertChanged]) -> list[tuple[object, ...]]:
    """The last state of each alert of rules that run in order, without the time at which the monitor knew."""
    last = {row.alert.id: row.alert for row in seen if row.alert.rule not in ON_ARRIVAL}
    return sorted(
        (
            *(row.rule, row.key, row.title, row.condition, row.handling, row.occurrences),
            *(row.happened_at, row.last_at, row.cleared_at or START),
        )
        for row in last.values()
    )


def on_arrival(seen: Iterable[AlertChanged]) -> tuple[list[str], Counter[str]]:
    """The open alerts of the other rules at the end, and how often each change occurred, whatever its count."""
    rows = [row for row in seen if row.alert.rule in ON_ARRIVAL]
    last = {f"{row.alert.rule}: {row.alert.key}": row.alert for row in rows}
    still = sorted(f"{key} {row.condition}" for key, row in last.items() if row.is_open)
    again = (Change.RAISED, Change.RECURRED, Change.RETURNED)
    times = Counter(f"{row.alert.rule}: {row.alert.key}" for row in rows if row.change in again)
    return still, times


@given(messages(delays=st.sampled_from([0.0, 1.0, 2.0, 60.0])), st.data())
def test_a_repeated_message_changes_nothing(history: list[Sent], data: st.DataObject) -> None:
    """A repeated message changes nothing, now or much later, retained or not."""
    again = data.draw(
        st.lists(
            st.tuples(st.sampled_from([0.0, 1.0, 30.0, 5000.0]), st.booleans()),
            min_size=len(history),
            max_size=len(history),
        )
    )
    copies = [
        row._replace(arrived=row.arrived + later, retained=kept)
        for row, (later, kept) in zip(history, again, strict=True)
    ]

    assert taken(history) == taken([*history, *copies])


def taken(history: list[Sent]) -> list[list[Transition]]:
    """The transitions, with each message decoded and deduplicated as the pipeline does it."""
    engine, seen, followed = new(RULE_SET), set[bytes](), []
    for row in sorted(history, key=lambda row: row.arrived):
        topic, payload = topic_of(row.event, "centre"), msgspec.json.encode(row.event)
        message = decode(topic, payload, at(row.arrived), retained=row.retained)
        known = identity(message, topic, payload)
        if known not in seen:
            seen.add(known)
            followed.append(engine.step(message))
    return followed


CRAZY = kinds("door.opened", "door.closed", point=st.just("d2"))


@given(
    messages(HAPPENINGS.filter(lambda row: row.get("point") != "d2")),
    messages(CRAZY, size=6),
    st.sampled_from([2.1, 3600.0, 172_800.0, 9e9, -172_800.0, -9e8, -6e10]),
)
def test_one_wrong_clock_affects_no_other_sender(
    history: list[Sent], others: list[Sent], shift: float
) -> None:
    """A sender whose clock is off by any amount changes no alert of the others."""
    crazy = [
        row._replace(event=msgspec.structs.replace(row.event, at=shifted(row.happened, shift)))
        for row in others
    ]
    end = Sent(made_event({"type": "door.closed", "point": "d1"}, 100_000), 100_000, 100_000)
    without = run_with_clock(new(RULE_SET), arrivals([*history, end]))
    with_it = run_with_clock(new(RULE_SET), arrivals([*history, *crazy, end]))

    assert [row for row in with_it if not about_d2(row)] == without


def shifted(seconds: float, shift: float) -> datetime:
    """A time by a clock that is off, as far as calendars go."""
    return START + timedelta(seconds=max(-6e10, min(seconds + shift, 2.5e11)))


def about_d2(row: Transition) -> bool:
    """Return whether the transition is about the door with the wrong clock, or about that clock."""
    if not isinstance(row, AlertChanged):
        return False
    return row.alert.key == "d2" or row.alert.rule == "clock-skew"


@given(messages(delays=IN_TIME, kept=True))
def test_replayed_messages_raise_nothing(history: list[Sent]) -> None:
    """Retained and replayed messages update the state; only a `match` that accepts them fires on them.

    What is refused is reported all the same: a verification without its inspection leaves the action open.
    """
    match = {row.id for row in RULE_SET.rules if row.match is not None and not row.match.replays}
    may_fire = match | {row.id for row in RULE_SET.rules if row.count is not None}
    raised = {row.alert.rule for row in changes(run_with_clock(new(RULE_SET), arrivals(history)))}

    # A message about a name that is not in the venue file is noticed however old it is.
    assert not raised & (may_fire - {"unknown-name", "rejected-input"})


# Alerts ---------------------------------------------------------------------------------------------------------


@given(runs(size=40))
def test_alerts_follow_the_table(inputs: list[Input]) -> None:
    """There is one open alert for a rule and key; each change starts from the state before; closed is final."""
    open_: dict[tuple[str, str], Alert] = {}
    engine = new()
    for given_ in inputs:
        for row in changes(engine.step(given_)):
            now, key = row.alert, (row.alert.rule, row.alert.key)
            before = open_.get(key)
            assert (before is None) == (row.change is Change.RAISED)
            if before is not None:
                assert before.id == now.id
                assert now.status in TABLE[before.status].values()
                assert now.occurrences - before.occurrences == (
                    row.change in (Change.RECURRED, Change.RETURNED)
                )
            assert (now.cleared_at is None) or now.condition == "cleared"
            if now.is_open:
                open_[key] = now
            else:
                del open_[key]
        assert engine.state.alerts.open == {alert.id: alert for alert in open_.values()}


@given(runs())
def test_life_safety_is_never_hidden(inputs: list[Input]) -> None:
    """A life-safety alert cannot be shelved, and only a person or a change of rules closes it."""
    for row in changes(flat(run(new(), inputs))):
        if row.alert.severity == "life_safety":
            assert row.alert.handling is not Handling.SHELVED
            if row.alert.handling is Handling.CLOSED:
                assert row.change is Change.CLOSED


# Time -----------------------------------------------------------------------------------------------------------


@given(runs())
def test_nothing_is_overdue(inputs: list[Input]) -> None:
    """Once the watermark has passed an event it is processed, and no deadline remains in the past."""
    engine = new()
    for given_ in inputs:
        engine.step(given_)
        state = engine.state
        assert all(row.t >= state.time.watermark for row in state.time.waiting)
        assert all(row.due >= state.time.watermark for row in state.time.timers)
        assert engine.deadline is None or engine.deadline > state.time.now


@given(runs())
def test_state_does_not_pile_up(inputs: list[Input]) -> None:
    """After months without a message, only what still holds is remembered."""
    assume(inputs)
    engine = new()
    run(engine, inputs)
    # With people on call, open alerts would be paged again every quarter of an hour, for months.
    engine.step(RosterChanged(received_at=engine.state.time.now, who="test", roster=None))
    for _ in range(3):
        now = engine.state.time.now + timedelta(days=40)
        while (due := engine.deadline) is not None and due <= now:
            engine.step(Tick(received_at=max(due, engine.state.time.now)))
        engine.step(Arrival(received_at=now, source="test", events=()))

    assert engine.state.time.waiting == []
    assert not engine.state.time.timers
    assert not any(
        engine.state.rules.keys.get(rule.id) for rule in RULE_SET.rules if rule.count is not None
    )
