"""Inspections that are scheduled and whose form has not come."""

from datetime import datetime

from monitor.core.derive.due_inspections import MOST
from monitor.core.events.inspection import (
    InspectionCancelled,
    InspectionScheduled,
    InspectionSubmitted,
)
from tests.support.engine import EngineHarness, at
from tests.support.pipeline import trial_rule_set


def due(engine: EngineHarness) -> dict[str, datetime]:
    """Return what is due, by inspection."""
    engine.tick((engine.engine.state.time.now - at(0)).total_seconds() + 10)
    return engine.engine.state.work.checklists["check"].due


def scheduled(own: str, seconds: float, due_s: float) -> InspectionScheduled:
    """An inspection that is scheduled, with times in seconds after the start."""
    return InspectionScheduled(at=at(seconds), checklist="check", inspection=own, due_at=at(due_s))


def test_it_is_due_until_its_form_comes_or_it_is_cancelled() -> None:
    """A later time of the same inspection replaces the earlier one; a plan that comes after the form is over."""
    engine = EngineHarness(trial_rule_set())
    for own, late in (("v1", 600), ("v2", 900), ("v1", 700)):
        engine.receive(scheduled(own, 1, late))
    assert due(engine) == {"v1": at(700), "v2": at(900)}
    engine.receive(InspectionSubmitted(at=at(20), checklist="check", inspection="v1"))
    engine.receive(InspectionCancelled(at=at(21), checklist="check", inspection="v2"))
    assert due(engine) == {}
    engine.receive(scheduled("v1", 40, 800))
    assert due(engine) == {}


def test_the_memory_is_limited() -> None:
    """What was due first is forgotten first."""
    engine = EngineHarness(trial_rule_set())
    for n in range(MOST + 1):
        engine.receive(scheduled(f"v{n}", 1, 600 + n))
    assert len(found := due(engine)) == MOST
    assert "v0" not in found
