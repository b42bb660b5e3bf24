"""What remains of an alert that has closed."""

from datetime import timedelta

import pytest

from monitor.core.alert import Change
from monitor.core.events.access import AccessDenied
from monitor.core.events.commands import (
    StaffClose,
)
from monitor.core.events.door import DoorTamper
from monitor.core.rules.model import Match
from tests.support.engine import EngineHarness, at, on, rule, rule_set
from tests.support.forced_door import (
    TAMPER,
    close,
    open_alert,
    raised,
)


@pytest.mark.parametrize(("second", "count"), [(59.999, 1), (60, 2)])
def test_the_cooldown_runs_from_the_closing(second: float, count: int) -> None:
    """After a person has closed an alert, no new one is raised for its key during the cooldown."""
    harness = raised(match=TAMPER, cooldown=timedelta(seconds=50))
    close(harness, 10, note="x")
    harness.receive(DoorTamper(at=at(second), point="d1", active=True))
    harness.receive(DoorTamper(at=at(second), point="d2", active=True))

    assert harness.changes().count(Change.RAISED) == count + 1


def test_ended_cooldowns_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys come and go by the thousand, and their cooldowns are removed with them."""
    monkeypatch.setattr("monitor.core.alerts.open_alerts.MANY_COOLING", 10)
    denied = Match(of=on("access.denied"))
    harness = EngineHarness(
        rule_set(rule(by="credential", match=denied, cooldown=timedelta(seconds=5)))
    )
    for n in range(100):
        harness.receive(AccessDenied(at=at(10 * n), point="d1", credential=f"c{n}"))
        harness.receive(
            StaffClose(at=at(10 * n + 1), who="ann", alert=open_alert(harness).id, note="x")
        )

    assert len(harness.engine.state.alerts.cooling) <= 10
