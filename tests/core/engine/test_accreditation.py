"""A venue names its own classes of accreditation: events may give any of them, and one that it doesn't name raises."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.decode import decode
from monitor.core.events.access import AccessDenied, AccessGranted
from monitor.core.inputs import Arrival
from monitor.core.rules.model import Match, RuleSet
from monitor.core.venue.accreditation import DEFAULT, classes_of
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import AccreditationClass, Venue
from monitor.core.venue.words import SLUG
from monitor.texts import best, title
from tests.support.engine import RULE_SET, SHIPPED, VENUE, EngineHarness, at, on, rule, rule_set

ZONES = tuple(zone.id for zone in VENUE.zones)
OWN = replace(
    VENUE,
    classes=(
        AccreditationClass(id="gold-card", name="Gold card", zones=ZONES),
        AccreditationClass(id="crew", name="Crew", zones=ZONES[:1]),
    ),
)


def harness_in(venue: Venue) -> EngineHarness:
    """The shipped rules in a venue."""
    return EngineHarness(replace(RULE_SET, venue=venue))


def granted(of_class: str, **fields: object) -> AccessGranted:
    """A badge of a class enters."""
    given = {"at": at(1), "point": VENUE.points[0].id, "direction": "in", "credential": "c1"}
    return AccessGranted(**{**given, "holder_class": of_class, **fields})  # type: ignore[arg-type]


@given(st.from_regex(SLUG, fullmatch=True))
def test_the_decoder_accepts_every_class_that_a_venue_may_name(of_class: str) -> None:
    """What `check` accepts as the id of a class, an event may give."""
    row = msgspec.convert({"id": of_class, "name": "Any", "zones": []}, AccreditationClass)
    event = granted(row.id)
    topic = f"venue/hall/access/{event.point}"

    arrival = decode(topic, msgspec.json.encode(event), at(1))

    assert isinstance(arrival, Arrival)
    assert arrival.events == (event,)


@pytest.mark.parametrize("of_class", ["gold-card", "crew", "unknown"])
def test_a_class_of_the_venue_is_known(of_class: str) -> None:
    """A venue's own classes, and none, raise no notice."""
    harness = harness_in(OWN)

    harness.receive(granted(of_class))
    harness.tick(10)

    assert harness.alerts("unknown-name") == []


def test_a_class_that_the_venue_does_not_name_is_reported_with_the_closest_one() -> None:
    """The message says which class was probably meant, in each language."""
    harness = harness_in(OWN)

    harness.receive(granted("Gold-Crad"))
    harness.tick(10)

    (alert,) = harness.alerts("unknown-name")
    assert alert.key == "class / Gold-Crad"
    assert alert.values["hint"] == "gold-card"
    rules = {row.id: row for row in SHIPPED.rules}
    shown = title(alert, rules["unknown-name"], DisplayNames(OWN), best(("en",)))
    assert "accreditation class" in shown
    assert "gold-card" in shown


def test_a_passage_of_a_class_that_the_venue_does_not_name_raises() -> None:
    """The event is not dropped: who has no class of the venue is admitted nowhere."""
    harness = harness_in(OWN)

    harness.receive(granted("platinum"))
    harness.tick(10)

    (alert,) = harness.alerts("wrong-class-granted")
    assert alert.values["holder_class"] == "platinum"


def test_a_denied_badge_of_such_a_class_is_reported_too() -> None:
    """Any event that gives a class is checked, not only a passage."""
    harness = harness_in(OWN)

    harness.receive(AccessDenied(at=at(1), point=VENUE.points[0].id, holder_class="platinum"))

    assert [row.key for row in harness.alerts("unknown-name")] == ["class / platinum"]


def test_a_title_shows_the_name_of_a_class() -> None:
    """Officers read "Crew", not the id."""
    harness = harness_in(OWN)
    point = next(row for row in VENUE.points if row.zone != ZONES[0])

    harness.receive(granted("crew", point=point.id))
    harness.tick(10)

    (alert,) = harness.alerts("wrong-class-granted")
    rules = {row.id: row for row in SHIPPED.rules}
    shown = title(alert, rules["wrong-class-granted"], DisplayNames(OWN), best(("en",)))
    assert "Crew" in shown


def test_a_venue_without_classes_has_the_default_ones() -> None:
    """Journals and venue files of earlier versions mean the same as before."""
    venue = replace(VENUE, classes=())
    harness = harness_in(venue)

    for n, of_class in enumerate(DEFAULT):
        harness.receive(granted(of_class, credential=f"c{n}"))
    harness.tick(10)

    assert classes_of(venue) == (*DEFAULT, "unknown")
    assert harness.alerts("unknown-name") == []
    assert harness.alerts("wrong-class-granted") == []


def test_invented_classes_leave_room_for_those_of_the_venue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A flood of invented classes at a known point fills no rule for the real ones."""
    monkeypatch.setattr("monitor.core.engine.signals.MOST_KEYS", 3)
    monkeypatch.setattr("monitor.core.alerts.open_alerts.MOST_ALERTS", 3)
    denials = Match(of=on("access.denied"))
    one = rule(by="holder_class point", match=denials)
    rules: RuleSet = rule_set(one, venue=OWN)
    harness = EngineHarness(rules)
    point = VENUE.points[0].id

    for n in range(10):
        harness.receive(AccessDenied(at=at(n), point=point, holder_class=f"x{n}"))
    harness.receive(AccessDenied(at=at(11), point=point, holder_class="crew"))
    harness.tick(20)

    assert f"crew / {point}" in [row.key for row in harness.alerts()]
