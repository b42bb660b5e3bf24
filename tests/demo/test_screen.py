"""The live screen shows what is wrong, where people are, and which doors are open."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from monitor.cli.screen_text import escaping
from monitor.core.alert import Alert, Change
from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDuress
from monitor.core.events.door import DoorOpened, DoorTamper
from monitor.core.events.zone import ZoneCount
from monitor.core.inputs import Arrival, Input, RulesChanged, Tick
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, ZoneChanged, ZoneStatus
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import Congress, Venue
from monitor.demo.screen import Screen
from monitor.journal import Journal, Record
from monitor.rules.read import load
from monitor.runtime.screen import EscapingConsole
from monitor.texts import ENGLISH

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CONGRESS = Congress(id="c", name="C", ends_at=START)
EVENTS: tuple[ReceivedEvent, ...] = (
    DoorTamper(at=START, point="d1", active=True),
    AccessDuress(at=START, point="g1"),
    DoorOpened(at=START, point="d2"),
    ZoneCount(at=START, zone="hall", count=7),
)


def drawn(folder: Path, *, trouble: str = "") -> str:
    """Return the screen for a tampered door, a duress, an open door and a crowd."""
    rules = load(Path(__file__).parents[2] / "rules")
    engine = Engine(State(), lateness=2 * SECOND, tolerance=2 * SECOND, wording=ENGLISH)
    path = folder / "journal.db"
    with Journal(path) as journal:
        inputs: list[Input] = [
            RulesChanged(received_at=START, who="test", rule_set=rules.rule_set(rules.test_venue)),
            *(Arrival(received_at=START + SECOND, source="test", events=(row,)) for row in EVENTS),
            Tick(received_at=START + 10 * SECOND),
        ]
        journal.commit([Record(given, engine.step(given)) for given in inputs])
    console = Console(width=160, height=40, record=True, color_system=None)
    console.print(
        Screen(path, DisplayNames(rules.test_venue)).draw(START, rate=3.0, trouble=trouble),
        height=40,
    )
    return console.export_text()


def test_everything_that_an_officer_needs_is_on_the_screen(tmp_path: Path) -> None:
    """The screen shows alerts with their severity in words, people against capacity, and doors that are not closed."""
    screen = drawn(tmp_path)

    assert "Door hardware tampered with: Door of the hall" in screen
    assert "1 life safety" in screen
    assert "1 critical" in screen
    assert "7/10" in screen
    assert "Door without a reader: open" in screen
    assert "healthy" in screen


def test_a_silent_alert_does_not_reveal_what_it_is(tmp_path: Path) -> None:
    """A silent alert does not show what it is: the person who threatens someone may be looking at the screen."""
    screen = drawn(tmp_path)

    assert "silent alert" in screen
    assert "Duress" not in screen
    assert "g1" not in screen


def test_a_problem_of_the_monitor_is_on_the_screen(tmp_path: Path) -> None:
    """A disconnected monitor must not look like a quiet venue."""
    assert "the broker is away" in drawn(tmp_path, trouble="the broker is away")


def test_what_strangers_sent_controls_nothing_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names of zones and doors, titles and reasons are escaped, and our own colours stay."""
    evil = "x\x1b]0;owned\x07\u202e\x9b"
    monkeypatch.delenv("NO_COLOR", raising=False)
    names = DisplayNames(Venue(congress=CONGRESS, zones=(), points=()))
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        event = DoorOpened(at=START, point=evil)
        row = Alert(
            id="a",
            rule="r",
            key="k",
            title=f"Door {evil}",
            severity="critical",
            do="",
            owner=evil,
            happened_at=START,
            raised_at=START,
            last_at=START,
        )
        zone = ZoneChanged(at=START, status=ZoneStatus(zone=evil, inspected="failed", open=True))
        raised = AlertChanged(at=START, change=Change.RAISED, alert=row)
        given = Arrival(received_at=START, source="test", events=(event,))
        journal.commit([Record(given, [raised, zone])])
    with escaping():
        console = EscapingConsole(
            width=200, height=40, force_terminal=True, color_system="standard"
        )
        console.print(Screen(path, names).draw(START, rate=3.0, trouble=evil), height=40)
    out = capsys.readouterr().out
    assert out.count("x\\u001b]0;owned\\u0007\\u202e\\u009b") >= 3
    assert not {"\x07", "\u202e", "\x9b"} & set(out)
    assert "\x1b]" not in out
    assert "\x1b[1;31m" in out
