"""The live screen says what is wrong, where, how many people are where, and which doors stand open."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from monitor.core.engine.engine import Engine
from monitor.core.events import Event
from monitor.core.events.access import AccessDuress
from monitor.core.events.door import DoorOpened, DoorTamper
from monitor.core.events.zone import ZoneCount
from monitor.core.inputs import Arrival, Input, RulesChanged, Tick
from monitor.core.state.state import State
from monitor.demo.screen import Screen
from monitor.journal import Journal, Record
from monitor.rules.read import load

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SAID: tuple[Event, ...] = (
    DoorTamper(at=START, point="d1", active=True),
    AccessDuress(at=START, point="g1"),
    DoorOpened(at=START, point="d2"),
    ZoneCount(at=START, zone="hall", count=7),
)


def drawn(folder: Path, *, trouble: str = "") -> str:
    """Return the screen for a tampered door, a duress, an open door and a crowd."""
    rules = load(Path(__file__).parents[2] / "rules")
    engine = Engine(State(), lateness=2 * SECOND, tolerance=2 * SECOND)
    path = folder / "journal.db"
    with Journal(path) as journal:
        inputs: list[Input] = [
            RulesChanged(received_at=START, who="test", book=rules.book(rules.trial_venue)),
            *(Arrival(received_at=START + SECOND, source="test", events=(said,)) for said in SAID),
            Tick(received_at=START + 10 * SECOND),
        ]
        journal.commit([Record(given, engine.step(given)) for given in inputs])
    console = Console(width=160, height=40, record=True, color_system=None)
    console.print(Screen(path).draw(START, rate=3.0, trouble=trouble), height=40)
    return console.export_text()


def test_everything_that_an_officer_needs_is_on_the_screen(tmp_path: Path) -> None:
    """Alerts with their severity in words, people against capacity, doors that are not closed."""
    screen = drawn(tmp_path)

    assert "Somebody works at the hardware of door d1" in screen
    assert "1 life safety" in screen
    assert "1 critical" in screen
    assert "7/10" in screen
    assert "d2 open" in screen
    assert "all parts well" in screen


def test_a_silent_alert_doesnt_say_what_it_is(tmp_path: Path) -> None:
    """Whoever forces a person may stand before the screen."""
    screen = drawn(tmp_path)

    assert "a silent alert" in screen
    assert "Duress" not in screen
    assert "g1" not in screen


def test_a_trouble_of_the_monitor_is_on_the_screen(tmp_path: Path) -> None:
    """A monitor that hears nothing must not look like a quiet venue."""
    assert "the broker is away" in drawn(tmp_path, trouble="the broker is away")
