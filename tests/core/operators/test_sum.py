"""`sum`: what adds up in the window ``(t - within, t]``: a quantity, or the time that something lasted."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.compile.validate import problems
from monitor.core.events.door import DoorLocked, DoorUnlocked
from monitor.core.events.work import ReadingRecorded
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Rule, Sum
from tests.support.engine import Stage, at, book, on, played, rule


def flow(above: float = 10, within: float = 60) -> Rule:
    """More than so much of a quantity within the window."""
    reading = on("reading.recorded")
    told = Sum(of=reading, value="value", above=above, within=timedelta(seconds=within))
    return rule(by="asset", sum=told)


def impaired(above: float = 10, within: float = 60) -> Rule:
    """Unlocked for so long altogether within the window."""
    told = Sum(
        start=on("door.unlocked"),
        end=on("door.locked"),
        above=f"{int(above)}s",
        within=timedelta(seconds=within),
    )
    return rule(sum=told)


def readings(*rows: tuple[int, float]) -> list[str]:
    """Values at these times."""
    return [f"+{t}s reading.recorded asset=a quantity=q value={value}" for t, value in rows]


def spans(*times: int) -> list[str]:
    """Unlocked and locked in turn, at these times."""
    return [
        f"+{t}s door.{'locked' if place % 2 else 'unlocked'} point=d1"
        for place, t in enumerate(times)
    ]


def test_numbers_add_up_until_they_leave_the_window() -> None:
    """It fires above the limit, not at it, once; it ends the moment that enough has left the window."""
    assert played(flow(), events=readings((0, 6), (30, 4))) == []
    assert played(flow(), events=readings((0, 6), (30, 4.5), (40, 3))) == [
        "+30s raised a",
        "+60s cleared a",
    ]


def test_a_number_below_nothing_adds_nothing() -> None:
    """A meter that runs backwards hides no flow."""
    assert played(flow(), events=readings((0, 11), (1, -5)))[:1] == ["+0s raised a"]


def test_a_title_says_what_was_reached_as_people_write_it() -> None:
    """Nobody reads ten digits."""
    stage = Stage(book(replace(flow(), title="{n} litres")))
    for t in range(3):
        stage.say(ReadingRecorded(at=at(t), asset="a", quantity="q", value=11 / 3))
    stage.tick(10)

    assert [alert.title for alert in stage.alerts()] == ["11 litres"]
    stage.say(ReadingRecorded(at=at(11), asset="b", quantity="q", value=10 + 1 / 3))
    stage.tick(20)
    assert [alert.title for alert in stage.alerts()] == ["11 litres", "10.33 litres"]


def test_the_impairment_clock_is_cumulative() -> None:
    """Six seconds, a pause, and four more are ten: it fires while the second impairment lasts."""
    assert played(impaired(), events=spans(0, 6, 20, 25)) == ["+24s raised d1", "+61s cleared d1"]


def test_an_end_exactly_at_the_limit_is_in_time() -> None:
    """As with `hold`: ten seconds are not longer than ten seconds."""
    assert played(impaired(), events=spans(0, 6, 20, 24)) == []


def test_what_leaves_the_window_is_made_up_for_later() -> None:
    """While the old impairment leaves as fast as the new one grows, the sum stands still."""
    # At 65 three seconds are left of the first; until 68 they go as fast as others come.
    assert played(impaired(), events=spans(0, 8, 65))[:1] == ["+75s raised d1"]


def test_one_that_never_ends_stays() -> None:
    """Nothing clears it as long as it lasts."""
    assert played(impaired(), events=spans(5)) == ["+15s raised d1"]


def test_a_changed_rule_still_ends_what_it_raised() -> None:
    """Both forms begin anew under the open alert, and end it when their window has passed."""
    high = ReadingRecorded(at=at(0), asset="a", quantity="q", value=11)
    unlocked = (DoorUnlocked(at=at(0), point="d1"), DoorLocked(at=at(11), point="d1"))
    for before, after, events in (
        (flow(), flow(above=99), (high,)),
        (impaired(), impaired(above=50), unlocked),
    ):
        stage = Stage(book(before))
        for event in events:
            stage.say(event)
        stage.tick(20)
        stage.step(RulesChanged(received_at=at(21), who="test", book=book(after)))
        stage.tick(300)
        assert [str(row) for row in stage.changes()] == ["raised", "cleared"]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"of": on("door.opened")}, "sum: give of and value (a number in each event is added up)"),
        (
            {"of": on("reading.recorded"), "value": "asset"},
            'sum.value: "asset" is no number of "reading.recorded"',
        ),
        (
            {"of": on("reading.recorded"), "value": "value", "above": "10h"},
            'sum.above: "10h" is a duration; value needs a number',
        ),
        (
            {"start": on("door.unlocked"), "end": on("door.locked")},
            'sum.above: 5 is a number; write a duration, e.g. "10h"',
        ),
    ],
)
def test_half_a_sum_is_refused(parts: dict[str, object], message: str) -> None:
    """One form or the other, whole, with a limit of the same kind."""
    told = {"above": 5.0, "within": timedelta(seconds=60), **parts}
    by = "asset" if "value" in parts else "point"
    found = list(problems([rule(by=by, sum=Sum(**told))], []))  # type: ignore[arg-type]

    assert found[0].message.startswith(message)


# Against a second, naive reading ---------------------------------------------------------------------------------


def naive_flow(history: list[tuple[int, int]], above: int, within: int) -> list[str]:
    """Add up the whole window anew for every second."""
    seen: list[str] = []
    active = False
    for t in range(200):
        inside = sum(value for s, value in history if t - within < s <= t)
        spoke = any(s == t for s, _ in history)
        if active and inside <= above:
            seen.append(f"+{t}s cleared a")
            active = False
        elif not active and inside > above and spoke:
            seen.append(f"+{t}s raised a")
            active = True
    return seen


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 5)), max_size=20, unique_by=lambda r: r[0]
    ),
    st.integers(1, 12),
    st.integers(1, 30),
)
def test_a_quantity_is_what_a_plain_reading_says(
    history: list[tuple[int, int]], above: int, within: int
) -> None:
    """Any history: the engine and the naive reading see the same."""
    history.sort()

    found = played(flow(above, within), events=readings(*history))
    assert found == naive_flow(history, above, within)


def naive_time(times: list[int], above: int, within: int) -> list[str]:
    """Walk through time second by second, and count the seconds of the window in which it was so."""
    seen: list[str] = []
    active = False
    lasting = [sum(s <= second for s in times) % 2 == 1 for second in range(300)]
    for t in range(1, 300):
        inside = sum(lasting[max(0, t - within) : t])
        if not active and inside >= above and lasting[t]:
            seen.append(f"+{t}s raised d1")
            active = True
        elif active and not lasting[t] and inside <= above:
            seen.append(f"+{t}s cleared d1")
            active = False
    return seen


@given(
    st.lists(st.integers(0, 80), max_size=12, unique=True),
    st.integers(1, 20),
    st.integers(1, 40),
)
def test_time_is_what_a_plain_reading_says(times: list[int], above: int, within: int) -> None:
    """Any history: the engine and the naive reading see the same."""
    times.sort()
    if len(times) % 2:
        times.append(81)
    above = min(above, within)

    assert played(impaired(above, within), events=spans(*times)) == naive_time(times, above, within)
