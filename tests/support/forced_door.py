"""A door that is forced: its rule, its alert, and what people do with it."""

from monitor.core.alert import Alert
from monitor.core.events.commands import (
    StaffAcknowledge,
    StaffClose,
    StaffShelve,
    StaffUnshelve,
)
from monitor.core.events.door import DoorAlarmChanged, DoorTamper
from monitor.core.rules.model import Match
from tests.support.engine import EngineHarness, at, on, rule, rule_set

FORCED = Match(
    of=on("door.alarm", where='alarm == "forced_open"'),
    end=on("door.alarm", where='alarm == "normal"'),
)
TAMPER = Match(of=on("door.tamper", where="active"))


def forced(seconds: float) -> DoorAlarmChanged:
    """The door is forced."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="forced_open")


def normal(seconds: float) -> DoorAlarmChanged:
    """The door reports normal."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="normal")


def raised(severity: str = "high", match: Match = FORCED, **parts: object) -> EngineHarness:
    """An engine with one open alert."""
    harness = EngineHarness(rule_set(rule(match=match, severity=severity, **parts)))
    event = forced(0) if match is FORCED else DoorTamper(at=at(0), point="d1", active=True)
    harness.receive(event)
    return harness


def open_alert(harness: EngineHarness) -> Alert:
    """The one open alert."""
    (alert,) = harness.alerts()
    return alert


def acknowledge(
    harness: EngineHarness, seconds: float = 1, who: str = "ann", note: str = ""
) -> None:
    """Ann acknowledges the alert."""
    harness.receive(
        StaffAcknowledge(at=at(seconds), who=who, alert=open_alert(harness).id, note=note)
    )


def shelve(harness: EngineHarness, until: float = 3600, seconds: float = 1) -> None:
    """Ann shelves the alert."""
    harness.receive(
        StaffShelve(
            at=at(seconds),
            who="ann",
            alert=open_alert(harness).id,
            until=at(until),
            reason="repair",
        )
    )


def unshelve(harness: EngineHarness, seconds: float = 1) -> None:
    """The alert is unshelved by hand."""
    harness.receive(StaffUnshelve(at=at(seconds), who="ann", alert=open_alert(harness).id))


def close(harness: EngineHarness, seconds: float = 1, note: str = "") -> None:
    """The alert is closed by hand."""
    harness.receive(StaffClose(at=at(seconds), who="ann", alert=open_alert(harness).id, note=note))
