"""`count`: enough events in the window ``(t - within, t]``."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.access import AccessDenied
from monitor.core.rules.model import Count, Rule
from tests.support.engine import Stage, at, book, on, played, rule

BURST = Count(of=on("access.denied"), at_least=3, within=timedelta(seconds=60))


def burst(**parts: object) -> Rule:
    """Three refusals in a minute at one point."""
    return rule(count=BURST, **parts)


def denied(*seconds: float, point: str = "d1") -> list[str]:
    """Refusals at these times."""
    return [f"+{int(row * 1000)}ms access.denied point={point} id={row}" for row in seconds]


def test_the_window_is_open_at_its_old_end() -> None:
    """An event exactly as old as the window is long doesn't count any more; a moment younger it does."""
    assert played(burst(), events=denied(0, 30, 60)) == []
    assert played(burst(), events=denied(0.001, 30, 60)) == ["+60s raised d1", "+120s cleared d1"]


def test_every_further_event_in_a_full_window_is_counted() -> None:
    """It is one alert, however many come; it ends when the window has emptied."""
    expected = ["+20s raised d1", "+30s recurred d1", "+40s recurred d1", "+100s cleared d1"]

    assert played(burst(), events=denied(0, 10, 20, 30, 40)) == expected


def test_a_window_that_thins_out_stays_raised_until_it_is_empty() -> None:
    """Fewer than enough doesn't end it, nor does it recur; an event exactly at the window's end keeps it open."""
    expected = ["+20s raised d1", "+140s cleared d1"]

    assert played(burst(), events=denied(0, 10, 20, 80)) == expected


def test_a_window_that_never_filled_ends_in_silence() -> None:
    """Nothing is raised, nothing cleared, nothing kept in memory."""
    stage = Stage(book(burst()))
    stage.say(AccessDenied(at=at(0), point="d1"))
    stage.tick(100)

    assert stage.changes() == []
    assert stage.engine.state.keys["rule"] == {}


def test_events_of_one_instant_all_count() -> None:
    """A reader whose clock knows whole seconds sends several with the same time."""
    assert played(burst(), events=denied(5) * 2 + [*denied(5)])[:1] == ["+5s raised d1"]


def test_each_key_has_a_window_of_its_own() -> None:
    """Refusals at other points don't add up."""
    events = [*denied(0, 10), *denied(20, point="d2")]

    assert played(burst(), events=events) == []


def test_the_order_of_arrival_does_not_matter() -> None:
    """Events that overtook one another within the lateness count when they happened."""
    events = [
        "+0s  access.denied point=d1 id=1",
        "+61s access.denied point=d1 id=3 at=+61s",
        "+61s access.denied point=d1 id=2 at=+60s",
        "+61s access.denied point=d1 id=4 at=+59s",
    ]

    assert played(burst(), events=events) == ["+61s raised d1", "+121s cleared d1"]


def test_an_old_event_does_not_recur_in_a_window_it_is_not_in() -> None:
    """What comes an hour late belongs to a window of an hour ago."""
    stage = Stage(book(burst()))
    for seconds in (3600, 3601, 3602):
        stage.say(AccessDenied(at=at(seconds), point="d1"))
    stage.tick(3610)
    stage.say(AccessDenied(at=at(0), point="d1"), seconds=3610)

    assert stage.changes() == ["raised"]


def test_one_event_that_fits_two_selectors_counts_once() -> None:
    """Several selectors are one «or»."""
    twice = (
        on("access.denied", where='point == "d1"'),
        on("access.denied", where='reason == "other"'),
    )
    of_two = rule(count=replace(BURST, of=twice))

    assert played(of_two, events=denied(0, 10)) == []
    assert played(of_two, events=denied(0, 10, 20))[:1] == ["+20s raised d1"]


def test_what_a_broker_had_kept_does_not_count() -> None:
    """Retained and replayed refusals are no news."""
    stage = Stage(book(burst()))
    for seconds in range(5):
        stage.say(AccessDenied(at=at(seconds), point="d1"), retained=True)
        stage.say(AccessDenied(at=at(seconds), point="d1", replay=True))
    stage.tick(100)

    assert stage.changes() == []


@pytest.mark.parametrize(("second", "raised"), [(129, 1), (130, 2)])
def test_the_cooldown_runs_from_the_end(second: int, raised: int) -> None:
    """Until it is over nothing new is raised for this key; at its end it is."""
    events = denied(0, 5, 10, second - 2, second - 1, second)
    found = played(burst(cooldown=timedelta(seconds=60)), events=events)

    assert found[:2] == ["+10s raised d1", "+70s cleared d1"]
    assert sum("raised" in line for line in found) == raised


def test_the_cooldown_is_of_one_key() -> None:
    """Another point is raised meanwhile."""
    events = [*denied(0, 5, 10), *denied(71, 72, 73, point="d2")]
    found = played(burst(cooldown=timedelta(seconds=600)), events=events)

    assert "+73s raised d2" in found
