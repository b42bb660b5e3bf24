"""What the checklists say: an answer counts only as far as it goes."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from monitor.core.events import Event
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result, Unit
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Hold, RuleBook
from tests.support.engine import VENUE, Stage, at, book, fact, on, rule

DAY = 24 * 3600.0
EXITS, COLD = (
    Item(item="exits-free", result="pass"),
    Item(item="cold-store", result="pass", value=4, unit="celsius"),
)


def form(seconds: float, *items: Item, name: str = "i1", revision: int = 1) -> InspectionSubmitted:
    """A form as it was left."""
    return InspectionSubmitted(
        at=at(seconds), checklist="check", inspection=name, items=items, revision=revision
    )


def amended(seconds: float, *items: Item, revision: int = 2) -> InspectionAmended:
    """The form again, corrected."""
    return InspectionAmended(
        at=at(seconds), checklist="check", inspection="i1", items=items, revision=revision
    )


def rejected(seconds: float, name: str = "i1") -> InspectionRejected:
    """Somebody else disagrees."""
    return InspectionRejected(at=at(seconds), checklist="check", inspection=name, approver="bob")


def answer(seconds: float, item: str, result: Result, name: str = "i1") -> InspectionItem:
    """One answer, sent as soon as it is given."""
    return InspectionItem(
        at=at(seconds), checklist="check", inspection=name, item=item, result=result
    )


def said(item: Item, result: Result) -> Item:
    """The item with another answer."""
    return replace(item, result=result)


def verdict(stage: Stage, zone: str = "hall") -> tuple[str, str]:
    """What a zone's checklists say together, and why."""
    standing = stage.engine.state.zones[zone].standing
    return standing.inspected, standing.reason


def told(*events: Event) -> tuple[str, str]:
    """What is said of the hall after these, each arriving when it happened."""
    stage = Stage(book())
    for event in events:
        stage.say(event)
    stage.tick(max((event.at - at(0)).total_seconds() for event in events) + 3)
    return verdict(stage)


def test_nobody_has_answered() -> None:
    """Unknown, and the first open item is named."""
    assert verdict(Stage(book())) == ("unknown", "check, exits-free: nobody has answered")


def test_all_critical_items_passed() -> None:
    """What is only an observation holds nobody up."""
    assert told(form(5, EXITS, COLD)) == ("passed", "")
    assert told(form(5, EXITS, COLD, Item(item="carpet", result="fail"))) == ("passed", "")


@pytest.mark.parametrize(
    ("result", "state"),
    [("fail", "failed"), ("na", "unknown"), ("not_done", "unknown"), ("unknown", "unknown")],
)
def test_only_a_pass_is_a_pass(result: Result, state: str) -> None:
    """Not applicable, not done, not known: not passed."""
    expected = (state, f"check, exits-free: {result} at 2026-01-01 08:00Z")

    assert told(form(5, said(EXITS, result), COLD)) == expected


@pytest.mark.parametrize(
    ("value", "unit", "state"),
    [
        (5.0, "celsius", "passed"),
        (5.1, "celsius", "failed"),
        (-40.0, "celsius", "passed"),
        (None, "celsius", "unknown"),
        (4.0, "unknown", "unknown"),
        (4.0, "volt", "unknown"),
        (float("nan"), "celsius", "unknown"),
        (float("-inf"), "celsius", "unknown"),
    ],
)
def test_a_measured_item_is_what_was_measured(value: float | None, unit: Unit, state: str) -> None:
    """A tick without a value in the right unit is worth nothing."""
    measured = Item(item="cold-store", result="pass", value=value, unit=unit)

    assert told(form(5, EXITS, measured))[0] == state


def test_a_good_value_does_not_heal_a_fail() -> None:
    """The inspector ticked «fail» and has seen more than the thermometer."""
    assert told(form(5, EXITS, said(COLD, "fail")))[0] == "failed"


def test_a_fail_weighs_most() -> None:
    """Then what is not known, then what has expired."""
    assert told(form(5, said(EXITS, "na"), said(COLD, "fail")))[0] == "failed"


def test_the_latest_answer_counts() -> None:
    """Whatever inspection it came from."""
    assert told(form(5, EXITS, COLD), answer(10, "exits-free", "fail", "i2"))[0] == "failed"
    assert told(form(5, said(EXITS, "fail"), COLD), form(10, EXITS, name="i2"))[0] == "passed"


def test_an_older_answer_does_not_come_back() -> None:
    """However late it arrives."""
    stage = Stage(book())
    stage.say(form(100, said(EXITS, "fail"), COLD))
    stage.tick(200)
    stage.say(answer(50, "exits-free", "pass"), seconds=200)
    stage.tick(210)

    assert verdict(stage)[0] == "failed"


@pytest.mark.parametrize("order", [("pass", "fail"), ("fail", "pass")])
def test_of_two_answers_at_one_instant_the_worse_counts(order: tuple[Result, Result]) -> None:
    """In whatever order they come."""
    first, second = (answer(5, "exits-free", row, f"i{row}") for row in order)

    assert told(form(1, EXITS, COLD), first, second)[0] == "failed"


def test_an_item_that_is_not_on_the_list_says_nothing() -> None:
    """Nor does it take memory."""
    stage = Stage(book())
    for n in range(20):
        stage.say(answer(n, f"x{n}", "pass"))
    stage.tick(60)

    assert stage.engine.state.checklists["check"].answers == {}


# Expiry ---------------------------------------------------------------------------------------------------------


def test_a_pass_expires() -> None:
    """Exactly its interval after the oldest answer, without any event."""
    stage = Stage(book())
    stage.say(form(0, EXITS))
    stage.say(form(60, COLD))
    stage.tick(DAY + 2)

    assert verdict(stage)[0] == "passed"

    stage.tick(DAY + 2.1)

    assert verdict(stage) == ("expired", "check, exits-free: pass at 2026-01-01 08:00Z")
    assert stage.standings("hall")[-1].standing.inspected == "expired"


def test_a_new_pass_prolongs() -> None:
    """From its own time on."""
    stage = Stage(book())
    stage.say(form(0, EXITS, COLD))
    stage.say(form(DAY / 2, EXITS, COLD, name="i2"))
    stage.tick(DAY * 1.4)

    assert verdict(stage)[0] == "passed"

    stage.tick(DAY * 1.6)

    assert verdict(stage)[0] == "expired"


def test_a_fail_does_not_expire() -> None:
    """It stays a fail until somebody has looked again."""
    stage = Stage(book())
    stage.say(form(0, said(EXITS, "fail"), COLD))
    stage.tick(DAY * 3)

    assert verdict(stage)[0] == "failed"


def test_a_late_answer_does_not_bring_back_what_has_expired() -> None:
    """Judged as of now: the other answers have grown old meanwhile."""
    stage = Stage(book())
    stage.say(form(0, COLD))
    stage.tick(DAY + 3600)
    stage.say(answer(DAY - 3600, "exits-free", "pass"), seconds=DAY + 3600)
    stage.tick(DAY + 3700)

    assert verdict(stage)[0] == "expired"


def test_an_answer_that_comes_after_its_expiry_has_expired() -> None:
    """A tablet that was offline for two days."""
    stage = Stage(book())
    stage.tick(2 * DAY)
    stage.say(form(0, EXITS, COLD), seconds=2 * DAY)
    stage.tick(2 * DAY + 60)

    assert verdict(stage)[0] == "expired"


def test_a_shorter_interval_holds_for_what_was_answered_before() -> None:
    """The officer halves the interval: the old pass runs out at the new time."""
    stage = Stage(book())
    stage.say(form(0, EXITS, COLD))
    checklist, *_ = VENUE.checklists
    shorter = replace(VENUE, checklists=(replace(checklist, interval=timedelta(hours=12)),))
    stage.tick(DAY / 4)
    stage.step(RulesChanged(received_at=at(DAY / 4), who="ann", book=book(venue=shorter)))

    assert verdict(stage)[0] == "passed"

    stage.tick(DAY / 2 + 3)

    assert verdict(stage)[0] == "expired"


# Amended and rejected -------------------------------------------------------------------------------------------


def test_an_amended_form_replaces_the_one_before() -> None:
    """Also the answers that it leaves out: nobody stands by them any more."""
    assert told(form(5, EXITS, COLD), amended(10, said(EXITS, "fail"), COLD))[0] == "failed"
    assert told(form(5, EXITS, COLD), amended(10, EXITS))[1].startswith("check, cold-store: nobody")
    assert told(form(5, EXITS, COLD), form(10, EXITS, revision=2))[0] == "unknown"


def test_an_amended_form_leaves_other_inspections_alone() -> None:
    """Another visit stands."""
    assert told(form(5, EXITS, COLD, name="i0"), amended(10, EXITS))[0] == "passed"


def test_a_form_sent_in_parts_adds_up() -> None:
    """The first revision only adds: answers sent one by one, and a form without items at the end."""
    assert told(answer(1, "exits-free", "pass"), form(5, COLD), form(9))[0] == "passed"


def test_an_earlier_revision_does_not_come_back() -> None:
    """However late it arrives, nor the answers in it that the later one left out."""
    stage = Stage(book())
    stage.say(amended(100, EXITS))
    stage.tick(200)
    stage.say(form(50, EXITS, COLD), seconds=200)
    stage.tick(210)

    assert verdict(stage)[0] == "unknown"


def test_a_rejected_inspection_counts_for_nothing() -> None:
    """Its answers are gone, those of others stay; what was sent again afterwards counts."""
    assert told(form(5, EXITS, COLD), rejected(10))[0] == "unknown"
    assert told(form(5, EXITS, COLD, name="i0"), rejected(10))[0] == "passed"
    assert told(form(5, EXITS, COLD), rejected(10), amended(20, EXITS, COLD))[0] == "passed"


def test_answers_of_a_rejected_inspection_do_not_come_back() -> None:
    """However late they arrive."""
    stage = Stage(book())
    stage.say(rejected(100))
    stage.tick(200)
    stage.say(form(50, EXITS, COLD), seconds=200)
    stage.tick(210)

    assert verdict(stage)[0] == "unknown"


def test_what_is_void_is_forgotten_when_it_would_have_expired() -> None:
    """A rejection needn't be remembered for ever."""
    stage = Stage(book())
    for n in range(5):
        stage.say(rejected(n * DAY, f"i{n}"))
        stage.tick(n * DAY + 10)

    assert len(stage.engine.state.checklists["check"].void) == 1


# What follows ---------------------------------------------------------------------------------------------------


def not_passed() -> RuleBook:
    """A rule about a zone that is open and not passed."""
    passed = fact(
        "passed",
        "zone",
        set=on("zone.inspected", where='state == "passed"'),
        clear=on("zone.inspected", where='state != "passed"'),
    )
    hold = Hold(start=on("zone.opened"), end=on("zone.closed"), longer_than="0s")
    return book(rule(by="zone", hold=hold, while_=["not passed"]), passed)


def test_one_form_is_one_word() -> None:
    """A form that heals one item and fails another doesn't pass the zone in between."""
    stage = Stage(not_passed())
    stage.say(form(0, said(EXITS, "fail"), COLD))
    stage.say(msgspec.convert({"type": "zone.opened", "at": at(5), "zone": "hall"}, Event))
    stage.say(form(10, EXITS, said(COLD, "fail"), name="i2"))
    stage.say(form(20, said(EXITS, "fail"), COLD, name="i3"))
    stage.tick(30)

    assert stage.changes() == ["raised"]


def test_a_late_fail_is_heard() -> None:
    """The zone's standing and the rules agree, whenever the word comes."""
    stage = Stage(not_passed())
    stage.say(msgspec.convert({"type": "zone.opened", "at": at(0), "zone": "hall"}, Event))
    stage.say(form(10, EXITS, COLD))
    stage.tick(100)

    assert stage.changes() == ["raised", "cleared"]

    stage.say(answer(50, "exits-free", "fail", "i2"), seconds=100)
    stage.say(form(60, Item(item="carpet", result="pass"), name="i3"), seconds=100)
    stage.tick(110)

    assert verdict(stage)[0] == "failed"
    assert stage.changes() == ["raised", "cleared", "raised"]


def test_in_another_phase_other_checklists_are_required() -> None:
    """During teardown nothing has to be passed."""
    congress = replace(VENUE.congress, phase="teardown")
    stage = Stage(book(venue=replace(VENUE, congress=congress)))

    assert verdict(stage) == ("passed", "no checklist is required")
    assert verdict(stage, "foyer") == ("passed", "no checklist is required")
