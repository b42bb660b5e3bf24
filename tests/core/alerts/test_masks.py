"""Masks hide expected alerts, never those of life safety; alerts that are still active afterwards are shown again."""

from typing import Any

import pytest

from monitor.core.alert import Alert, Handling
from monitor.core.events.commands import StaffMask, StaffShelve, StaffUnmask
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.inputs import RulesChanged
from monitor.core.phrase import phrase
from monitor.core.rules.model import Severity
from monitor.core.transitions import MaskChanged
from tests.support.engine import EngineHarness, at, rule, rule_set
from tests.support.forced_door import FORCED

HOUR = 3600.0


def harness(severity: Severity = "high") -> EngineHarness:
    """An engine with one rule about doors."""
    return EngineHarness(rule_set(rule(match=FORCED, severity=severity)))


def forced(seconds: float, point: str = "d1") -> DoorAlarmChanged:
    """A door is forced."""
    return DoorAlarmChanged(at=at(seconds), point=point, alarm="forced_open")


def mask(seconds: float = 1, **parts: Any) -> StaffMask:  # noqa: ANN401
    """A mask of the rule at the door for an hour; keyword arguments change its parts."""
    fields = {
        "who": "ann",
        "what": "rule",
        "point": "d1",
        "until": at(HOUR),
        "reason": "new closer",
    }
    return StaffMask(at=at(seconds), **{**fields, **parts})


def the(found: EngineHarness) -> Alert:
    """The one open alert."""
    (alert,) = found.alerts()
    return alert


def mask_id(found: EngineHarness) -> str:
    """The id of the one mask."""
    (only,) = found.engine.state.alerts.masks
    return only


def test_a_masked_alert_is_recorded_and_shelved() -> None:
    """The alert has the owner, the reason and the end of its mask; nothing is lost."""
    found = harness()
    found.receive(mask())
    found.receive(forced(10))
    alert = the(found)

    assert found.changes() == ["raised"]
    assert (alert.handling, alert.owner, alert.note) == (Handling.SHELVED, "ann", "new closer")
    assert alert.shelved_until == at(HOUR)


def test_an_alert_that_is_open_already_is_masked() -> None:
    """A mask also hides alerts that were raised before it."""
    found = harness()
    found.receive(forced(0))
    found.receive(mask())

    assert found.changes() == ["raised", "shelved"]


def test_after_a_mask_an_active_alert_is_shown_again() -> None:
    """An alert that is still active after the mask is shown again; one that has ended meanwhile is not."""
    found = harness()
    found.receive(mask(point="", zone="hall"))
    found.receive(forced(10))
    found.receive(forced(11, "e1"))
    found.receive(DoorAlarmChanged(at=at(20), point="e1", alarm="normal"))
    found.tick(HOUR + 5)

    assert (the(found).point, the(found).handling) == ("d1", Handling.NEW)
    assert found.engine.state.alerts.masks == {}
    ended = [row for row in found.seen if isinstance(row, MaskChanged) and row.ended]
    assert [row.note for row in ended] == [phrase("time-ran-out")]


def test_an_alert_after_the_mask_is_shown() -> None:
    """An alert raised after the end of the mask is shown."""
    found = harness()
    found.receive(mask())
    found.receive(forced(HOUR))

    assert the(found).handling is Handling.NEW


def test_a_mask_may_be_ended_early() -> None:
    """When a mask is ended early, what it hid is shown again at once."""
    found = harness()
    found.receive(mask())
    found.receive(forced(10))
    found.receive(StaffUnmask(at=at(20), who="bob", mask=mask_id(found)))

    assert found.changes() == ["raised", "unshelved"]
    assert the(found).handling is Handling.NEW


def test_life_safety_is_never_masked() -> None:
    """A mask of all rules does not hide life safety, and a mask of a life-safety rule is refused."""
    found = harness("life_safety")
    found.receive(mask(what="*"))
    found.receive(forced(10))

    assert the(found).handling is Handling.NEW

    found.receive(mask(20))

    assert found.refusals() == ["mask-life-safety"]


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({}, True),
        ({"what": "*"}, True),
        ({"point": "", "zone": "hall"}, True),
        ({"point": "", "site": "centre"}, True),
        ({"point": "e1"}, False),
        ({"point": "", "zone": "foyer"}, False),
    ],
)
def test_a_mask_hides_its_place_and_no_other(parts: dict[str, Any], hidden: bool) -> None:
    """A mask hides one rule or all, at one point, zone or site."""
    found = harness()
    found.receive(mask(**parts))
    found.receive(forced(10))

    assert (the(found).handling is Handling.SHELVED) is hidden


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"reason": " "}, "mask-needs-reason"),
        ({"until": None}, "mask-needs-end"),
        ({"until": at(1)}, "mask-end-past"),
        ({"until": at(7 * 86_400 + 2)}, "mask-too-long"),
        (
            {"zone": "hall"},
            "mask-needs-one-place",
        ),
        ({"point": ""}, "mask-needs-one-place"),
        ({"point": "hall"}, "mask-place-unknown"),
        ({"what": "no"}, "mask-rule-unknown"),
    ],
)
def test_an_incomplete_or_ambiguous_mask_is_refused(parts: dict[str, Any], why: str) -> None:
    """The refusal names the reason, and nothing is hidden."""
    found = harness()
    found.receive(mask(**parts))
    found.receive(forced(10))

    assert found.refusals() == [why]
    assert the(found).handling is Handling.NEW


def test_a_mask_lasts_seven_days_at_most() -> None:
    """The limit is exact to the second."""
    found = harness()
    found.receive(mask(until=at(7 * 86_400 + 1)))

    assert found.refusals() == []


def test_an_unknown_mask_cannot_be_ended() -> None:
    """The end of an unknown mask is refused: its id may be mistyped, or someone else was faster."""
    found = harness()
    found.receive(StaffUnmask(at=at(1), who="bob", mask="nothing"))

    assert found.refusals() == ["mask-unknown"]


def test_a_new_mask_replaces_the_one_at_the_same_place() -> None:
    """The new end applies, also to what the old mask hid."""
    found = harness()
    found.receive(mask())
    found.receive(forced(10))
    found.receive(mask(20, until=at(2 * HOUR)))
    found.tick(HOUR + 5)

    assert the(found).shelved_until == at(2 * HOUR)

    found.tick(2 * HOUR + 5)

    assert the(found).handling is Handling.NEW


@pytest.mark.parametrize("first", [True, False])
def test_an_alert_under_two_masks_is_hidden_until_both_end(first: bool) -> None:
    """The end of one mask does not end the other, whichever ends first."""
    found = harness()
    found.receive(mask(until=at(2 * HOUR)))
    found.receive(forced(10))
    found.receive(mask(20, what="*"))
    lifted, stays = sorted(
        found.engine.state.alerts.masks.values(), key=lambda row: row.until, reverse=first
    )
    found.receive(StaffUnmask(at=at(30), who="bob", mask=lifted.id))

    assert (the(found).handling, the(found).shelved_until) == (Handling.SHELVED, stays.until)

    found.tick(2 * HOUR + 5)

    assert the(found).handling is Handling.NEW


def test_the_end_of_a_mask_does_not_unshelve_by_hand() -> None:
    """An alert that a person shelved stays shelved."""
    found = harness()
    found.receive(forced(0))
    found.receive(
        StaffShelve(at=at(1), who="eve", alert=the(found).id, until=at(2 * HOUR), reason="known")
    )
    found.receive(mask(2))
    found.tick(HOUR + 5)

    assert (the(found).handling, the(found).owner) == (Handling.SHELVED, "eve")


def test_a_mask_is_removed_with_its_rule() -> None:
    """No mask remains of a rule that no longer exists."""
    found = harness()
    found.receive(mask())
    found.step(RulesChanged(received_at=at(60), who="x", rule_set=rule_set()))

    assert found.engine.state.alerts.masks == {}
