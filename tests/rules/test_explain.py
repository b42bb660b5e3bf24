"""What a rule made of recorded events, and why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from monitor.core.events import Event
from monitor.core.events.access import AccessDenied, AccessGranted
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.events.work import ActionOpened, ActionVerified
from monitor.core.events.zone import EmergencyFire
from monitor.core.inputs import Arrival
from monitor.core.rules.model import RuleBook
from monitor.rules.explain import explain
from monitor.rules.read import load

RULES = load(Path(__file__).parents[2] / "rules")
START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def at(seconds: int) -> datetime:
    """Return a moment so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def told(rule: str, *events: Event, book: RuleBook | None = None) -> list[str]:
    """Return what is said of a rule and these events, without the events themselves."""
    inputs = [Arrival(received_at=said.at, source="test", events=(said,)) for said in events]
    lines = explain(
        book or RULES.book(RULES.trial_venue),
        rule,
        inputs,
        lateness=timedelta(seconds=2),
        tolerance=timedelta(seconds=2),
    )
    return [line.partition(" {")[0] + "".join(line.partition("}")[2:]) for line in lines]


def changed(rule: str, **how: object) -> RuleBook:
    """Return the shipped rules, one of them changed."""
    rules = [replace(row, **how) if row.id == rule else row for row in RULES.rules]
    return replace(RULES.book(RULES.trial_venue), rules=tuple(rules))


def test_what_fits_and_what_follows_is_said() -> None:
    """Each event that the rule listens to has its line, and each step of the alert too."""
    assert told("door-forced", DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open")) == [
        '2026-01-01 08:00:00.000000Z end: no\n    not so: alarm == "normal"',
        "2026-01-01 08:00:00.000000Z of: yes",
        "2026-01-01 08:00:00.000000Z ==> raised d1: Door d1 forced open",
    ]


def test_the_part_that_was_not_so_is_named() -> None:
    """Of a condition with several parts only those that failed are shown."""
    assert told("door-opened-unreleased", DoorOpened(at=at(0), point="e1"))[0] == (
        "2026-01-01 08:00:00.000000Z of: no\n"
        '    not so: point_kind != "emergency_exit"\n'
        '    fact "door-released" of "e1" is unknown, which alerts\n'
        '    fact "door-unlocked" of "e1" is unknown, which alerts\n'
        '    fact "emergency-active" of "centre" does not hold since 2026-01-01 07:59:58.000000Z'
    )


def test_an_event_that_does_not_say_whose_it_is_is_told_apart() -> None:
    """It fits, and yet the rule can't follow it: a field of ``by`` is empty."""
    lines = told("denied-badge", AccessDenied(at=at(0), point="d1", reason="invalid_pin"))

    assert lines[0].startswith("2026-01-01 08:00:00.000000Z of: no")
    assert "it has no credential, by which the rule goes" in lines[0]


def test_how_the_facts_stood_is_said() -> None:
    """An alert that didn't come is explained by the fact that held."""
    lines = told(
        "door-opened-unreleased",
        AccessGranted(at=at(0), point="d1"),
        DoorOpened(at=at(5), point="d1"),
        DoorClosed(at=at(9), point="d1"),
    )

    assert 'fact "door-released" of "d1" holds since 2026-01-01 08:00:00.000000Z' in lines[0]
    assert not any("==>" in line for line in lines)


def test_a_fact_is_shown_as_it_stood_when_the_event_had_its_turn() -> None:
    """What arrived shortly before it has been learnt by then, though not when it arrived."""
    lines = told(
        "door-opened-unreleased",
        AccessGranted(at=at(0), point="d1"),
        DoorOpened(at=at(1), point="d1"),
    )

    assert 'fact "door-released" of "d1" holds since 2026-01-01 08:00:00.000000Z' in lines[0]


def test_a_fact_that_has_run_out_is_not_shown_as_if_it_held() -> None:
    """A release lasts some seconds; the alert after that needs no other reason."""
    lines = told(
        "door-opened-unreleased",
        AccessGranted(at=at(0), point="d1"),
        DoorOpened(at=at(60), point="d1"),
    )

    assert (
        'fact "door-released" of "d1" no longer holds: '
        "it lasts 10 s from 2026-01-01 08:00:00.000000Z" in lines[0]
    )
    assert lines[-1].endswith("Door d1 opened without badge or button")


def test_an_unknown_fact_that_keeps_a_rule_silent_is_named_as_the_reason() -> None:
    """Whoever asks why there was no alert reads it in words."""
    lines = told(
        "door-opened-unreleased",
        DoorOpened(at=at(0), point="d1"),
        book=changed("door-opened-unreleased", unknown="silent"),
    )

    assert 'fact "door-released" of "d1" is unknown, which keeps it silent' in lines[0]


def test_what_the_monitor_concludes_is_shown_too() -> None:
    """Nobody sends `site.alarm`, and a rule that listens to it heard it all the same."""
    lines = told("muster-not-begun", EmergencyFire(at=at(0), zone="hall"))

    assert "2026-01-01 08:00:00.000000Z after: yes" in lines


def test_what_later_words_leave_out_is_filled_in_as_the_rule_sees_it() -> None:
    """The verification names no asset; the action's first word did."""
    opened = ActionOpened(
        at=at(0),
        action="a1",
        asset="lift-2",
        zone="hall",
        who="n",
        kind="repair",
        severity="critical",
    )
    lines = told("asset-again", opened, ActionVerified(at=at(5), action="a1", who="m"))

    assert "2026-01-01 08:00:05.000000Z step 2: yes" in lines


def test_a_rule_of_another_phase_is_said_to_be_out_of_force() -> None:
    """Instead of events there is one line that says why the rule is silent."""
    assert told("inspection-overdue-4h", DoorOpened(at=at(0), point="d1")) == [
        '"inspection-overdue-4h" is not in force: it is for prepare, and the congress is in live'
    ]


def test_a_cooldown_is_named_as_the_reason() -> None:
    """The event fits, and no alert follows: one of the door has just ended."""
    forced = DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open")
    normal = DoorAlarmChanged(at=at(5), point="d1", alarm="normal")
    lines = told(
        "door-forced",
        *(forced, normal, replace(forced, at=at(9))),
        book=changed("door-forced", cooldown=timedelta(seconds=60)),
    )

    reason = "an alert of it was over shortly before: no new one until 2026-01-01 08:01:05.000000Z"
    assert lines[-1].endswith(reason)
    assert reason not in "".join(lines[:-1])
