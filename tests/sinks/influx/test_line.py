"""What is written to InfluxDB is read back unchanged, whatever its characters."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sinks.influx.event_measurements import ReadingMeasurement
from monitor.sinks.influx.line import kept_in_tag, line, tag_value
from monitor.sinks.influx.measurements import ALL
from monitor.sinks.influx.schema import Measurement, TagKey, columns, name_of
from monitor.sinks.influx.state_measurements import OccupancyMeasurement
from monitor.sinks.influx.timestamps import EPOCH, nanoseconds, of_message, of_transition
from tests.support.influxd import Influx

WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
NASTY = [
    "",
    "a b",
    "a,b=c",
    "\\",
    "a\\",
    "\\,",
    "\\ ",
    '"',
    '\\"',
    "a\nb",
    "a\r\nb",
    "\t",
    "\x00",
    "  both ends  ",
    "#comment",
    "đại biểu",
    "قاعة المؤتمرات",
    "🚪",
    "\u2028",
    "\x85",
    "none",
    "a=b=c,,,",
    "'single'",
    "{}[]()/*;--",
]
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def test_every_difficult_text_is_read_back(influx: Influx) -> None:
    """Each text is stored as tag and as field, in one batch: nothing is refused or changed."""
    read_back(influx, NASTY)


@settings(max_examples=30)
@given(st.lists(WORDS, min_size=1, max_size=100))
def test_every_text_is_read_back(influxd: Influx, texts: list[str]) -> None:
    """Any text is read back unchanged, whatever its characters."""
    influxd.create("letters")
    influxd.query("DROP SERIES FROM /.*/", "letters")
    read_back(influxd, texts, "letters")


def read_back(server: Influx, texts: list[str], db: str = "venue") -> None:
    """Write all in one batch, read all back, and compare."""
    points = [
        ReadingMeasurement(asset=text, event_id=text, value=n) for n, text in enumerate(texts)
    ]
    server.write("\n".join(line(point, 1000 + n) for n, point in enumerate(points)), db)
    rows = server.query('SELECT "value", "event_id", "asset" FROM "reading"', db)
    found = {int(row["value"]): (row["event_id"], row["asset"]) for row in rows}
    assert found == {n: (text.replace("\0", ""), kept_in_tag(text)) for n, text in enumerate(texts)}


@given(WORDS)
def test_a_tag_is_never_empty_and_never_ends_a_line(text: str) -> None:
    """No sender can inject points through a name."""
    written = tag_value(text)

    assert written
    assert not set("\n\r\0\\") & set(
        written.replace("\\,", "").replace("\\=", "").replace("\\ ", "")
    )
    assert kept_in_tag(kept_in_tag(text)) == kept_in_tag(text)


@pytest.mark.parametrize("kind", ALL, ids=name_of)
def test_every_measurement_is_stored_with_all_its_columns(
    influx: Influx, kind: type[Measurement]
) -> None:
    """Each column has its declared type, and a missing value is missing."""
    influx.write(line(kind(), 1))

    (row,) = influx.query(f'SELECT * FROM "{name_of(kind)}"')  # noqa: S608 - declared names

    for column in columns(kind):
        if isinstance(column.key, TagKey):
            assert row[column.name]
        elif not column.optional:
            assert isinstance(row[column.name], (column.kind, int))
    types = influx.query(f'SHOW FIELD KEYS FROM "{name_of(kind)}"')
    names = {str: "string", int: "integer", float: "float"}
    declared = {column.name: names[column.kind] for column in columns(kind)}
    assert {row["fieldKey"]: row["fieldType"] for row in types}.items() <= declared.items()


def test_invalid_numbers_are_left_out() -> None:
    """NaN and infinity are left out, because the server would refuse the line."""
    assert "pct" not in line(OccupancyMeasurement(count=1, pct=math.nan), 1)
    assert "pct" not in line(OccupancyMeasurement(count=1, pct=math.inf), 1)


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40_000)),
    st.binary(min_size=1, max_size=20),
)
def test_a_time_stays_within_its_millisecond(since: timedelta, identity: bytes) -> None:
    """A time is moved by less than a millisecond, never back, and always by the same amount."""
    at = EPOCH + since
    moved = of_message(at, identity) - nanoseconds(at)

    assert 0 <= moved < 1_000_000
    assert of_message(at, identity) == of_message(at, identity)


def test_two_events_in_one_millisecond_are_two_points(influx: Influx) -> None:
    """Two events in one millisecond are two points; the same event again is the same point."""
    at = NOW + timedelta(milliseconds=7)
    points = [
        (ReadingMeasurement(asset="a", event_id=name), of_message(at, name.encode()))
        for name in ("x", "y")
    ]
    for _ in range(3):
        influx.write("\n".join(line(point, ns) for point, ns in points))

    rows = influx.query('SELECT "event_id" FROM "reading"')

    assert sorted(row["event_id"] for row in rows) == ["x", "y"]


def test_thousands_of_transitions_of_one_input_are_as_many_points() -> None:
    """When one input ends all waits at once after an outage, its transitions stay in its millisecond."""
    found = {of_transition(NOW, 7, n) for n in range(50_000)}
    assert len(found) == 50_000
    assert {ns // 1_000_000 for ns in found} == {nanoseconds(NOW) // 1_000_000}


@pytest.mark.parametrize(("seq", "n", "moved"), [(0, 0, 0), (7, 3, 7_003), (1_999, 999, 999_999)])
def test_the_timestamp_of_a_transition_never_changes(seq: int, n: int, moved: int) -> None:
    """A backfill writes the same points again."""
    assert of_transition(NOW, seq, n) == nanoseconds(NOW) + moved
