"""Ways to reach somebody: whoever stands in the roster is tested every week, and who doesn't any more is not."""

from datetime import timedelta

from monitor.core.events.people import NotifyTested
from monitor.core.inputs import RosterChanged, RulesChanged
from monitor.core.roster import Person, Roster
from monitor.core.rules.model import Rule
from tests.support.engine import SHIPPED, Stage, at, book

WEEK = 7 * 86_400
(UNTESTED,) = (row for row in SHIPPED.rules if row.id == "channel-untested")


def roster(*people: tuple[str, tuple[str, ...]]) -> Roster:
    """These people with their channels."""
    return Roster(people=tuple(Person(id=name, name=name, channels=ways) for name, ways in people))


def staged(rule: Rule = UNTESTED) -> Stage:
    """Anna with telephone and mail, Bảo with a telephone; their first mention is now."""
    stage = Stage(book(rule))
    given = roster(("anna", ("phone", "mail")), ("bao", ("phone",)))
    stage.step(RosterChanged(who="test", received_at=at(0), roster=given))
    return stage


def untested(stage: Stage) -> list[str]:
    """The channels of which an alert says so."""
    return sorted(row.key for row in stage.alerts("channel-untested"))


def test_a_channel_that_was_never_tested_is_said() -> None:
    """A week after its first mention; a test in between puts it off, and one after it is the end."""
    stage = staged()
    stage.say(NotifyTested(at=at(WEEK - 60), person="anna", channel="mail", id="1"))
    stage.tick(WEEK + 60)
    assert untested(stage) == ["anna / phone", "bao / phone"]
    stage.say(NotifyTested(at=at(WEEK + 120), person="bao", channel="phone", id="2"))
    stage.tick(WEEK + 180)
    assert untested(stage) == ["anna / phone"]
    stage.tick(2 * WEEK)
    assert untested(stage) == ["anna / mail", "anna / phone"]


def test_the_roster_of_each_day_puts_nothing_off() -> None:
    """The plan changes every day; a channel that is named again is no tested one."""
    stage = staged()
    for day in range(1, 7):
        stage.step(
            RosterChanged(
                who="test",
                received_at=at(day * 86_400),
                roster=roster(("anna", ("phone",)), ("bao", ())),
            )
        )
    stage.tick(WEEK + 60)
    assert untested(stage) == ["anna / phone"]


def test_who_left_is_not_missed() -> None:
    """Neither before the week is over nor, with an open alert, after it."""
    stage = staged()
    stage.tick(WEEK + 60)
    assert len(untested(stage)) == 3
    stage.step(
        RosterChanged(who="test", received_at=at(WEEK + 90), roster=roster(("bao", ("phone",))))
    )
    stage.tick(WEEK + 120)
    assert untested(stage) == ["bao / phone"]


def test_a_rule_that_comes_later_knows_the_channels() -> None:
    """Put in force when the roster already is."""
    stage = Stage(book())
    stage.step(RosterChanged(who="test", received_at=at(0), roster=roster(("anna", ("phone",)))))
    stage.step(RulesChanged(received_at=at(10), who="ann", book=book(UNTESTED)))
    stage.tick(timedelta(days=8).total_seconds())
    assert untested(stage) == ["anna / phone"]
