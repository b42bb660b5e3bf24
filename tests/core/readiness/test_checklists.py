"""Checklists: an answer counts only for what it covers."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result, Unit
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Hold, RuleSet
from monitor.texts import ENGLISH, plain
from tests.support.engine import VENUE, EngineHarness, at, fact, on, rule, rule_set

DAY = 24 * 3600.0
EXITS, COLD = (
    Item(item="exits-free", result="pass"),
    Item(item="cold-store", result="pass", value=4, unit="celsius"),
)


def form(seconds: float, *items: Item, name: str = "i1", revision: int = 1) -> InspectionSubmitted:
    """A form as it was submitted."""
    return InspectionSubmitted(
        at=at(seconds), checklist="check", inspection=name, items=items, revision=revision
    )


def amended(seconds: float, *items: Item, revision: int = 2) -> InspectionAmended:
    """The form again, corrected."""
    return InspectionAmended(
        at=at(seconds), checklist="check", inspection="i1", items=items, revision=revision
    )


def rejected(seconds: float, name: str = "i1") -> InspectionRejected:
    """Another person rejects the form."""
    return InspectionRejected(at=at(seconds), checklist="check", inspection=name, approver="bob")


def answer(seconds: float, item: str, result: Result, name: str = "i1") -> InspectionItem:
    """One answer, sent as soon as it is given."""
    return InspectionItem(
        at=at(seconds), checklist="check", inspection=name, item=item, result=result
    )


def answered(item: Item, result: Result) -> Item:
    """The item with another answer."""
    return replace(item, result=result)


def verdict(harness: EngineHarness, zone: str = "hall") -> tuple[str, str]:
    """The verdict of a zone's checklists together, and its reasons."""
    state = harness.engine.state.places.zones[zone].status
    return state.inspected, plain(state.reason)


def verdict_after(*events: ReceivedEvent) -> tuple[str, str]:
    """The hall's verdict after these events, each arriving when it happened."""
    harness = EngineHarness(rule_set())
    for event in events:
        harness.receive(event)
    harness.tick(max((event.at - at(0)).total_seconds() for event in events) + 3)
    return verdict(harness)


def test_without_answers_a_zone_is_unknown() -> None:
    """Without answers the zone is unknown, and the reason names the first open item."""
    assert verdict(EngineHarness(rule_set())) == (
        "unknown",
        "Fire safety of the hall, All exits are free: not answered",
    )


def test_all_critical_items_passed() -> None:
    """The zone passes when all critical items have passed; an observation does not hold it back."""
    assert verdict_after(form(5, EXITS, COLD)) == ("passed", "")
    assert verdict_after(form(5, EXITS, COLD, Item(item="carpet", result="fail"))) == ("passed", "")


@pytest.mark.parametrize(
    ("result", "state"),
    [("fail", "failed"), ("na", "unknown"), ("not_done", "unknown"), ("unknown", "unknown")],
)
def test_only_a_pass_is_a_pass(result: Result, state: str) -> None:
    """Not applicable, not done and unknown are not passed."""
    expected = (
        state,
        f"Fire safety of the hall, All exits are free: {ENGLISH.word(result)} at 2026-01-01 08:00Z",
    )

    assert verdict_after(form(5, answered(EXITS, result), COLD)) == expected


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
def test_a_measured_item_needs_its_value(value: float | None, unit: Unit, state: str) -> None:
    """A tick without a value in the right unit does not count."""
    measured = Item(item="cold-store", result="pass", value=value, unit=unit)

    assert verdict_after(form(5, EXITS, measured))[0] == state


def test_a_good_value_does_not_override_a_fail() -> None:
    """The inspector marked “fail” and has seen more than the thermometer."""
    assert verdict_after(form(5, EXITS, answered(COLD, "fail")))[0] == "failed"


def test_a_fail_weighs_most() -> None:
    """A fail weighs most, then unknown, then expired."""
    assert verdict_after(form(5, answered(EXITS, "na"), answered(COLD, "fail")))[0] == "failed"


def test_the_latest_answer_counts() -> None:
    """The latest answer counts, whatever inspection it came from."""
    assert (
        verdict_after(form(5, EXITS, COLD), answer(10, "exits-free", "fail", "i2"))[0] == "failed"
    )
    assert (
        verdict_after(form(5, answered(EXITS, "fail"), COLD), form(10, EXITS, name="i2"))[0]
        == "passed"
    )


def test_an_older_answer_changes_nothing() -> None:
    """An older answer changes nothing, however late it arrives."""
    harness = EngineHarness(rule_set())
    harness.receive(form(100, answered(EXITS, "fail"), COLD))
    harness.tick(200)
    harness.receive(answer(50, "exits-free", "pass"), seconds=200)
    harness.tick(210)

    assert verdict(harness)[0] == "failed"


@pytest.mark.parametrize("order", [("pass", "fail"), ("fail", "pass")])
def test_at_one_instant_the_worse_answer_counts(order: tuple[Result, Result]) -> None:
    """At one instant the worse answer counts, in either order of arrival."""
    first, second = (answer(5, "exits-free", row, f"i{row}") for row in order)

    assert verdict_after(form(1, EXITS, COLD), first, second)[0] == "failed"


def test_an_item_that_is_not_on_the_list_is_ignored() -> None:
    """An item that is not on the list is ignored and takes no memory."""
    harness = EngineHarness(rule_set())
    for n in range(20):
        harness.receive(answer(n, f"x{n}", "pass"))
    harness.tick(60)

    assert harness.engine.state.work.checklists["check"].answers == {}


# Expiry ---------------------------------------------------------------------------------------------------------


def test_a_pass_expires() -> None:
    """A pass expires exactly one interval after the oldest answer, without any event."""
    harness = EngineHarness(rule_set())
    harness.receive(form(0, EXITS))
    harness.receive(form(60, COLD))
    harness.tick(DAY + 2)

    assert verdict(harness)[0] == "passed"

    harness.tick(DAY + 2.1)

    assert verdict(harness) == (
        "expired",
        "Fire safety of the hall, All exits are free: pass at 2026-01-01 08:00Z",
    )
    assert harness.zone_changes("hall")[-1].status.inspected == "expired"


def test_a_new_pass_extends_it() -> None:
    """A new pass extends the verdict from its own time on."""
    harness = EngineHarness(rule_set())
    harness.receive(form(0, EXITS, COLD))
    harness.receive(form(DAY / 2, EXITS, COLD, name="i2"))
    harness.tick(DAY * 1.4)

    assert verdict(harness)[0] == "passed"

    harness.tick(DAY * 1.6)

    assert verdict(harness)[0] == "expired"


def test_a_fail_does_not_expire() -> None:
    """It stays a fail until the item is inspected again."""
    harness = EngineHarness(rule_set())
    harness.receive(form(0, answered(EXITS, "fail"), COLD))
    harness.tick(DAY * 3)

    assert verdict(harness)[0] == "failed"


def test_a_late_answer_does_not_revive_expired_ones() -> None:
    """The verdict is the current one: the other answers have expired meanwhile."""
    harness = EngineHarness(rule_set())
    harness.receive(form(0, COLD))
    harness.tick(DAY + 3600)
    harness.receive(answer(DAY - 3600, "exits-free", "pass"), seconds=DAY + 3600)
    harness.tick(DAY + 3700)

    assert verdict(harness)[0] == "expired"


def test_an_answer_that_arrives_after_its_expiry_has_expired() -> None:
    """An answer that spent two days on an offline tablet has expired when it arrives."""
    harness = EngineHarness(rule_set())
    harness.tick(2 * DAY)
    harness.receive(form(0, EXITS, COLD), seconds=2 * DAY)
    harness.tick(2 * DAY + 60)

    assert verdict(harness)[0] == "expired"


def test_a_shorter_interval_applies_to_earlier_answers() -> None:
    """The officer halves the interval, and the old pass expires at the new time."""
    harness = EngineHarness(rule_set())
    harness.receive(form(0, EXITS, COLD))
    checklist, *_ = VENUE.checklists
    shorter = replace(VENUE, checklists=(replace(checklist, interval=timedelta(hours=12)),))
    harness.tick(DAY / 4)
    harness.step(RulesChanged(received_at=at(DAY / 4), who="ann", rule_set=rule_set(venue=shorter)))

    assert verdict(harness)[0] == "passed"

    harness.tick(DAY / 2 + 3)

    assert verdict(harness)[0] == "expired"


# Amended and rejected -------------------------------------------------------------------------------------------


def test_an_amended_form_replaces_the_one_before() -> None:
    """The new form also replaces answers that it leaves out, for they are no longer confirmed."""
    assert (
        verdict_after(form(5, EXITS, COLD), amended(10, answered(EXITS, "fail"), COLD))[0]
        == "failed"
    )
    assert verdict_after(form(5, EXITS, COLD), amended(10, EXITS))[1].startswith(
        "Fire safety of the hall, Cold store: not"
    )
    assert verdict_after(form(5, EXITS, COLD), form(10, EXITS, revision=2))[0] == "unknown"


def test_an_amended_form_leaves_other_inspections_alone() -> None:
    """A corrected form does not affect the answers of another visit."""
    assert verdict_after(form(5, EXITS, COLD, name="i0"), amended(10, EXITS))[0] == "passed"


def test_a_form_sent_in_parts_adds_up() -> None:
    """The first revision only adds: answers sent one by one, and a form without items at the end."""
    assert verdict_after(answer(1, "exits-free", "pass"), form(5, COLD), form(9))[0] == "passed"


def test_an_earlier_revision_changes_nothing() -> None:
    """An earlier revision changes nothing, however late it arrives, nor do its answers that the later one left out."""
    harness = EngineHarness(rule_set())
    harness.receive(amended(100, EXITS))
    harness.tick(200)
    harness.receive(form(50, EXITS, COLD), seconds=200)
    harness.tick(210)

    assert verdict(harness)[0] == "unknown"


def test_a_rejected_inspection_counts_for_nothing() -> None:
    """The answers of the inspection are void, those of others stay; answers that are sent again afterwards count."""
    assert verdict_after(form(5, EXITS, COLD), rejected(10))[0] == "unknown"
    assert verdict_after(form(5, EXITS, COLD, name="i0"), rejected(10))[0] == "passed"
    assert (
        verdict_after(form(5, EXITS, COLD), rejected(10), amended(20, EXITS, COLD))[0] == "passed"
    )


def test_late_answers_of_a_rejected_inspection_do_not_count() -> None:
    """Answers of a rejected inspection do not count, however late they arrive."""
    harness = EngineHarness(rule_set())
    harness.receive(rejected(100))
    harness.tick(200)
    harness.receive(form(50, EXITS, COLD), seconds=200)
    harness.tick(210)

    assert verdict(harness)[0] == "unknown"


def test_rejections_are_forgotten_when_their_answers_would_have_expired() -> None:
    """A rejection is forgotten once every answer that it could void has expired."""
    harness = EngineHarness(rule_set())
    for n in range(5):
        harness.receive(rejected(n * DAY, f"i{n}"))
        harness.tick(n * DAY + 10)

    assert len(harness.engine.state.work.checklists["check"].void) == 1


# What follows ---------------------------------------------------------------------------------------------------


def not_passed() -> RuleSet:
    """A rule about a zone that is open and not passed."""
    passed = fact(
        "passed",
        "zone",
        set=on("zone.inspected", where='state == "passed"'),
        clear=on("zone.inspected", where='state != "passed"'),
    )
    hold = Hold(start=on("zone.opened"), end=on("zone.closed"), longer_than="0s")
    return rule_set(rule(by="zone", hold=hold, while_=["not passed"]), passed)


def test_one_form_is_one_change() -> None:
    """A form that passes one item and fails another does not pass the zone in between."""
    harness = EngineHarness(not_passed())
    harness.receive(form(0, answered(EXITS, "fail"), COLD))
    harness.receive(
        msgspec.convert({"type": "zone.opened", "at": at(5), "zone": "hall"}, ReceivedEvent)
    )
    harness.receive(form(10, EXITS, answered(COLD, "fail"), name="i2"))
    harness.receive(form(20, answered(EXITS, "fail"), COLD, name="i3"))
    harness.tick(30)

    assert harness.changes() == ["raised"]


def test_a_late_fail_counts() -> None:
    """The zone's state and the rules agree, whenever the answer arrives."""
    harness = EngineHarness(not_passed())
    harness.receive(
        msgspec.convert({"type": "zone.opened", "at": at(0), "zone": "hall"}, ReceivedEvent)
    )
    harness.receive(form(10, EXITS, COLD))
    harness.tick(100)

    assert harness.changes() == ["raised", "cleared"]

    harness.receive(answer(50, "exits-free", "fail", "i2"), seconds=100)
    harness.receive(form(60, Item(item="carpet", result="pass"), name="i3"), seconds=100)
    harness.tick(110)

    assert verdict(harness)[0] == "failed"
    assert harness.changes() == ["raised", "cleared", "raised"]


def test_another_phase_requires_other_checklists() -> None:
    """During teardown nothing has to be passed."""
    congress = replace(VENUE.congress, phase="teardown")
    harness = EngineHarness(rule_set(venue=replace(VENUE, congress=congress)))

    assert verdict(harness) == ("no_checklist", "no checklist is required")
    assert verdict(harness, "foyer") == ("no_checklist", "no checklist is required")


def test_rules_miss_nothing_where_no_checklist_is_required() -> None:
    """A zone without a checklist may be open: only its reading differs from a pass."""
    congress = replace(VENUE.congress, phase="teardown")
    rules = replace(not_passed(), venue=replace(VENUE, congress=congress))
    harness = EngineHarness(rules)
    harness.receive(
        msgspec.convert({"type": "zone.opened", "at": at(5), "zone": "hall"}, ReceivedEvent)
    )
    harness.tick(60)

    assert verdict(harness)[0] == "no_checklist"
    assert harness.changes() == []
