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
def test_durations_are_a_number_and_a_unit(text: str, length: timedelta) -> None:
    """A duration is a whole number and one unit."""
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "30", "s", "-1s", "1.5h", "30 s", "PT30S", "30s\n", "1h30m", "1000000s", "30S"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    """Text that is not a duration is not guessed at."""
    assert parse_duration(text) is None


def test_a_constant_is_the_same_everywhere() -> None:
    """A constant is the same whatever the place of the event."""
    assert resolve("30s", timedelta)(DOOR) == timedelta(seconds=30)
    assert resolve(10, float)(NOWHERE) == 10
    assert resolve(None, timedelta)(DOOR) is None


def test_a_parameter_is_looked_up() -> None:
    """A parameter is looked up at the subject of the event: the point, its zone or the device."""
    assert resolve("point.held_open_limit", timedelta)(DOOR) == timedelta(seconds=30)
    assert resolve("zone.capacity", float)(DOOR) == 10
    assert resolve("zone.area_m2", float)(HALL) == 100.0
    assert resolve("checklist.interval", timedelta)(PLACES.checklists["check"]) == timedelta(days=1)


def test_an_unknown_subject_has_the_default() -> None:
    """An unknown subject has the default of the venue file, where there is one."""
    assert resolve("device.silence_limit", timedelta)(NOWHERE) == timedelta(seconds=60)
    assert resolve("zone.capacity", float)(NOWHERE) is None


@pytest.mark.parametrize(
    ("value", "wanted", "message"),
    [
        (
            "point.held_open_limt",
            timedelta,
            (
                '"point.held_open_limt" is not a duration of a point in venue.toml; '
                'did you mean "point.held_open_limit"?'
            ),
        ),
        (
            "zone.capacity",
            timedelta,
            '"zone.capacity" is not a duration of a zone in venue.toml; write one of zone.stays',
        ),
        (
            "zone.name",
            float,
            (
                '"zone.name" is not a number of a zone in venue.toml; '
                "write one of zone.capacity, zone.area_m2, zone.way_on"
            ),
        ),
        (
            "device.gateway",
            float,
            '"device.gateway" is not a number of a device in venue.toml; a device has none',
        ),
        (
            "30s\n",
            timedelta,
            (
                '"30s\n" is neither a duration nor a value in venue.toml; '
                'write e.g. "30s" or "point.held_open_limit"'
            ),
        ),
    ],
)
def test_an_unknown_parameter_is_refused(value: str, wanted: type, message: str) -> None:
    """The message has the unknown name, a suggestion, and the list of parameters."""
    with pytest.raises(ParameterError) as caught:
        resolve(value, wanted)

    assert str(caught.value) == message


# Fields ---------------------------------------------------------------------------------------------------------


def test_fields_are_the_events_and_the_places() -> None:
    """Fields have types in officers' words; lists of the place are internal."""
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


def test_an_events_own_field_takes_precedence() -> None:
    """A door event names its point itself; a fault has its own reason."""
    assert fields("door.opened")["point"].source == "e"
    assert fields("device.online")["point"].source == "p"
    assert fields("door.fault")["reason"].choices == ()


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_event_type_has_fields(kind: str) -> None:
    """Each event type has at least the common fields, and no internal list."""
    assert {"at", "id", "replay"} <= fields(kind).keys()
    assert not any(field.type == "list" and field.source == "p" for field in fields(kind).values())


OF_ZONE = {"site", "site_kind", "two_person", "anti_passback", "sign_off"}
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
    ("kind", "expected"),
    [
        ("door.opened", OF_ZONE | OF_DOOR | {"zone"}),
        ("zone.closed", OF_ZONE),
        ("inspection.started", OF_ZONE | {"zone", "lead"}),
        ("inspection.item", OF_ZONE | {"zone", "lead", "criticality", "exits"}),
        ("credential.state", set()),
        ("device.online", OF_ZONE | OF_DOOR | {"zone", "point", "gateway"}),
    ],
)
def test_a_place_has_the_fields_of_its_subject(kind: str, expected: set[str]) -> None:
    """A zone that opens has no door: a rule by door would never fire."""
    assert {name for name, field in fields(kind).items() if field.source == "p"} == expected


def test_an_unknown_event_type_has_none() -> None:
    """An unknown event type raises `KeyError`; the caller has to check first."""
    with pytest.raises(KeyError):
        fields("door.opeend")


# Times ------------------------------------------------------------------------------------------------------------


@given(
    st.datetimes(
        timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    )
)
def test_every_time_has_an_equivalent_in_utc(at: datetime) -> None:
    """The same time or, beyond the edge of the calendar, the edge."""
    found = utc(at)

    assert found.tzinfo is UTC
    if datetime(2, 1, 1, tzinfo=UTC) < at < datetime(9998, 1, 1, tzinfo=UTC):
        assert found == at


def test_times_at_the_edges_of_the_calendar() -> None:
    """No sender's clock can stop the monitor."""
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    late = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))

    assert utc(early).isoformat() == "0001-01-01T00:00:00+00:00"
    assert utc(late).isoformat() == "9999-12-31T23:59:59.999999+00:00"
