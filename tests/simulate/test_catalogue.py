"""The programme of incidents is what the documentation says it is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from monitor.app.deployment import load_all
from monitor.simulate import truth
from monitor.simulate.catalogue import PROGRAMME

ROOT = Path(__file__).parents[2]
CONFIG, VENUE = load_all(ROOT / "config.toml", {})
ROW = re.compile(r"^\| `([a-z-]+)` \| (.*) \| (.*) \|$", re.MULTILINE)


def documented() -> dict[str, set[str]]:
    """The incidents of the tables, each with the rules that it names."""
    text = (ROOT / "docs" / "simulation.md").read_text()
    return {name: set(re.findall(r"`([a-z-]+)`", rules)) for name, _, rules in ROW.findall(text)}


def test_every_incident_is_documented_with_what_it_raises() -> None:
    """The tables list the whole programme, and for each incident exactly the rules of its truth."""
    lists = tuple(replace(row, interval=timedelta(minutes=10)) for row in VENUE.checklists)
    venue, start = replace(VENUE, checklists=lists), datetime(2026, 9, 1, 6, tzinfo=UTC)
    raised: dict[str, set[str]] = {act.name: set() for act in PROGRAMME}
    for seed in range(20):
        for row in truth(venue, seed, start, timedelta(minutes=30), adapters=CONFIG.adapters):
            raised[row.incident].add(row.rule)

    assert documented() == raised


def test_each_incident_says_what_it_is() -> None:
    """Names are unique, and the function's docstring is one sentence or two."""
    names = [act.name for act in PROGRAMME]

    assert len(names) == len(set(names))
    assert all((act.tell.__doc__ or "").endswith(".") for act in PROGRAMME)
