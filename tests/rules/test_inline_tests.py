"""Rule tests inside rule files: what their lines mean, and the message for an unreadable one."""

from datetime import timedelta

import pytest

from monitor.core.rules.model import Hold, Match
from monitor.rules.inline_tests import RuleTest, RuleTestError, differences, play
from tests.support.engine import SHIPPED, on, played, rule, rule_set

HELD = rule(hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"))


def trial(*events: str, expect: tuple[str, ...] = (), **parts: object) -> RuleTest:
    """A test of one rule."""
    return RuleTest(rule="rule", name="x", events=events, expect=expect, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("shipped", SHIPPED.tests, ids=lambda row: f"{row.rule}: {row.name}")
def test_the_shipped_rules_pass_their_tests(shipped: RuleTest) -> None:
    """Each test of each file."""
    assert list(differences(SHIPPED.rule_set(SHIPPED.test_venue), shipped)) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("+1s", 'not an event line; write e.g. "+31s door.closed point=d1"'),
        ("+1s door.opened d1", 'not an event line; write e.g. "+31s door.closed point=d1"'),
        ('+1s door.opened point="d1', 'not an event line; write e.g. "+31s door.closed point=d1"'),
        ("1s door.opened point=d1", '"1s" is not a time; write e.g. +0s, +90s, +2h'),
        ("+1 door.opened point=d1", '"+1" is not a time; write e.g. +0s, +90s, +2h'),
        (
            "+1s door.opeend point=d1",
            'unknown event type "door.opeend"; did you mean "door.opened"?',
        ),
        ("+1s door.opened poimt=d1", '"door.opened" has no field "poimt"; did you mean "point"?'),
        ("+1s door.opened point=d1 zone=hall", '"door.opened" has no field "zone"'),
        ("+1s door.opened point=d1 type=door.closed", '"door.opened" has no field "type"'),
        ("+1s door.opened", '"door.opened" needs point; write point=...'),
        ("+1s door.opened point=d1 at=20", '"20" is not a time; write e.g. +0s, +90s, +2h'),
        ("+1s door.opened point=d1 at=+x", '"+x" is not a time; write e.g. +0s, +90s, +2h'),
        (
            "+1s zone.occupancy zone=hall count=3",
            '"zone.occupancy" is derived by the monitor; write the events from which it follows',
        ),
        ("+1s zone.count zone=hall count=many", 'count: "many" is not allowed; write a number'),
        (
            "+1s inspection.submitted checklist=check inspection=i items=exits-free",
            '"exits-free" is not an item; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
        (
            "+1s inspection.submitted checklist=check inspection=i items=a:pass:4",
            '"a:pass:4" is not an item; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
        (
            "+1s inspection.submitted checklist=check inspection=i items=a:pass:x:celsius",
            'items: "a:pass:x:celsius" is not allowed; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
        (
            "+1s inspection.submitted checklist=check inspection=i items=a:fine",
            'items: "a:fine" is not allowed; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
    ],
)
def test_an_unreadable_line_is_shown(line: str, message: str) -> None:
    """An unreadable line is reported with what to write instead."""
    assert list(differences(rule_set(HELD), trial(line))) == [f'"{line}": {message}']


def test_an_unreadable_expectation_is_shown() -> None:
    """An expectation with an invalid time is reported."""
    wrong = list(differences(rule_set(HELD), trial(expect=("30 raised d1",))))

    assert wrong == ['"30 raised d1": "30" is not a time; write e.g. +0s, +90s, +2h']


def test_lines_are_in_the_order_of_arrival() -> None:
    """The device's own time is in ``at``; a line earlier than the one above would turn our clock back."""
    with pytest.raises(RuleTestError, match="not in order of arrival"):
        play(rule_set(HELD), trial("+90s door.opened point=d1", "+20s door.closed point=d1"))


def test_a_difference_shows_both_sides() -> None:
    """A failed test shows what was expected and what happened."""
    lines = list(
        differences(rule_set(HELD), trial("+0s door.opened point=d1", expect=("+31s  raised  d1",)))
    )

    assert lines == ['expected ["+31s raised d1"]', '     got ["+30s raised d1"]']


def test_a_line_may_carry_a_comment_and_blanks() -> None:
    """Quotation marks keep blanks in a value."""
    named = rule(by="who", match=Match(of=on("report.filed", where='contains(text, "smoke")')))
    line = '+1s report.filed report=r1 who="ann lee" text="some smoke"   # in the hall'

    assert played(named, events=[line]) == ["+1s raised ann lee"]


def test_the_clock_goes_on_after_the_last_line() -> None:
    """The clock goes on until no timer is left, or as long as the test says."""
    opened = "+0s door.opened point=d1"

    assert play(rule_set(HELD), trial(opened)) == ["+30s raised d1"]
    assert play(rule_set(HELD), trial(opened, until=timedelta(seconds=20))) == []


def test_times_are_shown_to_the_millisecond() -> None:
    """Milliseconds are shown only where there are any."""
    assert played(HELD, events=["+250ms door.opened point=d1"]) == ["+30250ms raised d1"]


def test_other_rules_are_left_out() -> None:
    """A test of one rule leaves out all other rules."""
    other = rule(id="other", match=Match(of=on("door.opened")))

    assert played(HELD, other, events=["+0s door.opened point=d1"]) == ["+30s raised d1"]
