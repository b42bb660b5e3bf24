"""The names under which people know what an event names by its id."""

import pytest
from msgspec.structs import replace

from monitor.core.rules.title import render
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import Agency, Congress, Device, Point, Site, Venue, Zone
from monitor.texts import ENGLISH

VENUE = Venue(
    congress=Congress(id="congress", name="Congress", phase="live"),
    sites=(Site(id="centre", name="The centre", kind="venue"),),
    zones=(Zone(id="kitchen", name="The kitchen", site="centre", capacity=9, area_m2=30.0),),
    points=(Point(id="d1", name="The back door", kind="door", zone="kitchen"),),
    devices=(Device(id="probe-7", name="Probe of the cold room"),),
    agencies=(Agency(id="fire", name="The fire service"),),
)
NAMES = DisplayNames(VENUE, people={"ann": "Ann Lee"}, teams={"hall": "Hall security"})


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("asset", "probe-7", "Probe of the cold room"),
        ("asset", "d1", "The back door"),
        ("asset", "fridge-3", "fridge-3"),
        ("to", "fire", "The fire service"),
        ("to", "hall", "Hall security"),
        ("to", "ann", "Ann Lee"),
        ("to", "everyone at the gate", "everyone at the gate"),
        ("about", "kitchen", "The kitchen"),
        ("approver", "ann", "Ann Lee"),
        ("subject", "fire", "The fire service"),
    ],
)
def test_a_title_shows_names_and_not_ids(field: str, value: str, shown: str) -> None:
    """Whatever kind of thing a field names, its name is shown; an id that nothing knows stays."""
    assert render(f"{{{field}}}", {field: value}, NAMES, ENGLISH) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("", "Doors, Closes, latches"),
        ("en", "Doors, Closes, latches"),
        ("vi", "Cửa, Đóng kín, chốt"),
    ],
)
def test_a_sentence_names_items_in_the_readers_language(language: str, shown: str) -> None:
    """Also several in one argument, with commas of their own; an item without a translation stays as it is."""
    items = (
        ChecklistItem(id="close", text="Closes, latches", texts={"vi": "Đóng kín, chốt"}),
        ChecklistItem(id="seal", text="Seal"),
    )
    own = Checklist(
        id="doors", name="Doors", names={"vi": "Cửa"}, zone="kitchen", lead="fire", items=items
    )
    names = DisplayNames(replace(VENUE, checklists=(own,)), language=language)
    values = {"checklist": "Doors", "item": "Closes, latches"}
    assert render("{checklist}, {item}", values, names, ENGLISH) == shown
    both = {"items": "Closes, latches; Seal"}
    assert render("{items}", both, names, ENGLISH) == f"{shown.partition(', ')[2]}; Seal"
    assert names.of("item", "close", {"checklist": "doors"}) == shown.partition(", ")[2]
