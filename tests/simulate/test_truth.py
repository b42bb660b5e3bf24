"""The ground truth of a simulated day is exactly what the shipped rules raise on it: nothing missed, nothing false."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from monitor.adapters import Translator, build
from monitor.app.deployment import load_all
from monitor.config import AdapterTable
from monitor.core.alert import Alert, Change
from monitor.core.engine.engine import Engine
from monitor.core.identity import identity
from monitor.core.inputs import RulesChanged, Tick
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, Transition
from monitor.core.venue.model import Congress, Venue
from monitor.rules.read import load
from monitor.simulate import Expected, Planned, day, skipped, truth
from monitor.simulate.truth import SEVERITY
from monitor.texts import ENGLISH
from monitor.venue import load as load_venue

ROOT = Path(__file__).parents[2]
CONFIG, VENUE = load_all(ROOT / "config.toml", {})
RULES = load(ROOT / "rules")
START = datetime(2026, 9, 1, 6, tzinfo=UTC)
LATENESS = timedelta(seconds=2)


def raised(
    venue: Venue,
    plan: Iterable[Planned],
    length: timedelta,
    *,
    delay: float = 0.3,
    adapters: Sequence[AdapterTable] = (),
) -> list[Alert]:
    """Return every alert that the shipped rules raise when messages arrive up to ``delay`` seconds late."""
    engine = Engine(State(), lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH)
    seen = engine.step(RulesChanged(received_at=START, who="test", rule_set=RULES.rule_set(venue)))
    known: set[bytes] = set()
    translator = Translator(
        [
            (row.topic, build(row.format, row.map, ZoneInfo(row.timezone), key=bytes(16)))
            for row in adapters
        ]
    )
    for received_at, message in arrivals(plan, delay):
        seen += until(engine, received_at)
        decoded = translator.decode(message.topic, message.payload, received_at)
        key = identity(decoded, message.topic, message.payload)
        if key not in known:
            known.add(key)
            seen += engine.step(decoded)
    seen += until(engine, START + length + 2 * LATENESS)
    return [
        row.alert
        for row in seen
        if isinstance(row, AlertChanged)
        and row.change is Change.RAISED
        and row.alert.happened_at <= START + length
    ]


def arrivals(plan: Iterable[Planned], delay: float) -> list[tuple[datetime, Planned]]:
    """Return each message with the time of its arrival, in order of arrival."""
    rng = Random(delay)
    delayed = [(row.at + timedelta(seconds=rng.uniform(0, delay)), row) for row in plan]
    return sorted(delayed, key=lambda row: row[0])


def until(engine: Engine, end: datetime) -> Iterator[Transition]:
    """Advance the clock, with a tick whenever a timer is due."""
    while (deadline := engine.deadline) is not None and deadline <= end:
        yield from engine.step(Tick(received_at=max(deadline, engine.state.time.now)))


def names(alerts: Iterable[Alert | Expected]) -> Counter[tuple[str, str]]:
    """Return how often each rule is expected to raise an alert, or has raised one, for each key."""
    return Counter((row.rule, row.key) for row in alerts)


def check(expected: Sequence[Expected], alerts: Sequence[Alert], delay: float = 0.3) -> None:
    """Assert that nothing is missed or false, early or late, and that every severity is as expected."""
    assert names(alerts) - names(expected) == Counter(), "false alerts"
    assert names(expected) - names(alerts) == Counter(), "missed"
    slack = LATENESS + timedelta(seconds=delay, milliseconds=1)
    in_time = sorted(alerts, key=lambda row: (row.rule, row.key, row.raised_at))
    for alert, row in zip(
        in_time, sorted(expected, key=lambda row: (row.rule, row.key, row.at)), strict=True
    ):
        assert row.at <= alert.raised_at <= row.at + slack, (row, alert)
        assert not alert.late, alert
        assert alert.severity == row.severity, row


@pytest.mark.parametrize("seed", range(8))
def test_a_short_day_raises_exactly_its_truth(seed: int) -> None:
    """For each seed, every planted incident is raised, and ordinary traffic and traps raise nothing."""
    length = timedelta(minutes=25 + seed)
    plan = day(VENUE, seed, START, length, adapters=CONFIG.adapters)

    alerts = raised(VENUE, plan, length, adapters=CONFIG.adapters)

    check(truth(VENUE, seed, START, length, adapters=CONFIG.adapters), alerts)


def test_a_long_day_raises_exactly_its_truth() -> None:
    """On a day of eight hours a checklist can also expire."""
    length = timedelta(hours=8)
    expected = truth(VENUE, 1, START, length)

    check(expected, raised(VENUE, day(VENUE, 1, START, length, 0.3), length))

    assert "checklist-not-done" in {row.rule for row in expected}


@pytest.mark.parametrize("rate", [0.0, 20.0])
def test_the_crowd_changes_nothing(rate: float) -> None:
    """The truth is the same without visitors and with twenty people per second."""
    length = timedelta(minutes=30)

    alerts = raised(VENUE, day(VENUE, 3, START, length, rate), length)

    check(truth(VENUE, 3, START, length), alerts)


def test_a_slow_network_changes_nothing() -> None:
    """Messages overtake each other by up to 1.4 s, which with the half second of a trap is within the lateness."""
    length = timedelta(minutes=30)

    alerts = raised(VENUE, day(VENUE, 4, START, length), length, delay=1.4)

    check(truth(VENUE, 4, START, length), alerts, delay=1.4)


@pytest.mark.parametrize("seed", range(4))
def test_a_tiny_venue_has_a_truth_of_its_own(seed: int) -> None:
    """An incident without a place is skipped, together with its truth."""
    venue = load_venue(ROOT / "rules" / "trial.venue.toml")
    length = timedelta(minutes=30)
    expected = truth(venue, seed, START, length)

    check(expected, raised(venue, day(venue, seed, START, length), length))

    assert expected
    assert skipped(venue, seed, START, length)


def test_an_empty_venue_has_a_day_too() -> None:
    """Unreadable messages need no place."""
    venue = Venue(congress=Congress(id="nowhere", name="Nowhere"))
    length = timedelta(minutes=30)

    alerts = raised(venue, day(venue, 1, START, length), length)

    check(truth(venue, 1, START, length), alerts)


def test_a_checklist_with_a_short_interval_is_repeated_in_time() -> None:
    """With an interval of ten minutes on a day of thirty, only the planted omission is raised."""
    lists = [
        replace(row, interval=timedelta(minutes=10)) if row.id == "kitchen-hygiene" else row
        for row in VENUE.checklists
    ]
    venue, length = replace(VENUE, checklists=tuple(lists)), timedelta(minutes=30)
    expected = truth(venue, 2, START, length)

    check(expected, raised(venue, day(venue, 2, START, length), length))

    assert skipped(venue, 2, START, length, adapters=CONFIG.adapters) == ()
    assert "checklist-not-done" in {row.rule for row in expected}


def test_the_shipped_venue_has_a_place_for_every_incident() -> None:
    """For each of two hundred seeds, only the incident that takes hours is skipped on a short day."""
    length = timedelta(minutes=25)
    found = {skipped(VENUE, seed, START, length, adapters=CONFIG.adapters) for seed in range(200)}

    assert found == {("pass-expires",)}


def test_the_truth_has_the_severities_of_the_shipped_rules() -> None:
    """Every rule that the incidents exercise is shipped, with the severity that its alerts must have."""
    shipped = {rule.id: rule.severity for rule in RULES.rules}

    assert {rule: shipped.get(rule) for rule in SEVERITY} == dict(SEVERITY)
