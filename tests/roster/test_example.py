"""The roster that is shipped, beside the venue that is shipped."""

from monitor.roster import read_roster
from monitor.venue import load as load_venue
from tests.support.pipeline import ROOT


def test_what_one_repairs_in_hotel_a_another_can_inspect_again() -> None:
    """The story of the engineers' page needs two people: a form offers a checklist to those of its agencies."""
    venue = load_venue(ROOT / "venue.toml")
    (doors,) = (row for row in venue.checklists if row.id == "hotel-a-fire-doors")
    agencies = {doors.lead, *doors.coordinating}
    people = read_roster(ROOT / "roster.toml", venue).document.people

    assert {row.id for row in people if row.agency in agencies} == {"karim", "minh"}
