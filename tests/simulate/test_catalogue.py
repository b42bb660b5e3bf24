"""The catalogue of incidents is what the documentation says it is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from monitor.app.deployment import load_all
from monitor.simulate import truth
from monitor.simulate.catalogue import CATALOGUE
from monitor.simulate.truth import SEVERITY

ROOT = Path(__file__).parents[2]
CONFIG, VENUE = load_all(ROOT / "config.toml", {})
ROW = re.compile(r"^\| `([a-z-]+)` \| (.*) \| (.*) \|$", re.MULTILINE)


def documented() -> dict[str, set[str]]:
    """Return the incidents of the tables, each with the rules that it names."""
    text = (ROOT / "docs" / "simulation.md").read_text()
    return {name: set(re.findall(r"`([a-z-]+)`", rules)) for name, _, rules in ROW.findall(text)}


def test_every_incident_is_documented_with_what_it_raises() -> None:
    """The tables list the whole catalogue, and for each incident exactly the rules of its truth."""
    lists = tuple(replace(row, interval=timedelta(minutes=10)) for row in VENUE.checklists)
    venue, start = replace(VENUE, checklists=lists), datetime(2026, 9, 1, 6, tzinfo=UTC)
    raised: dict[str, set[str]] = {entry.name: set() for entry in CATALOGUE}
    for seed in range(20):
        for row in truth(venue, seed, start, timedelta(minutes=30), adapters=CONFIG.adapters):
            raised[row.incident].add(row.rule)

    assert documented() == raised
    assert set().union(*raised.values()) == set(SEVERITY)


def test_each_incident_is_described() -> None:
    """Names are unique, and each function has a docstring that ends with a full stop."""
    names = [entry.name for entry in CATALOGUE]

    assert len(names) == len(set(names))
    assert all((entry.plant.__doc__ or "").endswith(".") for entry in CATALOGUE)
