"""A step that takes no more than its limit, and ticks that take the rest, lead to the same as one that takes all."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.engine.engine import Engine
from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Input, Notice, Tick
from monitor.core.transitions import (
    PageOrdered,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)
from tests.support.engine import START
from tests.support.histories import new, restarted, runs

LIMITS = st.integers(1, 4)


def limited(inputs: Sequence[Input], limit: int) -> Iterator[Input]:
    """The same history of a monitor that has this limit from its first start on."""
    yield Notice(received_at=START, event=MonitorStarted(at=START, step_limit=limit))
    for row in inputs:
        match row:
            case Notice(event=MonitorStarted() as event):
                yield replace(row, event=replace(event, step_limit=limit))
            case _:
                yield row


def parts(engine: Engine, inputs: Iterable[Input]) -> Iterator[tuple[Input, list[Transition]]]:
    """Each input with what follows, and before and after it as many ticks as there are parts.

    In a running monitor, an input may also come between two parts: before what it would have come after.
    """

    def ticks(given: Input) -> Iterator[tuple[Input, list[Transition]]]:
        yield given, engine.step(given)
        time = engine.state.time
        while time.is_cut and time.catching_up_until is None:
            tick = Tick(received_at=time.now)
            yield tick, engine.step(tick)

    for row in inputs:
        if not (isinstance(row, Tick) or is_start(row)):
            yield from ticks(Tick(received_at=engine.now_at(row.received_at)))
        yield from ticks(row)


def is_start(given: Input) -> bool:
    """A monitor that was stopped has not ticked up to its start."""
    return isinstance(given, Notice) and isinstance(given.event, MonitorStarted)


def flat(seen: Iterable[tuple[Input, list[Transition]]]) -> list[Transition]:
    """All transitions, in order."""
    return list(chain.from_iterable(row for _, row in seen))


def decided(seen: Iterable[Transition]) -> list[Transition]:
    """What is decided about alerts and people's acts, in order; boards are renewed each second, also on the way."""
    return [
        row for row in seen if not isinstance(row, ZoneChanged | ReadinessChanged | PageOrdered)
    ]


def paged(seen: Iterable[Transition]) -> list[PageOrdered]:
    """The pages, in order; those of a part follow it, those of a whole step are at its end."""
    return [row for row in seen if isinstance(row, PageOrdered)]


@given(runs(), LIMITS)
def test_parts_lead_to_the_same_as_the_whole(inputs: list[Input], limit: int) -> None:
    """The same transitions in the same order, the same pages, and the same state at the end."""
    whole, cut = new(), new()
    expected = flat(parts(whole, limited(inputs, 0)))
    found = flat(parts(cut, limited(inputs, limit)))

    assert decided(found) == decided(expected)
    assert paged(found) == paged(expected)


@given(runs(), LIMITS, st.data())
def test_idle_ticks_may_be_dropped_from_parts(
    inputs: list[Input], limit: int, data: st.DataObject
) -> None:
    """What the monitor writes is enough: a replay without the ticks that it left out stops at the same places."""
    engine = new()
    kept = [row for row in parts(engine, limited(inputs, limit)) if not engine.is_idle]
    at = data.draw(st.integers(0, len(kept)))
    replayed = new()

    assert [replayed.step(row) for row, _ in kept[:at]] == [row for _, row in kept[:at]]
    again = restarted(replayed)
    assert [again.step(row) for row, _ in kept[at:]] == [row for _, row in kept[at:]]
    assert again.state.time.is_cut == engine.state.time.is_cut
