"""What an officer sees at a glance is right: no false comfort, the worst first, room for every column."""

import json
import re
from typing import Any

from dashboards.build import look
from dashboards.build.panel import BELIEVE
from tests.support.wall import boards, panels, tables


def test_a_missing_value_is_said_in_one_way() -> None:
    """A tile reads NO DATA for no value only if it has no other text for it: Grafana's mapping of null would win."""
    for uid, board in boards().items():
        for panel in panels(board):
            if panel["type"] in ("stat", "bargauge"):
                defaults = panel["fieldConfig"]["defaults"]
                texts = {
                    row["options"]["result"]["text"]
                    for row in defaults.get("mappings", ())
                    if row["type"] == "special"
                }
                assert texts <= {defaults["noValue"]}, f"{uid}: {panel['title']}"
                assert texts or defaults["noValue"] != "NO DATA", f"{uid}: {panel['title']}"


def test_a_list_without_rows_reassures_nobody() -> None:
    """What a table says when it has no rows is not in its cells, and is not believed while the monitor is silent."""
    for uid, board in boards().items():
        for panel in tables(board):
            said = panel["fieldConfig"]["defaults"]["noValue"]
            assert said == "NO DATA" or said.startswith(BELIEVE), f"{uid}: {panel['title']}"
            first = panel["fieldConfig"]["overrides"][0]
            assert first["matcher"] == {"id": "byRegexp", "options": "/.*/"}
            assert first["properties"] == [{"id": "noValue", "value": "—"}]


def test_a_graph_without_lines_reassures_nobody() -> None:
    """What a graph says when it has nothing to draw is not believed while the monitor is silent either."""
    for uid, board in boards().items():
        for panel in panels(board):
            if panel["type"] in ("timeseries", "state-timeline"):
                said = panel["fieldConfig"]["defaults"]["noValue"]
                assert said == "NO DATA" or said.startswith(BELIEVE), f"{uid}: {panel['title']}"


def test_a_limit_is_said_in_words() -> None:
    """Beside each graph with a limit stand its number and its priority: a colour alone says neither."""
    found = 0
    for uid, board in boards().items():
        for panel in panels(board):
            defaults = panel["fieldConfig"]["defaults"]
            if panel["type"] != "timeseries" or "thresholdsStyle" not in defaults["custom"]:
                continue
            said = defaults["custom"]["axisLabel"]
            for step in defaults["thresholds"]["steps"][1:]:
                code, _, _ = look.PRIORITY[step["color"]].partition(" ")
                assert code in said, f"{uid}: {panel['title']}"
                assert str(step["value"]) in re.findall(r"\d+", said), f"{uid}: {panel['title']}"
                found += 1
    assert found > 8


def test_a_band_has_a_legend() -> None:
    """A state that is too short for its word is a colour only: the words of all colours stand below."""
    found = [
        row
        for board in boards().values()
        for row in panels(board)
        if row["type"] == "state-timeline"
    ]
    assert len(found) == 4
    for panel in found:
        assert panel["options"]["legend"]["showLegend"], panel["title"]
        (words,) = panel["fieldConfig"]["defaults"]["mappings"]
        colours = [row["color"] for row in words["options"].values()]
        assert len(set(colours)) == len(colours), panel["title"]


def test_a_line_has_a_name_in_one_language() -> None:
    """A name from the data stands alone: a word beside it would not be translated."""
    for uid, board in boards().items():
        for panel in panels(board):
            for target in panel["targets"]:
                rest = re.sub(r"\$tag_\w+", "", target["alias"])
                assert rest == target["alias"] or not rest.strip(), f"{uid}: {panel['title']}"


def test_people_are_counted_in_full() -> None:
    """No number is abbreviated: 1,884 people must not read "2 K"."""
    for uid, board in boards().items():
        assert '"short"' not in json.dumps(board), uid


def test_the_name_is_asked_for_before_the_id() -> None:
    """Where an id stands in for a missing name, Grafana takes the first of the two that has a value."""
    found = 0
    for uid, board in boards().items():
        for panel in tables(board):
            for step in panel.get("transformations", ()):
                if step["id"] == "calculateField":
                    query = panel["targets"][0]["query"]
                    name, other = (
                        query.index(f'"{row}"') for row in step["options"]["reduce"]["include"]
                    )
                    assert name < other, f"{uid}: {panel['title']}"
                    found += 1
    assert found > 5


WIDE = 1888
"""Pixels of a dashboard without its margins on a screen of 1920."""
GAP, PADDING, FREE = 8, 16, 150
"""Pixels between panels, and within one; Grafana's least width of a column without one of its own."""


def test_every_column_has_room() -> None:
    """The columns of each table fit into its panel at 1920 pixels."""
    one = (WIDE - 23 * GAP) / 24
    for uid, board in boards().items():
        for panel in tables(board):
            columns = shown_columns(panel)
            room = panel["gridPos"]["w"] * (one + GAP) - GAP - PADDING
            taken = sum(row.get("custom.width", FREE) for row in columns)
            assert taken <= room, f"{uid}: {panel['title']}: {taken} of {room:.0f}"


def test_the_worst_is_at_the_top() -> None:
    """A table that begins with a priority or state is sorted by it; alerts of one priority, the newest first."""
    down = {"Priority": False, "Readiness": True, "Door": True, "Failing": True}
    for uid, board in boards().items():
        for panel in tables(board):
            order = [(row["displayName"], row["desc"]) for row in panel["options"]["sortBy"]]
            titles = [row["displayName"] for row in shown_columns(panel)]
            assert {name for name, _ in order} <= set(titles), f"{uid}: {panel['title']}"
            if titles[0] in down and panel["title"] != "Longest open":
                assert order[0] == (titles[0], down[titles[0]]), f"{uid}: {panel['title']}"
            if panel["title"].startswith("Open alerts"):
                assert order == [("Priority", False), ("Still so", False), ("Age", False)]


def test_a_sentence_is_no_link() -> None:
    """Only what is coloured, and the name of a place, leads elsewhere: blue sentences outshine the priority."""
    allowed = {"Zone", "Access point", "Checklist"}
    for uid, board in boards().items():
        for panel in tables(board):
            for row in shown_columns(panel):
                if row.get("links"):
                    assert row.get("mappings") or row["displayName"] in allowed, (
                        f"{uid}: {panel['title']}: {row['displayName']}"
                    )


def test_bars_are_sorted() -> None:
    """The fullest zone is the first bar."""
    found = [
        row for board in boards().values() for row in panels(board) if row["type"] == "bargauge"
    ]
    assert len(found) == 3
    for panel in found:
        (step,) = panel["transformations"]
        assert step["options"]["sort"] == [{"field": "pct", "desc": True}]


def test_marks_are_asked_for() -> None:
    """Marks in graphs are off until somebody wants them, only of P0 and P1, and follow the chosen place."""
    for uid, board in boards().items():
        (marks,) = (row for row in board["annotations"]["list"] if "target" in row)
        assert not marks["enable"]
        query = marks["target"]["query"]
        assert '"code" <= 1' in query
        for row in board["templating"]["list"]:
            if row["name"] in ("site", "zone", "point"):
                assert f'"{row["name"]}" =~ /^${row["name"]}$/' in query, uid


def test_the_console_and_the_time_zone_are_of_the_deployment() -> None:
    """No dashboard leads to this machine or shows the browser's time; a deployment puts in its own."""
    for uid, board in boards().items():
        assert "127.0.0.1" not in json.dumps(board), uid
        assert board["timezone"] == "utc"


def test_the_wall_is_read_from_three_metres() -> None:
    """Every text on the wall that matters has at least 23 pixels at 1920, so 46 on a screen of 3840."""
    for panel in panels(boards()["venue-wall"]):
        sizes = panel["options"]["text"]
        assert sizes.get("valueSize", 0) >= 23, panel["title"]
        assert sizes.get("titleSize", 23) >= 23, panel["title"]


def shown_columns(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the overrides of the columns of a table that are shown."""
    found = [
        {row["id"]: row["value"] for row in override["properties"]}
        for override in panel["fieldConfig"]["overrides"][1:]
    ]
    return [
        {"displayName": row["displayName"]} | row for row in found if "custom.hidden" not in row
    ]
