"""Every query of every dashboard runs on a real InfluxDB as Grafana sends it, whatever is chosen or stored."""

from datetime import timedelta

import pytest

from tests.support.grafana_queries import Choice, Generation
from tests.support.wall import Wall, boards, everything, panels, queries

ODD = ("hall/a.b-1", "1st floor", "x y", "(all)")
GENERATIONS: tuple[Generation, ...] = ("older", "newer")
MOST_SERIES, MOST_ROWS = 1_000, 1_100
"""More than these Grafana cuts off, or nobody reads."""
OVER_TIME = ("timeseries", "state-timeline")
"""Panels that show no more points than they ask for."""


def choices(board: dict[str, object]) -> list[dict[str, Choice]]:
    """All, one, several, and names that look like patterns."""
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
    """For an hour and a day, with any choice, on a filled and an empty database: an answer, not too much of it."""
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
def test_what_is_shown_differently_is_there(wall: Wall, uid: str) -> None:
    """Every column that a table renames, hides or sorts by is a column of its answer, or a tag, or the time."""
    for panel in panels(boards()[uid]):
        if panel["type"] != "table":
            continue
        (row,) = panel["targets"]
        found = wall.asked(row["query"], everything(boards()[uid]), 24)
        names = {"Time"}
        for series in found:
            names |= {*series.get("tags", {}), *series["columns"]}
        shown = {}
        for override in panel["fieldConfig"]["overrides"]:
            assert override["matcher"]["id"] == "byName"
            name = override["matcher"]["options"]
            shown[name] = [p["value"] for p in override["properties"] if p["id"] == "displayName"]
            assert not found or name in names, f"{panel['title']}: {name} of {sorted(names)}"
        titles = {title for titles in shown.values() for title in titles}
        for by in panel["options"].get("sortBy") or ():
            assert by["displayName"] in titles, panel["title"]


def test_names_that_look_like_patterns_are_names(wall: Wall) -> None:
    """A zone called ``hall/a.b-1`` is found, ``hall/axb-1`` beside it is not: both generations, one or several."""
    wall.server.create("odd")
    ns = int((wall.line.clock.time - timedelta(seconds=5)).timestamp()) * 10**9
    for zone in ("hall/a.b-1", "hall/axb-1", "x\\ y"):
        wall.server.write(f'occupancy,site=s,zone={zone} pct=50,inspected="passed" {ns}', "odd")
    query = 'SELECT last("pct") FROM "occupancy" WHERE "zone" =~ /^$zone$/ GROUP BY "zone"'
    for generation in GENERATIONS:
        for values in (("hall/a.b-1",), ("x y",), ("hall/a.b-1", "x y")):
            for multi in {True, len(values) > 1}:
                chosen = {"zone": Choice(values, multi=multi)}
                found = wall.asked(query, chosen, 1, generation, db="odd")
                assert {row["tags"]["zone"] for row in found} == set(values), generation
