"""The laws of the core, on the shipped rules: what may not change what is told, whatever happens."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.alert import TABLE, Alert, Change, Handling
from monitor.core.decode import decode, identity, topic_of
from monitor.core.inputs import Arrival, Input, RosterChanged, Tick
from monitor.core.transitions import AlertChanged, Transition
from tests.support.engine import BOOK, START, at
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
    messages,
    new,
    restarted,
    run,
    run_with_clock,
    runs,
    said,
)

ON_ARRIVAL = {rule.id for rule in BOOK.rules if rule.match is not None and not rule.while_}
"""They are told before the order is known."""


def flat(seen: Iterable[Iterable[Transition]]) -> list[Transition]:
    """All transitions of all inputs."""
    return [row for rows in seen for row in rows]


# Same inputs, same transitions ----------------------------------------------------------------------------------


@given(runs())
def test_same_inputs_same_transitions(inputs: list[Input]) -> None:
    """Twice the same history, twice the same words, and the same memory."""
    first, second = new(), new()

    assert run(first, inputs) == run(second, inputs)
    assert msgspec.json.encode(first.state) == msgspec.json.encode(second.state)


@given(runs(), st.data())
def test_cut_anywhere(inputs: list[Input], data: st.DataObject) -> None:
    """Stopped after any input and started from its snapshot, the engine says what it would have said."""
    cut = data.draw(st.integers(0, len(inputs)))
    whole = new()
    expected = run(whole, inputs)
    before = new()
    run(before, inputs[:cut])
    after = restarted(before)

    assert run(after, inputs[cut:]) == expected[cut:]
    assert restarted(after).state == restarted(whole).state


@given(runs(), st.data())
def test_idle_ticks_may_be_forgotten(inputs: list[Input], data: st.DataObject) -> None:
    """From any snapshot on, ticks from which nothing followed can be left out: all else says the same."""
    cut = data.draw(st.integers(0, len(inputs)))
    whole, rest = new(), new()
    seen = run(whole, inputs)
    run(rest, inputs[:cut])
    kept = [
        (given, told)
        for given, told in zip(inputs[cut:], seen[cut:], strict=True)
        if told or not isinstance(given, Tick)
    ]

    assert run(restarted(rest), [given for given, _ in kept]) == [told for _, told in kept]


# Networks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", range(len(BUSY)))
@given(st.data())
def test_arrival_in_any_order_within_the_lateness(family: int, data: st.DataObject) -> None:
    """However slow each message was: the same alerts, raised and cleared at the same times."""
    history = data.draw(messages(BUSY[family], gaps=CLOSE if family else GAPS))
    delays = data.draw(st.lists(IN_TIME, min_size=len(history), max_size=len(history)))
    other = [
        row._replace(arrived=row.happened + delay)
        for row, delay in zip(history, delays, strict=True)
    ]
    first, second = (
        changes(run_with_clock(new(BOOK), arrivals(rows)))
        for rows in (together(history, other), together(other, history))
    )

    assert in_order(first) == in_order(second)
    assert on_arrival(first) == on_arrival(second)


def together(history: list[Sent], other: list[Sent]) -> list[Sent]:
    """The history, with its last message no earlier than the other's: so both come to rest at one time."""
    last = max((row.arrived for row in [*history, *other]), default=0.0)
    quiet = said({"type": "door.closed", "point": "d2"}, last + 10)
    return [*history, Sent(quiet, last + 10, last + 10)]


def in_order(seen: Iterable[AlertChanged]) -> list[tuple[object, ...]]:
    """What every alert of the rules that are told in order says in the end, but for when the monitor knew."""
    last = {row.alert.id: row.alert for row in seen if row.alert.rule not in ON_ARRIVAL}
    return sorted(
        (
            *(row.rule, row.key, row.title, row.condition, row.handling, row.occurrences),
            *(row.happened_at, row.last_at, row.cleared_at or START),
        )
        for row in last.values()
    )


def on_arrival(seen: Iterable[AlertChanged]) -> tuple[list[str], Counter[str]]:
    """What is open in the end of the others, and how often each thing happened, whatever it was counted to."""
    rows = [row for row in seen if row.alert.rule in ON_ARRIVAL]
    last = {f"{row.alert.rule}: {row.alert.key}": row.alert for row in rows}
    still = sorted(f"{key} {row.condition}" for key, row in last.items() if row.is_open)
    again = (Change.RAISED, Change.RECURRED, Change.RETURNED)
    times = Counter(f"{row.alert.rule}: {row.alert.key}" for row in rows if row.change in again)
    return still, times


@given(messages(delays=st.sampled_from([0.0, 1.0, 2.0, 60.0])), st.data())
def test_every_message_twice(history: list[Sent], data: st.DataObject) -> None:
    """A message that comes again, now or much later, retained or not, changes nothing."""
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
    """What followed, each message decoded from its topic and bytes and taken in once, as the pipeline does it."""
    engine, seen, followed = new(BOOK), set[bytes](), []
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
def test_one_crazy_clock(history: list[Sent], others: list[Sent], shift: float) -> None:
    """A sender whose clock is off by any amount changes nothing that is told of the others."""
    crazy = [
        row._replace(event=msgspec.structs.replace(row.event, at=shifted(row.happened, shift)))
        for row in others
    ]
    end = Sent(said({"type": "door.closed", "point": "d1"}, 100_000), 100_000, 100_000)
    without = run_with_clock(new(BOOK), arrivals([*history, end]))
    with_it = run_with_clock(new(BOOK), arrivals([*history, *crazy, end]))

    assert [row for row in with_it if not about_d2(row)] == without


def shifted(seconds: float, shift: float) -> datetime:
    """A time by a clock that is off, as far as calendars go."""
    return START + timedelta(seconds=max(-6e10, min(seconds + shift, 2.5e11)))


def about_d2(row: Transition) -> bool:
    """It speaks of the door with the crazy clock, or of its clock."""
    if not isinstance(row, AlertChanged):
        return False
    return row.alert.key == "d2" or row.alert.rule == "clock-skew"


@given(messages(delays=IN_TIME, kept=True))
def test_what_was_kept_is_no_news(history: list[Sent]) -> None:
    """Retained and replayed messages bring the picture up to date; only a `match` that asks for them fires on them."""
    match = {row.id for row in BOOK.rules if row.match is not None and not row.match.replays}
    news = match | {row.id for row in BOOK.rules if row.count is not None}
    raised = {row.alert.rule for row in changes(run_with_clock(new(BOOK), arrivals(history)))}

    assert not raised & news


# Alerts ---------------------------------------------------------------------------------------------------------


@given(runs(size=40))
def test_alerts_move_as_the_table_says(inputs: list[Input]) -> None:
    """One open alert for a rule and key; each change begins where the last one ended; closed is the end."""
    open_: dict[tuple[str, str], Alert] = {}
    engine = new()
    for given_ in inputs:
        for row in changes(engine.step(given_)):
            now, key = row.alert, (row.alert.rule, row.alert.key)
            before = open_.get(key)
            assert (before is None) == (row.change is Change.RAISED)
            if before is not None:
                assert before.id == now.id
                assert now.standing in TABLE[before.standing].values()
                assert now.occurrences - before.occurrences == (
                    row.change in (Change.RECURRED, Change.RETURNED)
                )
            assert (now.cleared_at is None) or now.condition == "cleared"
            if now.is_open:
                open_[key] = now
            else:
                del open_[key]
        assert engine.state.alerts == {alert.id: alert for alert in open_.values()}


@given(runs())
def test_life_safety_is_never_out_of_sight(inputs: list[Input]) -> None:
    """Nobody shelves it, and only a person or a change of rules closes it."""
    for row in changes(flat(run(new(), inputs))):
        if row.alert.severity == "life_safety":
            assert row.alert.handling is not Handling.SHELVED
            if row.alert.handling is Handling.CLOSED:
                assert row.change is Change.CLOSED


# Time -----------------------------------------------------------------------------------------------------------


@given(runs())
def test_time_goes_on(inputs: list[Input]) -> None:
    """Nothing whose turn has come stays waiting, and no deadline is past once its time has come."""
    engine = new()
    for given_ in inputs:
        engine.step(given_)
        state = engine.state
        assert all(row.t >= state.turn for row in state.waiting)
        assert all(row.due >= state.turn for row in state.timers)
        assert engine.deadline is None or engine.deadline > state.now


@given(runs())
def test_nothing_piles_up(inputs: list[Input]) -> None:
    """Months without a word, and what is still remembered is what is still so."""
    assume(inputs)
    engine = new()
    run(engine, inputs)
    # People would be told of what is open every quarter of an hour, for months.
    engine.step(RosterChanged(received_at=engine.state.now, who="test", roster=None))
    for _ in range(3):
        now = engine.state.now + timedelta(days=40)
        while (due := engine.deadline) is not None and due <= now:
            engine.step(Tick(received_at=max(due, engine.state.now)))
        engine.step(Arrival(received_at=now, source="test", events=()))

    assert engine.state.waiting == []
    assert engine.state.timers == []
    assert not any(engine.state.keys.get(rule.id) for rule in BOOK.rules if rule.count is not None)
