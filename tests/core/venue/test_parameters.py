"""Values from the venue, durations, and the fields that rules may name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.fields import fields
from monitor.core.timing import parse_duration
from monitor.core.utc import utc
from monitor.core.venue.parameters import ParameterError, resolve
from monitor.core.venue.places import NOWHERE, Places
from tests.support.engine import VENUE

PLACES = Places(VENUE)
DOOR, HALL = PLACES.points["d1"], PLACES.zones["hall"]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0s", timedelta()),
        ("250ms", timedelta(milliseconds=250)),
        ("30s", timedelta(seconds=30)),
        ("2m", timedelta(minutes=2)),
        ("24h", timedelta(hours=24)),
        ("365d", timedelta(days=365)),
        ("999999d", timedelta(days=999_999)),
    ],
)
def test_durations_are_written_as_people_do(text: str, length: timedelta) -> None:
    """A whole number and one unit."""
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "30", "s", "-1s", "1.5h", "30 s", "PT30S", "30s\n", "1h30m", "1000000s", "30S"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    """It is not guessed at."""
    assert parse_duration(text) is None


def test_a_constant_is_the_same_everywhere() -> None:
    """Wherever the event belongs."""
    assert resolve("30s", timedelta)(DOOR) == timedelta(seconds=30)
    assert resolve(10, float)(NOWHERE) == 10
    assert resolve(None, timedelta)(DOOR) is None


def test_a_parameter_is_looked_up() -> None:
    """At the point, its zone, the device: whatever the event is about."""
    assert resolve("point.held_open_limit", timedelta)(DOOR) == timedelta(seconds=30)
    assert resolve("zone.capacity", float)(DOOR) == 10
    assert resolve("zone.area_m2", float)(HALL) == 100.0
    assert resolve("checklist.interval", timedelta)(PLACES.checklists["check"]) == timedelta(days=1)


def test_what_the_venue_does_not_know_has_the_default() -> None:
    """The venue file's, where it has one."""
    assert resolve("device.silence_limit", timedelta)(NOWHERE) == timedelta(seconds=60)
    assert resolve("zone.capacity", float)(NOWHERE) is None


@pytest.mark.parametrize(
    ("value", "wanted", "message"),
    [
        (
            "point.held_open_limt",
            timedelta,
            (
                '"point.held_open_limt" is not among the durations of a point in the venue file; '
                'did you mean "point.held_open_limit"?'
            ),
        ),
        (
            "zone.capacity",
            timedelta,
            '"zone.capacity" is not among the durations of a zone in the venue file; usable: none',
        ),
        (
            "zone.name",
            float,
            (
                '"zone.name" is not among the numbers of a zone in the venue file; '
                "usable: capacity, area_m2, way_on"
            ),
        ),
        (
            "device.gateway",
            float,
            '"device.gateway" is not among the numbers of a device in the venue file; usable: none',
        ),
        (
            "30s\n",
            timedelta,
            (
                '"30s\n" is neither a duration nor a value of the venue file; '
                'write e.g. "30s" or "point.held_open_limit"'
            ),
        ),
    ],
)
def test_a_parameter_that_is_none_is_refused(value: str, wanted: type, message: str) -> None:
    """Its name, what was meant, what there is."""
    with pytest.raises(ParameterError) as caught:
        resolve(value, wanted)

    assert str(caught.value) == message


# Fields ---------------------------------------------------------------------------------------------------------


def test_fields_are_the_events_and_the_places() -> None:
    """With types as officers call them; lists of the place are ours, not theirs."""
    found = fields("inspection.item")

    assert (found["item"].source, found["item"].type) == ("e", "text")
    assert (found["zone"].source, found["zone"].type) == ("p", "text")
    assert found["result"].choices == ("fail", "na", "not_done", "pass", "unknown")
    assert found["value"].type == "number"
    assert found["value"].optional
    assert not found["replay"].optional
    assert found["replay"].type == "yes/no"
    assert found["at"].type == "time"
    assert found["evidence"].type == "list"
    assert "of_checklist" not in found


def test_an_events_own_field_wins() -> None:
    """A door event names its point itself; a fault has a reason of its own words."""
    assert fields("door.opened")["point"].source == "e"
    assert fields("device.online")["point"].source == "p"
    assert fields("door.fault")["reason"].choices == ()


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_event_type_has_fields(kind: str) -> None:
    """Each has at least what every event carries, and no list of ours."""
    assert {"at", "id", "replay"} <= fields(kind).keys()
    assert not any(field.type == "list" and field.source == "p" for field in fields(kind).values())


OF_ZONE = {"site", "site_kind", "two_person", "anti_passback"}
OF_DOOR = {
    "outer_zone",
    "point_kind",
    "controlled",
    "passage_sensor",
    "exit_only",
    "interlock",
    "timed_passback",
}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("door.opened", OF_ZONE | OF_DOOR | {"zone"}),
        ("zone.closed", OF_ZONE),
        ("inspection.started", OF_ZONE | {"zone", "lead"}),
        ("inspection.item", OF_ZONE | {"zone", "lead", "criticality", "exits"}),
        ("credential.state", set()),
        ("device.online", OF_ZONE | OF_DOOR | {"zone", "point", "gateway"}),
    ],
)
def test_a_place_tells_what_it_can_know(kind: str, told: set[str]) -> None:
    """A zone that opens is at no door: a rule that asks for one would never fire."""
    assert {name for name, field in fields(kind).items() if field.source == "p"} == told


def test_an_unknown_event_type_has_none() -> None:
    """Whoever asks has to look first."""
    with pytest.raises(KeyError):
        fields("door.opeend")


# Moments --------------------------------------------------------------------------------------------------------


@given(
    st.datetimes(
        timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    )
)
def test_every_moment_has_one_in_utc(at: datetime) -> None:
    """The same moment, or, beyond the edge of the calendar, the edge."""
    found = utc(at)

    assert found.tzinfo is UTC
    if datetime(2, 1, 1, tzinfo=UTC) < at < datetime(9998, 1, 1, tzinfo=UTC):
        assert found == at


def test_the_edges_of_the_calendar() -> None:
    """Nobody's clock is so wrong that it stops ours."""
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    late = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))

    assert utc(early).isoformat() == "0001-01-01T00:00:00+00:00"
    assert utc(late).isoformat() == "9999-12-31T23:59:59.999999+00:00"
