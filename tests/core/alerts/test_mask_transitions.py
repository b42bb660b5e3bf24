"""What the journal keeps of a mask: whole transitions, from which people see later who hid what, where and how long."""

from typing import Any

import pytest
from msgspec.structs import replace

from monitor.core.alert import Change, Handling
from monitor.core.events.commands import StaffAcknowledge, StaffMask, StaffShelve, StaffUnmask
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.inputs import RulesChanged
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Match
from monitor.core.transitions import AlertChanged, Mask, MaskChanged, StaffRefused
from tests.support.engine import VENUE, EngineHarness, at, on, rule, rule_set

FORCED = rule(
    match=Match(
        of=on("door.alarm", where='alarm == "forced_open"'),
        end=on("door.alarm", where='alarm == "normal"'),
    )
)
AT_DOOR = "41a8868f"
"""The id of a mask of the rule at the door d1. It never changes: masks are lifted by it, and the journal holds it."""
OVER = 3602.000001
"""When an hour is over for the watermark, which waits two seconds for messages that are slow."""


def harness() -> EngineHarness:
    """An engine with one rule about forced doors."""
    return EngineHarness(rule_set(FORCED))


def forced(seconds: float, point: str = "d1") -> DoorAlarmChanged:
    """A door is forced."""
    return DoorAlarmChanged(at=at(seconds), point=point, alarm="forced_open")


def order(seconds: float, **parts: Any) -> StaffMask:  # noqa: ANN401
    """Ann orders a mask of the rule at the door for an hour; keyword arguments change its parts."""
    fields = {"what": "rule", "point": "d1", "until": at(3600), "reason": "new closer", **parts}
    return StaffMask(at=at(seconds), who="ann", **fields)


def mask(seconds: float, **parts: Any) -> Mask:  # noqa: ANN401
    """The mask that follows from the same order."""
    fields = {"what": "rule", "point": "d1", "until": at(3600), "reason": "new closer", **parts}
    return Mask(
        **{"id": AT_DOOR, "kind": "maintenance", "owner": "ann", "since": at(seconds), **fields}
    )


# A mask begins --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "mask_id"),
    [
        ({}, AT_DOOR),
        ({"kind": "planned_opening"}, AT_DOOR),
        ({"what": "*"}, "f621907f"),
        ({"point": "e1"}, "5c672848"),
        ({"point": "", "zone": "hall"}, "1f0bd902"),
        ({"point": "", "site": "centre"}, "c7d48d18"),
    ],
)
def test_the_journal_holds_the_whole_mask(parts: dict[str, str], mask_id: str) -> None:
    """The journal has the mask's rule, kind, place, owner, reason and times; its id depends on rule and place only."""
    assert harness().receive(order(1, **parts)) == [
        MaskChanged(
            at=at(1), site="centre", mask=mask(1, id=mask_id, **parts), who="ann", note="new closer"
        )
    ]


def test_a_mask_hides_an_open_alert_in_its_owners_name() -> None:
    """An acknowledged alert becomes shelved and is no longer acknowledged, with owner, reason and end of the mask."""
    found = harness()
    found.receive(forced(0))
    (alert,) = found.alerts()
    found.receive(StaffAcknowledge(at=at(0), who="bob", alert=alert.id, note="on my way"))

    assert found.receive(order(1))[1:] == [
        AlertChanged(
            at=at(1),
            change=Change.SHELVED,
            alert=replace(
                alert,
                handling=Handling.SHELVED,
                owner="ann",
                note="new closer",
                shelved_until=at(3600),
            ),
            who="ann",
            note="new closer",
        )
    ]


def test_a_new_mask_leaves_alone_what_a_person_shelved() -> None:
    """A new mask changes the end only of what the mask before it hid."""
    found = harness()
    found.receive(forced(0))
    (alert,) = found.alerts()
    found.receive(StaffShelve(at=at(1), who="eve", alert=alert.id, until=at(7200), reason="known"))
    found.receive(order(2))

    assert found.receive(order(3, until=at(1800))) == [
        MaskChanged(
            at=at(3), site="centre", mask=mask(3, until=at(1800)), who="ann", note="new closer"
        )
    ]
    assert [row.owner for row in found.alerts()] == ["eve"]


# A mask ends ----------------------------------------------------------------------------------------------------


def shown_again(found: EngineHarness, seconds: float, who: str, note: str | Phrase) -> AlertChanged:
    """The change that puts the one open alert back on the board."""
    (alert,) = found.alerts()
    assert (alert.handling, alert.owner, alert.shelved_until) == (Handling.NEW, "", None)
    return AlertChanged(at=at(seconds), change=Change.UNSHELVED, alert=alert, who=who, note=note)


@pytest.mark.parametrize(
    ("note", "shown"), [("closer works", "closer works"), ("", phrase("mask-ended"))]
)
def test_a_mask_lifted_early_names_who_lifted_it(note: str, shown: str | Phrase) -> None:
    """The mask and the alert that it hid have the person's name and note; without a note the alert has the reason."""
    found = harness()
    found.receive(order(1))
    found.receive(forced(10))

    assert found.receive(StaffUnmask(at=at(20), who="bob", mask=AT_DOOR, note=note)) == [
        MaskChanged(at=at(20), site="centre", mask=mask(1), ended=True, who="bob", note=note),
        shown_again(found, 20, "bob", shown),
    ]


def test_a_mask_that_ran_out_names_no_person() -> None:
    """No one lifted the mask: its time had run out."""
    found = harness()
    found.receive(order(1))
    found.receive(forced(10))

    assert found.tick(3605) == [
        MaskChanged(
            at=at(OVER), site="centre", mask=mask(1), ended=True, note=phrase("time-ran-out")
        ),
        shown_again(found, OVER, "", phrase("time-ran-out")),
    ]


def test_all_that_a_mask_hid_is_shown_again() -> None:
    """A hidden alert is shown again even if it follows, among the open alerts, one that the mask did not hide."""
    found = harness()
    found.receive(forced(0, "d2"))
    found.receive(order(1, point="", zone="hall"))
    found.receive(forced(10, "d1"))
    found.receive(forced(11, "e1"))
    found.tick(3605)

    shown = [
        row
        for row in found.seen
        if isinstance(row, AlertChanged) and row.change is Change.UNSHELVED
    ]
    assert [row.alert.point for row in shown] == ["d1", "e1"]


def test_what_another_mask_hides_passes_to_that_mask() -> None:
    """The alert stays shelved, with owner, reason and end of the mask that is left."""
    found = harness()
    found.receive(replace(order(0, what="*", until=at(1800), reason="painting"), who="eve"))
    found.receive(order(1))
    found.receive(forced(10))
    (alert,) = found.alerts()
    assert alert.owner == "ann"

    assert found.receive(StaffUnmask(at=at(20), who="bob", mask=AT_DOOR)) == [
        MaskChanged(at=at(20), site="centre", mask=mask(1), ended=True, who="bob"),
        AlertChanged(
            at=at(20),
            change=Change.SHELVED,
            alert=replace(alert, owner="eve", note="painting", shelved_until=at(1800)),
            who="eve",
            note="painting",
        ),
    ]


def test_a_mask_ends_with_its_rule() -> None:
    """A mask of all rules at the same door stays."""
    found = harness()
    found.receive(order(1), order(1, what="*"))
    seen = found.step(RulesChanged(received_at=at(60), who="x", rule_set=rule_set()))

    assert seen == [
        MaskChanged(
            at=at(60), site="centre", mask=mask(1), ended=True, note=phrase("rule-not-in-force")
        )
    ]


@pytest.mark.parametrize("place", [{"point": "d1"}, {"point": "", "zone": "hall"}])
def test_a_mask_ends_with_its_place(place: dict[str, str]) -> None:
    """A mask of a site that is still in the venue stays."""
    found = harness()
    (begun,) = found.receive(order(1, **place))
    found.receive(order(2, point="", site="centre"))
    assert isinstance(begun, MaskChanged)
    smaller = replace(
        VENUE,
        points=tuple(
            row for row in VENUE.points if row.zone != "hall" and row.outer_zone != "hall"
        ),
        zones=tuple(row for row in VENUE.zones if row.id != "hall"),
    )
    seen = found.step(
        RulesChanged(received_at=at(60), who="x", rule_set=rule_set(FORCED, venue=smaller))
    )

    assert [row for row in seen if isinstance(row, MaskChanged)] == [
        MaskChanged(at=at(60), mask=begun.mask, ended=True, note=phrase("not-in-venue"))
    ]


# Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "mask_id", "reason"),
    [
        ({"until": None}, AT_DOOR, phrase("mask-needs-end")),
        ({"point": "d9"}, "eb1bc99d", phrase("mask-place-unknown", place="d9")),
        ({"what": "no"}, "fd89b317", phrase("mask-rule-unknown", rule="no")),
    ],
)
def test_a_refused_mask_names_person_mask_and_reason(
    parts: dict[str, Any], mask_id: str, reason: Phrase
) -> None:
    """The sender finds the answer by the id that the mask would have had."""
    assert harness().receive(order(1, **parts)) == [
        StaffRefused(at=at(1), who="ann", act="mask", alert=mask_id, reason=reason)
    ]


def test_a_refused_end_names_person_mask_and_reason() -> None:
    """The id in the refusal is the one that was sent."""
    assert harness().receive(StaffUnmask(at=at(1), who="bob", mask="nothing")) == [
        StaffRefused(
            at=at(1), who="bob", act="unmask", alert="nothing", reason=phrase("mask-unknown")
        )
    ]
