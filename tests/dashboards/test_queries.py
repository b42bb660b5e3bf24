"""Every query of every dashboard runs on a real InfluxDB as Grafana sends it, with any selection and any data."""

from datetime import timedelta

import pytest

from tests.support.grafana_queries import Choice, Generation
from tests.support.morning import NOW
from tests.support.wall import Wall, boards, everything, panels, queries

ODD = ("hall/a.b-1", "1st floor", "x y", "(all)")
GENERATIONS: tuple[Generation, ...] = ("older", "newer")
MOST_SERIES, MOST_ROWS = 1_000, 1_100
"""More than this Grafana truncates, or no one reads."""
OVER_TIME = ("timeseries", "state-timeline")
"""Panels that show no more points than they request."""


def choices(board: dict[str, object]) -> list[dict[str, Choice]]:
    """Return selections: all, one, several, and names that look like patterns."""
    names = everything(board)
    return [
        names,
        dict.fromkeys(names, Choice(("hall",))),
        dict.fromkeys(names, Choice(("hall",), multi=False)),
        dict.fromkeys(names, Choice(("hall", "press"))),
        dict.fromkeys(names, Choice(ODD)),
        *(dict.fromkeys(names, Choice((row,), multi=False)) for row in ODD),
    ]


@pytest.mark.parametrize("uid", boards())
@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_query_runs(wall: Wall, uid: str, generation: Generation) -> None:
    """For an hour and a day, any selection, and a filled or an empty database, each answer has a limited length."""
    board = boards()[uid]
    for query in queries(board):
        for chosen in choices(board):
            for hours in (1, 24):
                series = wall.asked(query, chosen, hours, generation)
                assert len(series) <= MOST_SERIES, query.whose
                most = query.points if query.kind in OVER_TIME else MOST_ROWS
                found = max((len(row["values"]) for row in series), default=0)
                assert found <= most, query.whose
        assert wall.asked(query, everything(board), 24, generation, db="empty") == [], query.whose


@pytest.mark.parametrize("uid", boards())
def test_columns_with_overrides_exist(wall: Wall, uid: str) -> None:
    """Every column that a table renames, hides or sorts by is a column of its answer, a tag or the time."""
    for panel in panels(boards()[uid]):
        if panel["type"] != "table":
            continue
        (row,) = panel["targets"]
        found = wall.asked(row["query"], everything(boards()[uid]), 24)
        names = {"Time"}
        for series in found:
            names |= {*series.get("tags", {}), *series["columns"]}
        names |= {step["options"].get("alias") for step in panel.get("transformations", ())}
        shown = {}
        for override in panel["fieldConfig"]["overrides"]:
            if override["matcher"]["id"] == "byRegexp":
                continue
            name = override["matcher"]["options"]
            shown[name] = [p["value"] for p in override["properties"] if p["id"] == "displayName"]
            assert not found or name in names, f"{panel['title']}: {name} of {sorted(names)}"
        titles = {title for titles in shown.values() for title in titles}
        for by in panel["options"].get("sortBy") or ():
            assert by["displayName"] in titles, panel["title"]


def test_names_that_look_like_patterns_are_names(wall: Wall) -> None:
    """A zone called ``hall/a.b-1`` is found, but not ``hall/axb-1``, in both generations, alone or with others."""
    wall.server.create("odd")
    ns = int((NOW - timedelta(seconds=5)).timestamp()) * 10**9
    for zone in ("hall/a.b-1", "hall/axb-1", "x\\ y"):
        wall.server.write(f'occupancy,site=s,zone={zone} pct=50,inspected="passed" {ns}', "odd")
    query = 'SELECT last("pct") FROM "occupancy" WHERE "zone" =~ /^$zone$/ GROUP BY "zone"'
    for generation in GENERATIONS:
        for values in (("hall/a.b-1",), ("x y",), ("hall/a.b-1", "x y")):
            for multi in {True, len(values) > 1}:
                chosen = {"zone": Choice(values, multi=multi)}
                found = wall.asked(query, chosen, 1, generation, db="odd")
                assert {row["tags"]["zone"] for row in found} == set(values), generation
