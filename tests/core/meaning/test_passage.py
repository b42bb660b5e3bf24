"""What counts as a passage, and between which zones it leads."""

import pytest

from monitor.core.events.access import AccessDenied, AccessGranted, AccessTaken
from monitor.core.events.vocabulary import Direction
from monitor.core.meaning.passage import Passage, is_passage, passage_of
from monitor.core.venue.model import Point
from monitor.core.venue.places import NOWHERE, Place
from tests.support.engine import START

POINT = Point(id="door", name="Door", kind="door", zone="hall", outer_zone="foyer")
SENSED = Place(
    site="hall", zone="hall", outer_zone="foyer", point="door", passage_sensor=True, of_point=POINT
)
UNSENSED = Place(site="hall", zone="hall", outer_zone="foyer", point="door", of_point=POINT)
GRANTED = AccessGranted(at=START, point="door", holder="h1")
TAKEN = AccessTaken(at=START, point="door", holder="h1")


def test_a_point_with_a_sensor_reports_each_passage() -> None:
    """At a point with a sensor a grant is no passage; elsewhere it counts as one."""
    assert (is_passage(TAKEN, SENSED), is_passage(GRANTED, SENSED)) == (True, False)
    assert (is_passage(TAKEN, UNSENSED), is_passage(GRANTED, UNSENSED)) == (False, True)


def test_nothing_else_is_a_passage() -> None:
    """Neither a refusal nor an event at a point that is not in venue.toml is a passage."""
    assert passage_of(AccessDenied(at=START, point="door"), UNSENSED) is None
    assert passage_of(TAKEN, NOWHERE) is None
    assert passage_of(GRANTED, NOWHERE) is None


@pytest.mark.parametrize(
    ("direction", "entered", "left"),
    [("in", "hall", "foyer"), ("out", "foyer", "hall"), ("unknown", None, None)],
)
def test_a_passage_leads_from_one_zone_into_another(
    direction: Direction, entered: str | None, left: str | None
) -> None:
    """The direction of a passage gives its zones; with an unknown direction both zones are unknown."""
    event = AccessTaken(at=START, point="door", holder="h1", direction=direction)
    assert passage_of(event, SENSED) == Passage("hall", "door", "h1", direction, entered, left)
