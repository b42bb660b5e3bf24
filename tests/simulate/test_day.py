"""A simulated day: the same for the same seed, in order, each message with its own id."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from monitor.app.deployment import load_all
from monitor.core.decode import decode
from monitor.core.inputs import Arrival, Rejected
from monitor.simulate import Planned, day, truth
from monitor.simulate.truth import read, write

ROOT = Path(__file__).parents[2]
CONFIG, VENUE = load_all(ROOT / "config.toml", {})
START = datetime(2026, 9, 1, 6, tzinfo=UTC)
LENGTH = timedelta(minutes=30)


@pytest.fixture(scope="module")
def plan() -> list[Planned]:
    """A day at the shipped venue."""
    return list(day(VENUE, 7, START, LENGTH, adapters=CONFIG.adapters))


def test_the_same_seed_is_the_same_day(plan: list[Planned]) -> None:
    """The same seed gives the same day, byte by byte; another seed gives another day."""
    assert list(day(VENUE, 7, START, LENGTH, adapters=CONFIG.adapters)) == plan
    assert list(day(VENUE, 8, START, LENGTH, adapters=CONFIG.adapters)) != plan


def test_the_crowd_leaves_the_incidents_alone(plan: list[Planned]) -> None:
    """With more people, the same incidents happen at the same times."""
    busy = day(VENUE, 7, START, LENGTH, 3, adapters=CONFIG.adapters)

    planted = [(row.at, row.topic, row.incident) for row in busy if row.incident]

    assert planted == [(row.at, row.topic, row.incident) for row in plan if row.incident]


def test_messages_come_in_order_of_sending(plan: list[Planned]) -> None:
    """The messages are in order, from the first moment of the day to its last."""
    times = [row.at for row in plan]

    assert times == sorted(times)
    assert START <= times[0] < times[-1] <= START + LENGTH


def test_every_event_has_an_id_of_its_own(plan: list[Planned]) -> None:
    """Published events can be looked up in the journal; only a repetition has the id of another event."""
    ids = [row.id for row in plan if row.id and row.outcome == "input"]
    repeated = [row for row in plan if row.outcome == "duplicate" and row.id]

    assert len(ids) == len(set(ids))
    assert all(name.startswith("sim-7-") for name in ids)
    assert {row.id for row in repeated} <= set(ids)
    assert len(repeated) == 2


def test_the_decoder_agrees_on_what_can_be_read(plan: list[Planned]) -> None:
    """Exactly the unreadable messages are rejected, and every event has the id that the plan states."""
    for row in plan:
        if not row.topic.startswith("venue/"):
            continue
        decoded = decode(row.topic, row.payload, row.at)
        assert isinstance(decoded, Rejected) == (row.outcome == "unreadable"), decoded
        if isinstance(decoded, Arrival):
            assert [event.id for event in decoded.events] == [row.id]


def test_the_truth_names_incidents_of_the_plan(plan: list[Planned]) -> None:
    """Every expected alert has messages that cause it, sent before its time."""
    first: dict[str, datetime] = {}
    for row in plan:
        first.setdefault(row.incident, row.at)

    for expected in truth(VENUE, 7, START, LENGTH, adapters=CONFIG.adapters):
        assert first[expected.incident] <= expected.at


def test_the_truth_survives_its_file(tmp_path: Path) -> None:
    """One line of JSON for each alert; reading returns what was written."""
    expected = truth(VENUE, 7, START, LENGTH)

    write(tmp_path / "truth.jsonl", expected)

    assert read(tmp_path / "truth.jsonl") == expected
    assert len((tmp_path / "truth.jsonl").read_text().splitlines()) == len(expected)


def test_the_topic_of_a_device_names_its_site(plan: list[Planned]) -> None:
    """The topic names the site of a device, even if only its gateway, or a device behind it, is at an access point."""
    beats = {row.topic for row in plan if b"device.heartbeat" in row.payload}

    assert "venue/hall/device/hall-controller" in beats
    assert "venue/press/device/press-gateway" in beats
    assert "venue/dining/device/dining-contact-east" in beats


@pytest.mark.parametrize(
    ("start", "length", "wrong"),
    [
        (START, timedelta(minutes=24), "at least 0:25:00"),
        (START.replace(tzinfo=None), LENGTH, "in UTC"),
        (START.astimezone(timezone(timedelta(hours=7))), LENGTH, "in UTC"),
    ],
)
def test_an_impossible_day_is_refused(start: datetime, length: timedelta, wrong: str) -> None:
    """A day is refused if it is too short for the windows of the rules, or not in UTC."""
    with pytest.raises(ValueError, match=wrong):
        day(VENUE, 1, start, length)


def test_readings_are_numbers(plan: list[Planned]) -> None:
    """Readings are numbers, and the kitchen's cold store stays cold."""
    cold = [msgspec.json.decode(row.payload)["value"] for row in plan if "cold-store" in row.topic]

    assert cold
    assert max(cold) <= 5
