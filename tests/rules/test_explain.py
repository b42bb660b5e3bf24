"""`rules explain`: what a rule does with recorded events, and why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDenied, AccessGranted
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.events.work import ActionOpened, ActionVerified
from monitor.core.events.zone import EmergencyFire
from monitor.core.inputs import Arrival
from monitor.core.rules.model import RuleSet
from monitor.rules.explain import explain
from monitor.rules.read import load

RULES = load(Path(__file__).parents[2] / "rules")
START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def at(seconds: int) -> datetime:
    """Return the time this many seconds after the start."""
    return START + timedelta(seconds=seconds)


def explained(rule: str, *events: ReceivedEvent, rule_set: RuleSet | None = None) -> list[str]:
    """Return the explanation of a rule for these events, without the events themselves."""
    inputs = [Arrival(received_at=event.at, source="test", events=(event,)) for event in events]
    found = explain(
        rule_set or RULES.rule_set(RULES.test_venue),
        rule,
        inputs,
        lateness=timedelta(seconds=2),
        tolerance=timedelta(seconds=2),
    )
    lines = (row.text for row in found)
    return [line.partition(" {")[0] + "".join(line.partition("}")[2:]) for line in lines]


def changed(rule: str, **how: object) -> RuleSet:
    """Return the shipped rules with one of them changed."""
    rules = [replace(row, **how) if row.id == rule else row for row in RULES.rules]
    return replace(RULES.rule_set(RULES.test_venue), rules=tuple(rules))


def test_matches_and_transitions_are_shown() -> None:
    """Each event that the rule listens to has its line, and so has each change of its alert."""
    assert explained(
        "door-forced", DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open")
    ) == [
        '2026-01-01 08:00:00.000000Z end: no\n    false: alarm == "normal"',
        "2026-01-01 08:00:00.000000Z of: yes",
        "2026-01-01 08:00:00.000000Z ==> raised d1: Door forced open: Door of the hall",
    ]


def test_the_part_that_failed_is_shown() -> None:
    """Of an expression with several parts only those that failed are shown."""
    assert explained("door-opened-unreleased", DoorOpened(at=at(0), point="e1"))[0] == (
        "2026-01-01 08:00:00.000000Z of: no\n"
        '    false: point_kind != "emergency_exit"\n'
        '    fact "door-released" of "e1" is unknown, which alerts\n'
        '    fact "door-unlocked" of "e1" is unknown, which alerts\n'
        '    fact "emergency-active" of "centre" does not hold since 2026-01-01 07:59:58.000000Z'
    )


def test_an_event_without_the_key_is_shown() -> None:
    """The event fits, but the rule cannot follow it, because a field of ``by`` is empty."""
    lines = explained("denied-badge", AccessDenied(at=at(0), point="d1", reason="invalid_pin"))

    assert lines[0].startswith("2026-01-01 08:00:00.000000Z of: no")
    assert "it has no credential, which is in the rule's by" in lines[0]


def test_the_values_of_facts_are_shown() -> None:
    """A missing alert is explained by the fact that held."""
    lines = explained(
        "door-opened-unreleased",
        AccessGranted(at=at(0), point="d1"),
        DoorOpened(at=at(5), point="d1"),
        DoorClosed(at=at(9), point="d1"),
    )

    assert 'fact "door-released" of "d1" holds since 2026-01-01 08:00:00.000000Z' in lines[0]
    assert not any("==>" in line for line in lines)


def test_a_fact_is_shown_as_of_the_time_of_the_event() -> None:
    """The value of a fact includes events that arrived later but happened before."""
    lines = explained(
        "door-opened-unreleased",
        AccessGranted(at=at(0), point="d1"),
        DoorOpened(at=at(1), point="d1"),
    )

    assert 'fact "door-released" of "d1" holds since 2026-01-01 08:00:00.000000Z' in lines[0]


def test_an_expired_fact_is_not_shown() -> None:
    """An expired fact is not shown: a release lasts some seconds, and an alert after it needs no other explanation."""
    lines = explained(
        "door-opened-unreleased",
        AccessGranted(at=at(0), point="d1"),
        DoorOpened(at=at(60), point="d1"),
    )

    assert (
        'fact "door-released" of "d1" no longer holds: '
        "it lasts 10 s from 2026-01-01 08:00:00.000000Z" in lines[0]
    )
    assert lines[-1].endswith("Door opened without a badge or exit button: Door of the hall")


def test_an_unknown_fact_is_given_as_the_reason() -> None:
    """If an unknown fact keeps a rule silent, the explanation says so in words."""
    lines = explained(
        "door-opened-unreleased",
        DoorOpened(at=at(0), point="d1"),
        rule_set=changed("door-opened-unreleased", unknown="silent"),
    )

    assert 'fact "door-released" of "d1" is unknown, which does not alert' in lines[0]


def test_derived_events_are_shown_too() -> None:
    """`site.alarm` is never sent, and a rule that listens to it still receives it."""
    lines = explained("muster-not-begun", EmergencyFire(at=at(0), zone="hall"))

    assert "2026-01-01 08:00:00.000000Z after: yes" in lines


def test_enriched_fields_are_shown() -> None:
    """The verification names no asset; the opening of the action does."""
    opened = ActionOpened(
        at=at(0),
        action="a1",
        asset="lift-2",
        who="n",
        kind="repair",
        severity="critical",
    )
    lines = explained("asset-again", opened, ActionVerified(at=at(5), action="a1", who="m"))

    assert "2026-01-01 08:00:05.000000Z step 2: yes" in lines


def test_a_rule_of_another_phase_is_not_in_force() -> None:
    """Instead of events one line says why the rule is silent."""
    assert explained("inspection-overdue-4h", DoorOpened(at=at(0), point="d1")) == [
        '"inspection-overdue-4h" is not in force: its phase is prepare, and the congress is in live'
    ]


def test_a_cooldown_is_given_as_the_reason() -> None:
    """The event fits, and no alert follows: one for this door has just ended."""
    forced = DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open")
    normal = DoorAlarmChanged(at=at(5), point="d1", alarm="normal")
    lines = explained(
        "door-forced",
        *(forced, normal, replace(forced, at=at(9))),
        rule_set=changed("door-forced", cooldown=timedelta(seconds=60)),
    )

    reason = "its cooldown runs: no new alert until 2026-01-01 08:01:05.000000Z"
    assert lines[-1].endswith(reason)
    assert reason not in "".join(lines[:-1])
