"""The state of a door follows from its events and from what rules mean, whatever their ids."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.rules.model import RuleSet
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.state_measurements import CLOSED, FORCED, HELD, OPEN, UNKNOWN
from tests.support.pipeline import TOLERANCE, PipelineHarness, event_payload, trial_rule_set

LIMIT = 30
"""Seconds after which d2 is held open."""


def renamed() -> RuleSet:
    """The shipped rules under other ids."""
    rules = trial_rule_set()
    return replace(rules, rules=tuple(replace(row, id=f"our-{row.id}") for row in rules.rules))


@pytest.fixture(params=[trial_rule_set, renamed], ids=["shipped rules", "renamed rules"])
def line(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PipelineHarness]:
    """A pipeline with these rules in force."""
    with PipelineHarness(tmp_path / "journal.db", rule_set=request.param()) as made:
        yield made


def happen(line: PipelineHarness, kind: str, *, ago: float = 0, **fields: object) -> None:
    """Let an event of door d2 happen this many seconds before it arrives."""
    payload = event_payload(kind, line.clock.time - timedelta(seconds=ago), point="d2", **fields)
    line.take(line.sent("venue/centre/door/d2", payload))


def states(line: PipelineHarness) -> list[int]:
    """The states of the door in order of time, without repetitions."""
    projection = Projection(lambda _: trial_rule_set(), b"a key of 16 byte", TOLERANCE)
    rows = [
        (int(row.rpartition(" ")[2]), int(row.partition(" state=")[2].partition("i")[0]))
        for row in projection.lines(line.journal.entries(0, 1_000_000))
        if row.startswith("door,") and ",point=d2," in row
    ]
    found = [state for _, state in sorted(rows)]
    return [state for n, state in enumerate(found) if n == 0 or found[n - 1] != state]


def test_a_door_that_stays_open_is_held_open(line: PipelineHarness) -> None:
    """A door is shown as held open from the time of the alert, not only from the next minute."""
    happen(line, "door.opened")
    line.wait(LIMIT + 5)
    assert states(line) == [OPEN, HELD]
    happen(line, "door.closed")
    assert states(line) == [OPEN, HELD, CLOSED]


def test_a_warning_is_not_yet_held_open(line: PipelineHarness) -> None:
    """At two thirds of the limit there is an alert, but the door is not yet shown as held open."""
    happen(line, "door.opened")
    line.wait(LIMIT - 5)
    assert line.journal.alerts()
    assert states(line) == [OPEN]


def test_an_unlocked_door_may_stay_open(line: PipelineHarness) -> None:
    """The rules decide what counts as held open."""
    happen(line, "door.mode", mode="unlocked")
    happen(line, "door.opened")
    line.wait(120)
    assert states(line) == [UNKNOWN, OPEN]


def test_the_controllers_alarm_is_shown(line: PipelineHarness) -> None:
    """Forced takes precedence over held open, until the controller reports normal."""
    happen(line, "door.opened")
    line.wait(LIMIT + 5)
    happen(line, "door.alarm", alarm="forced_open")
    line.wait(5)
    happen(line, "door.alarm", alarm="normal")
    assert states(line) == [OPEN, HELD, FORCED, HELD]


def test_a_late_alarm_counts(line: PipelineHarness) -> None:
    """A report about one part of the door does not make an older one about another part obsolete."""
    happen(line, "door.opened")
    happen(line, "door.alarm", ago=0.5, alarm="forced_open")
    happen(line, "door.closed", ago=0.5)
    line.wait(61)
    happen(line, "door.fault", active=False)
    assert states(line)[-1] == FORCED


def test_a_forced_door_that_was_closed_is_not_forced_for_ever(line: PipelineHarness) -> None:
    """Some controllers never say that an alarm is over: opened anew after it was closed, the door is open."""
    happen(line, "door.opened")
    happen(line, "door.alarm", alarm="forced_open")
    happen(line, "door.closed")
    line.wait(2)
    happen(line, "door.opened")
    assert states(line)[-3:] == [FORCED, CLOSED, OPEN]
