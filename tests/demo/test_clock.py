"""The clock of the demonstration waits for the line and for the monitor, and for neither of them for ever."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.adapters import Translator
from monitor.core.identity import identity
from monitor.demo.clock import AHEAD, PATIENCE, ClockDrive, MonitorStuck
from monitor.demo.line import Line
from monitor.journal import Journal, Record
from monitor.runtime.shared_clock import SharedClock
from monitor.simulate.message import Planned
from tests.support.pipeline import event_payload

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
SPEED = 60.0
TRANSLATOR = Translator(())


def message(minute: int) -> Planned:
    """A heartbeat that is sent so many minutes after the start."""
    at = START + timedelta(minutes=minute)
    payload = event_payload("device.heartbeat", at, device="reader", id=str(minute))
    return Planned(at, "venue/hall/device/reader", payload)


class Rig:
    """A clock and its drive, over a journal, with real time as it is set."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.journal = journal
        self.clock = SharedClock.create(folder / "clock", SPEED, START)
        self.elapsed = 0.0
        self.silence: float | None = 0.0
        self.drive = ClockDrive(
            self.clock,
            journal.path,
            elapsed=lambda: self.elapsed,
            silence=lambda _: self.silence,
        )

    def follow(self, *minutes: int) -> None:
        """Follow a day with one message at each of these minutes; it ends after an hour."""
        plan = iter([message(minute) for minute in minutes])
        self.drive.follow(Line(self.journal.path, plan, TRANSLATOR), START + timedelta(hours=1))

    def commit(self, minute: int) -> None:
        """Put the message of a minute into the journal."""
        sent = message(minute)
        decoded = TRANSLATOR.decode(sent.topic, sent.payload, sent.at)
        self.journal.commit([Record(decoded, [], identity(decoded, sent.topic, sent.payload))])

    def run(self, seconds: float) -> timedelta:
        """Let real time pass in steps of 10 ms; return how far the clock is from its start."""
        for _ in range(round(seconds * 100)):
            self.elapsed += 0.01
            self.drive.step()
        return self.clock.now() - START


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A clock that stands at the start, over an empty journal."""
    with Journal(tmp_path / "journal.db") as journal:
        yield Rig(tmp_path, journal)


def test_without_a_line_it_takes_its_time(rig: Rig) -> None:
    """However long the monitor takes to start, no device is silent before the day; then a second is a minute."""
    rig.silence = None
    assert rig.run(60) == pytest.approx(timedelta(minutes=1), abs=timedelta(milliseconds=1))
    rig.silence = 0.0
    rig.follow(30)
    assert rig.run(1) == pytest.approx(timedelta(minutes=2), abs=timedelta(milliseconds=1))


def test_it_waits_for_a_message_that_is_not_in_the_journal(rig: Rig) -> None:
    """It stands still half a second of real time after the oldest missing message, and goes on once it is there."""
    rig.follow(1, 2)
    limit = AHEAD * SPEED
    assert rig.run(20) == timedelta(minutes=1) + limit
    rig.commit(1)
    assert rig.run(20) == timedelta(minutes=2) + limit
    rig.commit(2)
    assert rig.run(2) > timedelta(minutes=4)


def test_it_stands_still_at_the_end(rig: Rig) -> None:
    """Once every message is in the journal it runs to the end and no further."""
    rig.follow(1)
    rig.commit(1)
    assert not rig.drive.is_done
    assert rig.run(90) == timedelta(hours=1)
    assert rig.drive.is_done


def test_it_waits_for_a_monitor_that_stands_still(rig: Rig) -> None:
    """Without a sign of life for a second it stands still, and a long pause is not made up for afterwards."""
    rig.silence = 1.5
    assert rig.run(10) == timedelta()
    rig.silence = 0.2
    rig.elapsed += 10
    assert rig.run(0.1) < timedelta(seconds=10)


def test_a_lost_message_is_not_waited_for_for_ever(rig: Rig) -> None:
    """When nothing has come for a minute the day goes on; the verdict counts what is missing."""
    rig.follow(1)
    assert rig.run(PATIENCE - 1) < timedelta(minutes=2)
    assert rig.run(90) == timedelta(hours=1)


def test_a_monitor_that_is_stuck_ends_it(rig: Rig) -> None:
    """A monitor without any sign of life for a minute is a failure with its reason."""
    rig.silence = PATIENCE + 1
    with pytest.raises(MonitorStuck, match="no sign of life for 60 s"):
        rig.run(1)
