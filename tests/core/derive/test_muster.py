"""A muster continues when rules change: the missing stay missing, and those who reported need not report again."""

import msgspec
import pytest
from msgspec.structs import replace

from monitor.core.engine import last_values
from monitor.core.events.access import AccessGranted, AccessMuster
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import RuleSet
from tests.support.engine import RULE_SET, EngineHarness, at

MISSING, NOT_BEGUN = "muster-incomplete", "muster-not-begun"


def other_rule_set(*, minutes: int | None = None) -> RuleSet:
    """The shipped rules with both muster rules rewritten, or with another limit only."""
    rules = []
    for row in RULE_SET.rules:
        absence = row.absence
        if row.id in {MISSING, NOT_BEGUN} and absence is not None:
            if minutes is not None:
                absence = replace(absence, within=f"{minutes}m")
            else:
                found = msgspec.to_builtins(absence)
                after = found["after"] if isinstance(found["after"], dict) else found["after"][0]
                after["where"] = " and ".join(filter(None, (after["where"], 'site != "moon"')))
                absence = msgspec.convert({**found, "after": [after]}, type(absence))
        rules.append(replace(row, absence=absence))
    return replace(RULE_SET, rules=tuple(rules))


@pytest.fixture(
    params=[RULE_SET, other_rule_set()],
    ids=["the same rules", "both muster rules written otherwise"],
)
def other(request: pytest.FixtureRequest) -> RuleSet:
    """The rules that come into force during the muster."""
    rule_set: RuleSet = request.param
    return rule_set


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> EngineHarness:
    """Three badges in the hall, more than the subjects remembered of one type, and a fire after a minute."""
    monkeypatch.setattr(last_values, "MOST", 2)
    harness = EngineHarness(RULE_SET)
    for n in (1, 2, 3):
        harness.receive(AccessGranted(at=at(n), point="d1", holder=f"h{n}", direction="in"))
    harness.receive(EmergencyFire(at=at(60), zone="hall"))
    harness.tick(90)
    assert harness.engine.state.people.mustering
    return harness


def change(harness: EngineHarness, rule_set: RuleSet, seconds: float) -> None:
    """Put other rules in force."""
    harness.step(RulesChanged(received_at=at(seconds), who="ann", rule_set=rule_set))


def reports(harness: EngineHarness, holder: str, seconds: float) -> None:
    """A holder reports at an assembly point."""
    harness.receive(AccessMuster(at=at(seconds), point="g1", holder=holder))


def missing(harness: EngineHarness) -> dict[str, float]:
    """The holders who are reported missing, and since when, in seconds after the start."""
    return {
        row.key: (row.happened_at - at(0)).total_seconds()
        for row in harness.alerts(MISSING)
        if row.cleared_at is None
    }


def test_a_holder_who_has_not_reported_is_missing(venue: EngineHarness, other: RuleSet) -> None:
    """A holder is missing ten minutes after the alarm, not after the change."""
    reports(venue, "h1", 100)
    change(venue, other, 200)
    reports(venue, "h2", 300)
    venue.tick(1500)

    assert missing(venue) == {"h3": 660.0}


def test_a_holder_has_reported_already(venue: EngineHarness, other: RuleSet) -> None:
    """The muster has begun: no alert after the change says that it has not."""
    reports(venue, "h1", 100)
    venue.tick(150)
    change(venue, other, 200)
    venue.tick(1500)

    assert venue.changes(NOT_BEGUN) == []


def test_no_holder_has_reported(venue: EngineHarness, other: RuleSet) -> None:
    """The alert comes five minutes after the alarm, not after the change; the first report ends it."""
    change(venue, other, 200)
    venue.tick(500)

    assert [row.happened_at for row in venue.alerts(NOT_BEGUN)] == [at(360)]

    reports(venue, "h1", 510)
    venue.tick(520)

    assert venue.changes(NOT_BEGUN) == ["raised", "cleared"]


def test_a_missing_holder_is_reported_once(venue: EngineHarness, other: RuleSet) -> None:
    """The alerts stay as they are; a holder who then reports is no longer missing."""
    reports(venue, "h1", 100)
    venue.tick(700)
    change(venue, other, 800)
    reports(venue, "h2", 900)
    venue.tick(2000)

    assert missing(venue) == {"h3": 660.0}
    assert venue.changes(MISSING) == ["raised", "raised", "cleared"]


@pytest.mark.parametrize("changed_at", [200, 800])
def test_the_end_of_the_alarm_ends_the_muster(
    venue: EngineHarness, other: RuleSet, changed_at: float
) -> None:
    """No one is missing any more, whether or not they were reported missing before the change."""
    venue.tick(changed_at - 5)
    change(venue, other, changed_at)
    venue.receive(EmergencyCleared(at=at(changed_at + 50), zone="hall"))
    venue.tick(3000)

    assert missing(venue) == {}
    assert not venue.engine.state.people.mustering
    assert [row for row in venue.alerts(NOT_BEGUN) if row.cleared_at is None] == []


def test_rules_that_change_after_the_alarm(venue: EngineHarness, other: RuleSet) -> None:
    """A muster that is over does not start again."""
    reports(venue, "h1", 100)
    venue.receive(EmergencyCleared(at=at(150), zone="hall"))
    venue.tick(200)
    change(venue, other, 300)
    venue.tick(3000)

    assert venue.changes(MISSING) == venue.changes(NOT_BEGUN) == []


def test_another_limit(venue: EngineHarness) -> None:
    """A changed limit is measured from the alarm, too."""
    change(venue, other_rule_set(minutes=4), 200)
    venue.tick(1500)

    assert missing(venue) == {"h1": 300.0, "h2": 300.0, "h3": 300.0}
