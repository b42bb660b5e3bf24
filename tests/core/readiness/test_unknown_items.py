"""Answers that do not fit their checklist: a mistyped id, an item of an earlier version, a wrong unit."""

import pytest
from msgspec.structs import replace

from monitor.core.events.inspection import InspectionSubmitted, Item
from monitor.core.events.vocabulary import Result
from monitor.texts import plain
from tests.support.engine import RULE_SET, VENUE, EngineHarness, at

COLD = Item(item="cold-store", result="pass", value=4, unit="celsius")


def form(*items: Item) -> InspectionSubmitted:
    """A form of the hall."""
    return InspectionSubmitted(at=at(5), checklist="check", inspection="i1", items=items)


def play(*items: Item, earlier: tuple[str, ...] = ()) -> EngineHarness:
    """Send one form under the shipped rules."""
    first, *others = VENUE.checklists
    lists = (replace(first, earlier_items=earlier), *others)
    harness = EngineHarness(replace(RULE_SET, venue=replace(VENUE, checklists=lists)))
    harness.receive(form(*items))
    harness.tick(60)
    return harness


def test_a_failed_item_with_a_mistyped_id_raises() -> None:
    """The form is accepted, the intended item stays unanswered, and the sender is shown the closest id."""
    found = play(Item(item="exit-free", result="fail"), COLD)

    assert [row.key for row in found.alerts("unknown-item-failed")] == ["check / exit-free"]
    (notice,) = found.alerts("unknown-name")
    assert notice.key == "item / check / exit-free"
    assert notice.values["hint"] == "exits-free"
    record = found.engine.state.work.checklists["check"]
    assert set(record.answers) == {"cold-store"}
    assert found.engine.state.places.zones["hall"].status.inspected == "unknown"


EXITS = Item(item="exits-free", result="pass")


@pytest.mark.parametrize(
    ("item", "result", "verdict"),
    [
        ("exit-free", "fail", "unknown"),
        ("exit-free", "pass", "unknown"),
        ("unheard-of", "fail", "unknown"),
        ("unheard-of", "pass", "passed"),
    ],
)
def test_an_earlier_pass_does_not_answer_a_mistyped_item(
    item: str, result: Result, verdict: str
) -> None:
    """The intended item counts as unanswered until it is answered under its own id."""
    harness = play(EXITS, COLD)
    harness.receive(replace(form(COLD, Item(item=item, result=result)), at=at(99), inspection="i2"))
    harness.tick(120)

    assert harness.engine.state.places.zones["hall"].status.inspected == verdict

    harness.receive(replace(form(EXITS, COLD), at=at(150), inspection="i3"))
    harness.tick(200)

    assert harness.engine.state.places.zones["hall"].status.inspected == "passed"


def test_a_mistyped_item_does_not_hide_a_fail() -> None:
    """An item that failed before stays failed."""
    harness = play(replace(EXITS, result="fail"), COLD)
    harness.receive(
        replace(form(Item(item="exit-free", result="pass")), at=at(99), inspection="i2")
    )
    harness.tick(120)

    assert harness.engine.state.places.zones["hall"].status.inspected == "failed"


def test_a_correction_of_the_id_ends_the_doubt() -> None:
    """The corrected form replaces the unknown item, too."""
    harness = play(EXITS, COLD)
    wrong = replace(form(Item(item="exit-free", result="pass")), at=at(99), inspection="i2")
    harness.receive(wrong)
    harness.receive(replace(wrong, at=at(120), revision=2, items=(EXITS,)))
    harness.tick(200)

    assert harness.engine.state.places.zones["hall"].status.inspected == "passed"


@pytest.mark.parametrize(("result", "raised"), [("pass", 0), ("fail", 1)])
def test_an_item_of_an_earlier_version_is_known(result: Result, raised: int) -> None:
    """An item of an earlier version does not count as mistyped; a fail still raises an alert."""
    found = play(Item(item="old-exits", result=result), earlier=("old-exits",))

    assert found.alerts("unknown-name") == []
    assert len(found.alerts("unknown-item-failed")) == raised


def test_an_item_without_a_similar_one_has_no_hint() -> None:
    """Without a similar item there is no hint, because a wrong guess would be worse than none."""
    (notice,) = play(Item(item="qqqq", result="pass")).alerts("unknown-name")

    assert not notice.values.get("hint")


def test_a_wrong_unit_is_named() -> None:
    """A wrong unit is named in the zone's verdict and readiness; the item does not read as unanswered."""
    exits = Item(item="exits-free", result="pass")
    found = play(exits, replace(COLD, unit="volt"))
    zone = found.engine.state.places.zones["hall"].status
    reasons = [
        plain(row.what) for row in found.engine.state.readiness.statuses["centre/hall"].reasons
    ]

    assert zone.inspected == "unknown"
    assert "measured in the wrong unit" in plain(zone.reason)
    assert any("measured in the wrong unit" in row for row in reasons)
    assert not any("not answered" in row and "Cold store" in row for row in reasons)
