"""`distinct`: enough different values of a field in the window ``(t - within, t]``."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.compile.validate import definition_mistakes
from monitor.core.events.access import AccessGranted
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Distinct, Rule
from tests.support.engine import EngineHarness, at, on, played, rule, rule_set

ROUND = Distinct(of=on("access.granted"), field="point", at_least=3, within=timedelta(seconds=60))


def travels(**parts: object) -> Rule:
    """Three points within a minute by one credential."""
    return rule(by="credential", distinct=ROUND, **parts)


def granted(*steps: tuple[float, str], credential: str = "c1") -> list[str]:
    """Entries at these times and points."""
    return [
        f"+{int(row * 1000)}ms access.granted point={point} credential={credential}"
        for row, point in steps
    ]


def test_only_different_values_count() -> None:
    """The same point a second time adds nothing; the third different one raises the alert."""
    steps = granted((0, "d1"), (5, "d1"), (10, "d2"), (20, "g1"))

    assert played(travels(), events=steps[:3]) == []
    assert played(travels(), events=steps) == ["+20s raised c1", "+80s cleared c1"]


def test_a_value_counts_by_its_latest_time() -> None:
    """A point last seen a minute ago has left the window; seen again, it is back in it."""
    assert played(travels(), events=granted((0, "d1"), (30, "d2"), (60, "g1"))) == []
    again = granted((0, "d1"), (30, "d2"), (40, "d1"), (60, "g1"))
    assert played(travels(), events=again) == ["+60s raised c1", "+120s cleared c1"]


def test_keys_do_not_add_up() -> None:
    """Each credential has a window of its own."""
    steps = granted((0, "d1"), (1, "d2")) + granted((2, "g1"), credential="c2")

    assert played(travels(), events=steps) == []


def test_an_event_without_the_value_does_not_count() -> None:
    """An empty text is missing, not a value of its own."""
    empty = rule(by="point", distinct=replace(ROUND, field="holder"))
    lines = [
        f"+{row}s access.granted point=d1 holder={who}" for row, who in enumerate(["a", "b", ""])
    ]

    assert played(empty, events=lines) == []


def test_a_computed_field_counts() -> None:
    """Two issues of one card in a day: the issue is a text made from a number, and 0 is missing."""
    two = Distinct(of=on("access.granted"), field="issue", at_least=2, within=timedelta(hours=24))
    issues = [
        f"+{row}s access.granted point=d1 holder=h credential_issue={issue}"
        for row, issue in enumerate([0, 1, 0, 2])
    ]

    assert played(rule(by="holder", distinct=two), events=issues[:3]) == []
    assert played(rule(by="holder", distinct=two), events=issues)[:1] == ["+3s raised h"]


def test_it_keeps_no_more_values_than_it_needs() -> None:
    """However many values are tried, the memory holds no more than the rule requires."""
    few = replace(ROUND, field="credential")
    harness = EngineHarness(rule_set(rule(by="point", distinct=few)))
    for line in range(50):
        harness.receive(AccessGranted(at=at(line), point="d1", credential=f"c{line}"))
    harness.tick(55)

    (state,) = harness.engine.state.rules.keys["rule"].values()
    assert len(state.times) == 3  # type: ignore[union-attr]


def test_a_changed_rule_still_ends_what_it_raised() -> None:
    """After a change the window starts anew under the open alert, and ends it once it has emptied."""
    harness = EngineHarness(rule_set(travels()))
    for seconds, point in ((0, "d1"), (5, "d2"), (10, "g1")):
        harness.receive(AccessGranted(at=at(seconds), point=point, credential="c1"))
    harness.tick(20)
    changed = rule(by="credential", distinct=replace(ROUND, at_least=5))
    harness.step(RulesChanged(received_at=at(21), who="test", rule_set=rule_set(changed)))
    harness.tick(200)

    assert [str(row) for row in harness.changes()] == ["raised", "cleared"]


# Against a naive implementation ----------------------------------------------------------------------------------


def naive(history: list[tuple[int, str]], n: int, within: int) -> list[str]:
    """Look at the whole history again for every second with an event."""
    seen: list[str] = []
    active, ends = False, 0
    for place, (t, _) in enumerate(history):
        if active and t > ends:
            seen.append(f"+{ends}s cleared c1")
            active = False
        inside = {value for s, value in history[: place + 1] if t - within < s <= t}
        ends = t + within
        if len(inside) >= n:
            seen.append(f"+{t}s {'recurred' if active else 'raised'} c1")
            active = True
    return [*seen, f"+{ends}s cleared c1"] if active else seen


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from("abcd")),
        max_size=25,
        unique_by=lambda r: r[0],
    ),
    st.integers(2, 4),
    st.integers(1, 20),
)
def test_it_agrees_with_the_naive_implementation(
    history: list[tuple[int, str]], n: int, within: int
) -> None:
    """For any history, the operator and the naive implementation give the same result."""
    history.sort()
    few = Distinct(
        of=on("access.granted"), field="point", at_least=n, within=timedelta(seconds=within)
    )

    assert played(rule(by="credential", distinct=few), events=granted(*history)) == naive(
        history, n, within
    )


@pytest.mark.parametrize("field", ["pointt", "at"])
def test_a_field_without_comparable_values_is_refused(field: str) -> None:
    """Only texts and numbers can be compared."""
    (found,) = definition_mistakes(
        [rule(by="credential", distinct=replace(ROUND, field=field))], []
    )
    assert found.fault.message.startswith(
        f'distinct.field: "access.granted" has no text or number field "{field}"'
    )
