"""Channels: each one in the roster must be tested every week, and a removed one need not be."""

from datetime import timedelta

import pytest

from monitor.core.events.people import NotifyTested
from monitor.core.inputs import RosterChanged, RulesChanged
from monitor.core.roster import Person, Roster
from monitor.core.rules.model import Rule
from tests.support.engine import SHIPPED, EngineHarness, at, rule_set

PHONE = ("phone",)
WEEK = 7 * 86_400
(UNTESTED,) = (row for row in SHIPPED.rules if row.id == "channel-untested")


def roster(*people: tuple[str, tuple[str, ...]]) -> Roster:
    """A roster of these people with their channels."""
    return Roster(people=tuple(Person(id=name, name=name, channels=ways) for name, ways in people))


def staged(rule: Rule = UNTESTED) -> EngineHarness:
    """Anna with telephone and mail, Bảo with a telephone; both are in the roster from now on."""
    harness = EngineHarness(rule_set(rule))
    given = roster(("anna", ("phone", "mail")), ("bao", ("phone",)))
    harness.step(RosterChanged(who="test", received_at=at(0), roster=given))
    return harness


def untested(harness: EngineHarness) -> list[str]:
    """The channels with an open alert."""
    return sorted(row.key for row in harness.alerts("channel-untested"))


def test_a_channel_that_was_never_tested_is_reported() -> None:
    """An untested channel is reported a week after it was added.

    A test in between postpones the alert, and a test afterwards ends it.
    """
    harness = staged()
    harness.receive(NotifyTested(at=at(WEEK - 60), person="anna", channel="mail", id="1"))
    harness.tick(WEEK + 60)
    assert untested(harness) == ["anna / phone", "bao / phone"]
    harness.receive(NotifyTested(at=at(WEEK + 120), person="bao", channel="phone", id="2"))
    harness.tick(WEEK + 180)
    assert untested(harness) == ["anna / phone"]
    harness.tick(2 * WEEK)
    assert untested(harness) == ["anna / mail", "anna / phone"]


def test_the_daily_roster_postpones_nothing() -> None:
    """The plan changes every day; naming a channel again does not test it."""
    harness = staged()
    for day in range(1, 7):
        harness.step(
            RosterChanged(
                who="test",
                received_at=at(day * 86_400),
                roster=roster(("anna", ("phone",)), ("bao", ())),
            )
        )
    harness.tick(WEEK + 60)
    assert untested(harness) == ["anna / phone"]


def test_a_person_who_left_is_not_missed() -> None:
    """A person who left is missed neither before the week is over nor after it, when an alert is open."""
    harness = staged()
    harness.tick(WEEK + 60)
    assert len(untested(harness)) == 3
    harness.step(
        RosterChanged(who="test", received_at=at(WEEK + 90), roster=roster(("bao", ("phone",))))
    )
    harness.tick(WEEK + 120)
    assert untested(harness) == ["bao / phone"]


@pytest.mark.parametrize(
    ("rosters", "expected"),
    [
        ([PHONE, ()], []),
        ([PHONE, (), PHONE], ["anna / phone"]),
        ([PHONE, (), PHONE, ()], []),
    ],
)
def test_the_last_of_several_rosters_counts(
    rosters: list[tuple[str, ...]], expected: list[str]
) -> None:
    """Of several rosters that come into force at one instant, only the last says what is missed."""
    harness = EngineHarness(rule_set(UNTESTED))
    for ways in rosters:
        given = roster(("anna", ways))
        harness.step(RosterChanged(who="test", received_at=at(0), roster=given))
    harness.tick(WEEK + 60)
    assert untested(harness) == expected


def test_a_rule_added_later_knows_the_channels() -> None:
    """A rule that comes into force after the roster knows the channels in it."""
    harness = EngineHarness(rule_set())
    harness.step(RosterChanged(who="test", received_at=at(0), roster=roster(("anna", ("phone",)))))
    harness.step(RulesChanged(received_at=at(10), who="ann", rule_set=rule_set(UNTESTED)))
    harness.tick(timedelta(days=8).total_seconds())
    assert untested(harness) == ["anna / phone"]
