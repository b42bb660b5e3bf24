"""`count`: enough events in the window ``(t - within, t]``."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.access import AccessDenied
from monitor.core.rules.model import Count, Rule
from tests.support.engine import EngineHarness, at, on, played, rule, rule_set

BURST = Count(of=on("access.denied"), at_least=3, within=timedelta(seconds=60))


def burst(**parts: object) -> Rule:
    """Three refusals in a minute at one point."""
    return rule(count=BURST, **parts)


def denied(*seconds: float, point: str = "d1") -> list[str]:
    """Refusals at these times."""
    return [f"+{int(row * 1000)}ms access.denied point={point} id={row}" for row in seconds]


def test_the_window_is_open_at_its_old_end() -> None:
    """An event exactly as old as the window is long is outside; one that is a moment younger is inside."""
    assert played(burst(), events=denied(0, 30, 60)) == []
    assert played(burst(), events=denied(0.001, 30, 60)) == ["+60s raised d1", "+120s cleared d1"]


def test_each_further_event_in_a_full_window_is_counted() -> None:
    """There is one alert, however many arrive; it ends when the window is empty."""
    expected = ["+20s raised d1", "+30s recurred d1", "+40s recurred d1", "+100s cleared d1"]

    assert played(burst(), events=denied(0, 10, 20, 30, 40)) == expected


def test_an_alert_stays_active_until_its_window_is_empty() -> None:
    """A thinning window neither ends it nor recurs; an event exactly at the window's end keeps it open."""
    expected = ["+20s raised d1", "+140s cleared d1"]

    assert played(burst(), events=denied(0, 10, 20, 80)) == expected


def test_a_window_that_never_filled_leaves_nothing() -> None:
    """Nothing is raised, nothing cleared, nothing kept in memory."""
    harness = EngineHarness(rule_set(burst()))
    harness.receive(AccessDenied(at=at(0), point="d1"))
    harness.tick(100)

    assert harness.changes() == []
    assert harness.engine.state.rules.keys["rule"] == {}


def test_events_of_one_instant_all_count() -> None:
    """A reader whose clock has whole seconds sends several events with the same time."""
    assert played(burst(), events=denied(5) * 2 + [*denied(5)])[:1] == ["+5s raised d1"]


def test_each_key_has_a_window_of_its_own() -> None:
    """Refusals at other points don't add up."""
    events = [*denied(0, 10), *denied(20, point="d2")]

    assert played(burst(), events=events) == []


def test_the_order_of_arrival_does_not_matter() -> None:
    """Events that overtake one another within the lateness count at the time when they happened."""
    events = [
        "+0s  access.denied point=d1 id=1",
        "+61s access.denied point=d1 id=3 at=+61s",
        "+61s access.denied point=d1 id=2 at=+60s",
        "+61s access.denied point=d1 id=4 at=+59s",
    ]

    assert played(burst(), events=events) == ["+61s raised d1", "+121s cleared d1"]


def test_a_late_event_outside_the_window_does_not_recur() -> None:
    """An event that arrives an hour late belongs to a window of an hour ago."""
    harness = EngineHarness(rule_set(burst()))
    for seconds in (3600, 3601, 3602):
        harness.receive(AccessDenied(at=at(seconds), point="d1"))
    harness.tick(3610)
    harness.receive(AccessDenied(at=at(0), point="d1"), seconds=3610)

    assert harness.changes() == ["raised"]


def test_one_event_that_fits_two_selectors_counts_once() -> None:
    """Several selectors are joined by “or”, so an event that fits two of them counts once."""
    twice = (
        on("access.denied", where='point == "d1"'),
        on("access.denied", where='reason == "other"'),
    )
    of_two = rule(count=replace(BURST, of=twice))

    assert played(of_two, events=denied(0, 10)) == []
    assert played(of_two, events=denied(0, 10, 20))[:1] == ["+20s raised d1"]


def test_replayed_events_do_not_count() -> None:
    """Retained and replayed refusals do not count, because they are not live."""
    harness = EngineHarness(rule_set(burst()))
    for seconds in range(5):
        harness.receive(AccessDenied(at=at(seconds), point="d1"), retained=True)
        harness.receive(AccessDenied(at=at(seconds), point="d1", replay=True))
    harness.tick(100)

    assert harness.changes() == []


@pytest.mark.parametrize(("second", "raised"), [(129, 1), (130, 2)])
def test_the_cooldown_runs_from_the_end(second: int, raised: int) -> None:
    """Until the cooldown is over nothing new is raised for this key; exactly at its end it is."""
    events = denied(0, 5, 10, second - 2, second - 1, second)
    found = played(burst(cooldown=timedelta(seconds=60)), events=events)

    assert found[:2] == ["+10s raised d1", "+70s cleared d1"]
    assert sum("raised" in line for line in found) == raised


def test_the_cooldown_is_of_one_key() -> None:
    """Another point raises an alert during the cooldown."""
    events = [*denied(0, 5, 10), *denied(71, 72, 73, point="d2")]
    found = played(burst(cooldown=timedelta(seconds=600)), events=events)

    assert "+73s raised d2" in found
