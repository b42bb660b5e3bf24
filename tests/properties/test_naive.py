"""The engine agrees with a second implementation that is simple enough to be read, on random histories."""

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.rules.model import Absence, Count, Distinct, Fact, Hold, Level, Match, Rule, Sum
from monitor.core.rules.model import Sequence as Steps
from monitor.core.transitions import AlertChanged
from tests.support import naive
from tests.support.engine import START, EngineHarness, at, fact, on, rule, rule_set
from tests.support.histories import long, made_event
from tests.support.naive import Change

TimedEvent = tuple[float, str, dict[str, object]]
"""When, what, and the event's fields."""
GAPS = st.sampled_from([0.5, 1.0, 4.0, 5.0, 9.5, 10.0, 10.5, 20.0, 60.0])
DELAYS = st.sampled_from([0.0, 0.25, 1.0, 1.75, 2.0])
LIMITS = st.sampled_from([0.5, 5.0, 10.0, 20.0])


def histories(words: Iterable[str]) -> st.SearchStrategy[list[tuple[float, str]]]:
    """Events in order, each at its own time."""

    def timed(rows: list[tuple[float, str]]) -> list[tuple[float, str]]:
        seconds, found = 0.0, []
        for gap, word in rows:
            seconds += gap
            found.append((seconds, word))
        return found

    row = st.tuples(GAPS, st.sampled_from(sorted(words)))
    return long(row, 25).map(timed)


def did(
    expected: Sequence[TimedEvent], delays: Sequence[float], *parts: Rule | Fact
) -> list[Change]:
    """What the engine's rule did with a history, each message delayed by its delay."""
    harness = EngineHarness(rule_set(*parts))
    arrivals = sorted(
        (seconds + delay, n, seconds, kind, fields)
        for n, ((seconds, kind, fields), delay) in enumerate(zip(expected, delays, strict=False))
    )
    for received, _, seconds, kind, fields in arrivals:
        harness.tick(received)
        event = made_event({"type": kind, "point": "d1", **fields}, seconds)
        harness.receive(event, seconds=received)
    harness.tick(100_000)
    found = []
    for row in harness.seen:
        if isinstance(row, AlertChanged):
            when = {
                "raised": row.alert.happened_at,
                "recurred": row.alert.last_at,
                "cleared": row.alert.cleared_at,
            }[row.change]
            assert when is not None
            found.append(Change((when - START).total_seconds(), row.change))  # type: ignore[arg-type]
    return found


def slow(data: st.DataObject, history: Sequence[object]) -> list[float]:
    """A delay for each message, within the lateness."""
    return data.draw(st.lists(DELAYS, min_size=len(history), max_size=len(history)))


def fired(changes: Iterable[Change]) -> int:
    """How often each change occurred, over all alerts."""
    return sum(row.word != "cleared" for row in changes)


@given(st.data(), histories(["denied"]), st.integers(2, 5), LIMITS)
def test_count(
    data: st.DataObject, history: list[tuple[float, str]], n: int, within: float
) -> None:
    """Both implementations agree on a count: enough events in the window."""
    of_n = Count(of=on("access.denied"), at_least=n, within=at(within) - START)
    found: list[TimedEvent] = [(t, "access.denied", {}) for t, _ in history]
    expected = list(naive.count([t for t, _ in history], n, within))

    assert did(found, slow(data, history), rule(count=of_n)) == expected


DOOR: dict[str, tuple[str, dict[str, object]]] = {
    "open": ("door.opened", {}),
    "close": ("door.closed", {}),
    "on": ("door.mode", {"mode": "unlocked"}),
    "off": ("door.mode", {"mode": "locked"}),
}


@given(st.data(), histories(["open", "close"]), LIMITS)
def test_hold(data: st.DataObject, history: list[tuple[float, str]], limit: float) -> None:
    """Both implementations agree on a hold: a condition that lasts."""
    held = Hold(
        start=on("door.opened"), end=on("door.closed"), longer_than=f"{int(limit * 1000)}ms"
    )
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    expected = list(naive.hold(history, limit))

    assert did(found, slow(data, history), rule(hold=held)) == expected


@given(st.data(), histories(DOOR), LIMITS, st.booleans())
def test_hold_with_a_fact(
    data: st.DataObject, history: list[tuple[float, str]], limit: float, unknown: bool
) -> None:
    """Both agree on a hold with a fact, in either order, from the later one on; the rule decides for unknown facts."""
    held = Hold(
        start=on("door.opened"), end=on("door.closed"), longer_than=f"{int(limit * 1000)}ms"
    )
    known = fact(
        "on",
        "point",
        set=on("door.mode", where='mode == "unlocked"'),
        clear=on("door.mode", where='mode == "locked"'),
    )
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    both = rule(hold=held, while_=["on"], unknown="alerts" if unknown else "silent")
    expected = list(naive.hold(history, limit, unknown=unknown))

    assert did(found, slow(data, history), both, known) == expected


@given(st.data(), histories(["open", "close"]), LIMITS)
def test_absence(data: st.DataObject, history: list[tuple[float, str]], within: float) -> None:
    """Both implementations agree on an absence: an expected event does not follow."""
    missed = Absence(
        after=on("door.opened"), of=on("door.closed"), within=f"{int(within * 1000)}ms"
    )
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    after, of = ([t for t, word in history if word == row] for row in ("open", "close"))
    expected = list(naive.absence(after, of, within))

    assert did(found, slow(data, history), rule(absence=missed)) == expected


@given(st.data(), histories(["open"]), LIMITS)
def test_silence(data: st.DataObject, history: list[tuple[float, str]], within: float) -> None:
    """Both implementations agree on a silence: one event ends the wait and starts the next."""
    beat = on("door.opened")
    silent = Absence(after=beat, of=beat, within=f"{int(within * 1000)}ms")
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    times = [t for t, _ in history]
    expected = list(naive.absence(times, times, within))

    assert did(found, slow(data, history), rule(absence=silent)) == expected


MOVES = ["in", "out", "set 0", "set 2", "set 5"]


@given(st.data(), histories(MOVES), st.integers(0, 4), st.integers(0, 4))
def test_level(
    data: st.DataObject, history: list[tuple[float, str]], above: int, below: int
) -> None:
    """Both implementations agree on a level: a balance with two marks."""
    clear_at = min(above, below)
    balance = Level(
        up=on("access.taken", where='direction == "in"'),
        down=on("access.taken", where='direction == "out"'),
        set=on("zone.count"),
        value="count",
        above=above,
        clear_at=clear_at,
    )
    results: list[TimedEvent] = []
    moves: list[tuple[float, int | None, int]] = []
    for t, word in history:
        if word in ("in", "out"):
            results.append((t, "access.taken", {"direction": word}))
            moves.append((t, 1 if word == "in" else -1, 0))
        else:
            number = int(word.removeprefix("set "))
            results.append((t, "zone.count", {"zone": "hall", "count": number}))
            moves.append((t, None, number))
    expected = list(naive.level(moves, above, clear_at))

    assert did(results, slow(data, history), rule(by="zone", level=balance)) == expected


@given(st.data(), histories(["open", "close"]), st.booleans())
def test_match(data: st.DataObject, history: list[tuple[float, str]], ends: bool) -> None:
    """Both agree on a match: every event, until its end, on arrival, so a slow event fires once, but not in order."""
    each = rule(match=Match(of=on("door.opened"), end=on("door.closed") if ends else None))
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    expected = list(naive.match(history, "open", "close" if ends else None))
    prompt = [0.0 for _ in history]

    assert did(found, prompt, each) == expected
    assert fired(did(found, slow(data, history), each)) == fired(expected)


@given(st.data(), histories(["", "c1", "c2", "c3", "c4"]), st.integers(2, 4), LIMITS)
def test_distinct(
    data: st.DataObject, history: list[tuple[float, str]], n: int, within: float
) -> None:
    """Both implementations agree on enough different values in the window."""
    different = Distinct(
        of=on("access.denied"), field="credential", at_least=n, within=at(within) - START
    )
    found: list[TimedEvent] = [(t, "access.denied", {"credential": value}) for t, value in history]
    expected = list(naive.distinct(history, n, within))

    assert did(found, slow(data, history), rule(distinct=different)) == expected


STEPS = st.lists(st.sampled_from(["open", "on", "off"]), min_size=2, max_size=4)


@given(st.data(), histories(DOOR), STEPS, LIMITS, st.booleans())
def test_sequence(
    data: st.DataObject,
    history: list[tuple[float, str]],
    steps: list[str],
    within: float,
    ends: bool,
) -> None:
    """Both implementations agree on a sequence: steps in order, also the same one twice."""
    chosen = {
        "open": on("door.opened"),
        "on": on("door.mode", where='mode == "unlocked"'),
        "off": on("door.mode", where='mode == "locked"'),
    }
    in_order = Steps(
        steps=tuple(chosen[step] for step in steps),
        within=at(within) - START,
        end=on("door.closed") if ends else None,
    )
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    expected = list(naive.sequence(history, steps, within, "close" if ends else None))

    assert did(found, slow(data, history), rule(sequence=in_order)) == expected


AHEAD = ["came", "until -5", "until 0", "until 5", "until 20", "until 60"]


@given(st.data(), histories(AHEAD), st.sampled_from([0.0, -0.5, -10.0, 0.5, 10.0]))
def test_absence_until_a_time_of_the_event(
    data: st.DataObject, history: list[tuple[float, str]], shift: float
) -> None:
    """Both agree on an absence until a time that may be moved; the event comes before, at or after it, or never."""
    due = Absence(
        after=on("inspection.scheduled"),
        of=on("inspection.submitted"),
        until="due_at",
        before=at(max(0.0, -shift)) - START,
        grace=at(max(0.0, shift)) - START,
    )
    form: dict[str, object] = {"checklist": "check", "inspection": "i1"}
    results: list[TimedEvent] = []
    story: list[tuple[float, float | None]] = []
    for t, word in history:
        if word == "came":
            results.append((t, "inspection.submitted", form))
            story.append((t, None))
        else:
            until = t + float(word.removeprefix("until "))
            results.append((t, "inspection.scheduled", {**form, "due_at": at(until)}))
            story.append((t, until))
    expected = list(naive.absence_until(story, shift))

    assert did(results, slow(data, history), rule(by="inspection", absence=due)) == expected


@given(st.data(), histories(["0", "1", "2", "5"]), st.integers(0, 6), LIMITS)
def test_sum_of_a_quantity(
    data: st.DataObject, history: list[tuple[float, str]], above: int, within: float
) -> None:
    """Both implementations agree on numbers that add up in the window."""
    added = Sum(of=on("zone.count"), value="count", above=float(above), within=at(within) - START)
    story = [(t, int(word)) for t, word in history]
    found: list[TimedEvent] = [(t, "zone.count", {"zone": "hall", "count": n}) for t, n in story]
    expected = list(naive.quantity(story, above, within))

    assert did(found, slow(data, history), rule(by="zone", sum=added)) == expected


@given(
    st.data(),
    histories(["open", "close"]),
    st.sampled_from([1, 9, 10, 11]),
    st.sampled_from([12, 20, 40]),
)
def test_sum_of_time(
    data: st.DataObject, history: list[tuple[float, str]], above: int, within: int
) -> None:
    """Both implementations agree on times that add up in the window, counted in half seconds."""
    lasted = Sum(
        start=on("door.opened"),
        end=on("door.closed"),
        above=f"{above * 500}ms",
        within=at(within / 2) - START,
    )
    found: list[TimedEvent] = [(t, *DOOR[word]) for t, word in history]
    story = [(t, word == "open") for t, word in history]
    expected = list(naive.duration(story, above, within, tick=0.5))

    assert did(found, slow(data, history), rule(sum=lasted)) == expected
