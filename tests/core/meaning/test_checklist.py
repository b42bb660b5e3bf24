"""Which item an answer belongs to, and what a measured value and a form mean."""

import pytest

from monitor.core.events.inspection import InspectionAmended, Item
from monitor.core.meaning.checklist import answers_of, checklist_item, is_out_of_limits
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.places import NOWHERE, Place
from tests.support.engine import START

LINE = ChecklistItem(
    id="co", text="Carbon monoxide", criticality="critical", min=0, max=9, unit="ppm"
)
PLACE = Place(of_checklist=Checklist(id="air", name="Air", lead="fire", zone="hall", items=(LINE,)))


def test_an_item_is_found_by_its_id() -> None:
    """An item is looked up in the place's own checklist, if it has one."""
    assert checklist_item(PLACE, "co") is LINE
    assert checklist_item(PLACE, "smoke") is None
    assert checklist_item(NOWHERE, "co") is None


@pytest.mark.parametrize(
    ("value", "unit", "outside"),
    [
        (9, "ppm", False),
        (9.5, "ppm", True),
        (-1, "ppm", True),
        (5, "percent", None),
        (None, "ppm", None),
    ],
)
def test_a_value_counts_in_the_unit_of_its_item(
    value: float | None, unit: str, outside: bool | None
) -> None:
    """The limits themselves are within the range."""
    assert is_out_of_limits(LINE, value, unit) is outside


def test_a_form_is_its_answers() -> None:
    """Each answer has the time, the visit and the inspector of the form."""
    rows = (Item(item="co", result="pass", value=3, unit="ppm"), Item(item="exit", result="fail"))
    form = InspectionAmended(
        at=START, checklist="air", inspection="v1", inspector="anna", revision=2, items=rows
    )
    found = list(answers_of(form))
    assert [(row.item, row.result, row.value) for row in found] == [
        ("co", "pass", 3),
        ("exit", "fail", None),
    ]
    assert {(row.at, row.checklist, row.inspection, row.inspector) for row in found} == {
        (START, "air", "v1", "anna")
    }
