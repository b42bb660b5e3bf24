"""docs/metrics.md is generated from the measurements."""

from pathlib import Path

import pytest

from monitor.sinks.influx.measurements import ALL
from monitor.sinks.influx.reference_page import page
from monitor.sinks.influx.schema import FieldKey, Measurement, TagKey, columns, name_of

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    """To update it, run `venue-monitor metrics > docs/metrics.md`."""
    assert (ROOT / "docs" / "metrics.md").read_text() == page()


def test_no_two_measurements_have_the_same_name() -> None:
    """They would be one in InfluxDB."""
    assert len({name_of(kind) for kind in ALL}) == len(ALL)


@pytest.mark.parametrize("kind", ALL, ids=name_of)
def test_a_measurement_can_be_written_to_every_generation(kind: type[Measurement]) -> None:
    """Tags come first, are texts and never missing; at least one field is always present; ids are not tags."""
    rows = columns(kind)
    tags = [row for row in rows if isinstance(row.key, TagKey)]
    given = [row for row in rows if isinstance(row.key, FieldKey)]

    assert tags == list(rows[: len(tags)])
    assert all(row.kind is str and not row.optional for row in tags)
    assert any(not row.optional for row in given)
    assert all(row.kind in (str, int, float) for row in rows)
    assert not [row.name for row in tags if row.name.endswith("_id") or row.name == "time"]
    assert all(row.key.meaning for row in rows)
    assert kind() == kind()  # every column has a placeholder for unknown values
