"""The tests inside rule files: what their lines mean, and what is said of one that can't be read."""

from datetime import timedelta

import pytest

from monitor.core.rules.model import Hold, Match
from monitor.rules.inline_tests import Trial, TrialError, differences, play
from tests.support.engine import SHIPPED, book, on, played, rule

HELD = rule(hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"))


def trial(*events: str, expect: tuple[str, ...] = (), **parts: object) -> Trial:
    """A test of one rule."""
    return Trial(rule="rule", name="x", events=events, expect=expect, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("shipped", SHIPPED.tests, ids=lambda row: f"{row.rule}: {row.name}")
def test_the_shipped_rules_do_what_their_files_say(shipped: Trial) -> None:
    """Each test of each file."""
    assert list(differences(SHIPPED.book(SHIPPED.trial_venue), shipped)) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("+1s", 'write it like "+31s door.closed point=d1"'),
        ("+1s door.opened d1", 'write it like "+31s door.closed point=d1"'),
        ('+1s door.opened point="d1', 'write it like "+31s door.closed point=d1"'),
        ("1s door.opened point=d1", '"1s" is no time; write e.g. +0s, +90s, +2h'),
        ("+1 door.opened point=d1", '"+1" is no time; write e.g. +0s, +90s, +2h'),
        (
            "+1s door.opeend point=d1",
            'no event type is called "door.opeend"; did you mean "door.opened"?',
        ),
        ("+1s door.opened poimt=d1", '"door.opened" has no field "poimt"; did you mean "point"?'),
        ("+1s door.opened point=d1 zone=hall", '"door.opened" has no field "zone"'),
        ("+1s door.opened point=d1 type=door.closed", '"door.opened" has no field "type"'),
        ("+1s door.opened", '"door.opened" needs point; write point=...'),
        ("+1s door.opened point=d1 at=20", '"20" is no time; write e.g. +0s, +90s, +2h'),
        ("+1s door.opened point=d1 at=+x", '"+x" is no time; write e.g. +0s, +90s, +2h'),
        (
            "+1s zone.occupancy zone=hall count=3",
            '"zone.occupancy" is made by the monitor; nobody can send it',
        ),
        ("+1s zone.count zone=hall count=many", 'count: "many" is not possible; write a number'),
        (
            "+1s inspection.submitted checklist=check inspection=i items=exits-free",
            '"exits-free" is no item; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
        (
            "+1s inspection.submitted checklist=check inspection=i items=a:pass:4",
            '"a:pass:4" is no item; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
        (
            "+1s inspection.submitted checklist=check inspection=i items=a:pass:x:celsius",
            'items: "a:pass:x:celsius" is not possible; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
        (
            "+1s inspection.submitted checklist=check inspection=i items=a:fine",
            'items: "a:fine" is not possible; write e.g. exits-free:pass or cold-store:pass:4:celsius',
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_shown(line: str, message: str) -> None:
    """The line itself, and what to write."""
    assert list(differences(book(HELD), trial(line))) == [f'"{line}": {message}']


def test_an_expectation_that_cannot_be_read_is_shown() -> None:
    """Its time has to be one."""
    wrong = list(differences(book(HELD), trial(expect=("30 raised d1",))))

    assert wrong == ['"30 raised d1": "30" is no time; write e.g. +0s, +90s, +2h']


def test_lines_stand_in_the_order_of_arrival() -> None:
    """The device's own time stands in ``at``; a line before the one above it would turn our clock back."""
    with pytest.raises(TrialError, match="lines stand in the order of arrival"):
        play(book(HELD), trial("+90s door.opened point=d1", "+20s door.closed point=d1"))


def test_a_difference_shows_both_sides() -> None:
    """What was expected, what came."""
    lines = list(
        differences(book(HELD), trial("+0s door.opened point=d1", expect=("+31s  raised  d1",)))
    )

    assert lines == ['expected ["+31s raised d1"]', '     got ["+30s raised d1"]']


def test_a_line_may_carry_a_comment_and_blanks() -> None:
    """Quotes keep a blank together."""
    named = rule(by="who", match=Match(of=on("report.filed", where='contains(text, "smoke")')))
    line = '+1s report.filed report=r1 who="ann lee" text="some smoke"   # in the hall'

    assert played(named, events=[line]) == ["+1s raised ann lee"]


def test_the_clock_runs_on_after_the_last_line() -> None:
    """Until nothing is waited for, or as long as the test says."""
    opened = "+0s door.opened point=d1"

    assert play(book(HELD), trial(opened)) == ["+30s raised d1"]
    assert play(book(HELD), trial(opened, until=timedelta(seconds=20))) == []


def test_times_are_shown_to_the_millisecond() -> None:
    """Where there are any."""
    assert played(HELD, events=["+250ms door.opened point=d1"]) == ["+30250ms raised d1"]


def test_another_rule_is_not_spoken_of() -> None:
    """A test is about one rule."""
    other = rule(id="other", match=Match(of=on("door.opened")))

    assert played(HELD, other, events=["+0s door.opened point=d1"]) == ["+30s raised d1"]
