"""`sequence`: steps in this order, the first of them in ``(t - within, t]``."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.rules.model import Rule, Sequence
from tests.support.engine import on, played, rule

FORCED = on("door.alarm", where='alarm == "forced_open"')


def after(*steps: object, within: float = 20, **parts: object) -> Rule:
    """A rule with these steps."""
    event = Sequence(steps=steps, within=timedelta(seconds=within), **parts)  # type: ignore[arg-type]
    return rule(sequence=event)


def test_the_order_matters() -> None:
    """Denied and then forced fires; forced and then denied does not."""
    denied, forced = "access.denied point=d1", "door.alarm point=d1 alarm=forced_open"
    broken = after(on("access.denied"), FORCED)

    assert played(broken, events=[f"+0s {forced}", f"+1s {denied}"]) == []
    assert played(broken, events=[f"+0s {denied}", f"+9s {forced}"]) == ["+9s raised d1"]


def test_the_span_is_from_the_first_step_to_the_last() -> None:
    """A run that takes exactly ``within`` is too long; one that takes a moment less is not."""
    steps = after(on("door.opened"), on("door.closed"), on("door.locked"))
    lines = ["+0s door.opened point=d1", "+10s door.closed point=d1"]

    assert played(steps, events=[*lines, "+20s door.locked point=d1"]) == []
    assert played(steps, events=[*lines, "+19999ms door.locked point=d1"]) == ["+19999ms raised d1"]


def test_a_completed_run_is_forgotten() -> None:
    """After a completed run, a second last step needs a second first step."""
    broken = after(on("door.opened"), on("door.closed"))
    lines = ["+0s door.opened point=d1", "+1s door.closed point=d1", "+2s door.closed point=d1"]

    assert played(broken, events=lines) == ["+1s raised d1"]
    again = [*lines, "+3s door.opened point=d1", "+4s door.closed point=d1"]
    assert played(broken, events=again) == ["+1s raised d1", "+4s recurred d1"]


def test_one_event_is_never_two_steps() -> None:
    """Two refusals are two events, although each of them fits both steps."""
    twice = after(on("access.denied"), on("access.denied"))

    assert played(twice, events=["+0s access.denied point=d1"]) == []
    assert played(twice, events=["+0s access.denied point=d1", "+5s access.denied point=d1"]) == [
        "+5s raised d1"
    ]


def test_keys_do_not_mix() -> None:
    """One door's first step is not another door's."""
    lines = ["+0s door.opened point=d1", "+1s door.closed point=d2"]

    assert played(after(on("door.opened"), on("door.closed")), events=lines) == []


def test_an_end_clears_it() -> None:
    """With an end event the alert clears by itself; without one a person has to close it."""
    ended = after(on("door.opened"), on("door.closed"), end=on("door.locked"))
    lines = ["+0s door.opened point=d1", "+1s door.closed point=d1", "+9s door.locked point=d1"]

    assert played(ended, events=lines) == ["+1s raised d1", "+9s cleared d1"]


# Against a naive implementation ----------------------------------------------------------------------------------

KINDS = {"a": "door.opened", "b": "door.closed", "c": "door.locked"}


def naive(history: list[tuple[int, str]], steps: str, within: int) -> list[str]:
    """Try every choice of events since the last completed run, for every event that could be the last step."""
    seen: list[str] = []
    begin = 0
    for place, (t, _) in enumerate(history):
        possible = [(s, kind) for s, kind in history[begin : place + 1] if t - within < s]
        if history[place][1] == steps[-1] and _chosen(possible, steps):
            seen.append(f"+{t}s {'recurred' if seen else 'raised'} d1")
            begin = place + 1
    return seen


def _chosen(rows: list[tuple[int, str]], steps: str) -> bool:
    """Whether the steps can be chosen in order so that the last row is the last step."""
    if not steps:
        return True
    if not rows or (rows[-1][1] != steps[-1]):
        return False
    return len(steps) == 1 or any(
        _chosen(rows[: place + 1], steps[:-1]) for place in range(len(rows) - 1)
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from("abc")), max_size=20, unique_by=lambda r: r[0]
    ),
    st.text("abc", min_size=2, max_size=4),
    st.integers(1, 30),
)
def test_it_agrees_with_the_naive_implementation(
    history: list[tuple[int, str]], steps: str, within: int
) -> None:
    """For any history and any steps, the operator and the naive search give the same result."""
    history.sort()
    lines = [f"+{t}s {KINDS[kind]} point=d1" for t, kind in history]

    found = played(after(*(on(KINDS[row]) for row in steps), within=within), events=lines)
    assert found == naive(history, steps, within)
