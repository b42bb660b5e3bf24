"""Every dashboard keeps the rules of docs/dashboards.md, and is what its source builds."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.build import look
from dashboards.build.panel import BELIEVE
from dashboards.build.query import SOURCE, register
from dashboards.build.render import BOARDS, render
from dashboards.build.words import FOLDER, Words, places, translated
from monitor.sinks.influx.measurements import ALL
from monitor.sinks.influx.schema import TagKey, columns, name_of
from tests.support.dashboard_schema import refusals
from tests.support.wall import boards, panels, queries, tables

UIDS = sorted(boards())
NOT_IN_INFLUXDB_3 = (
    "SHOW SERIES",
    "SHOW DATABASES",
    "SLIMIT",
    "SOFFSET",
    "SAMPLE(",
    "HOLT_WINTERS",
)
BY_HAND = ("textColumn", "tagsColumn", "fromAnnotations")
"""Keys of an annotation's query that the SDK doesn't have."""


def test_the_committed_dashboards_are_what_the_source_builds() -> None:
    """``scripts/dashboards`` has been run after every change."""
    assert sorted(board.uid for board in BOARDS) == UIDS
    for board in BOARDS:
        assert json.loads(render(board, Words({}))) == boards()[board.uid], "run scripts/dashboards"


@pytest.mark.parametrize("uid", UIDS)
def test_the_sdk_reads_it_back_without_loss(uid: str) -> None:
    """Every key is in Grafana's own schema; a misspelt one would silently have no effect."""
    register_default_plugins()
    register()
    before = json.loads(json.dumps(boards()[uid]))
    for row in before["annotations"]["list"]:
        for key in BY_HAND:
            del row["target"][key]
    for panel in before["panels"]:
        panel["options"].pop("enablePagination", None)
    after = json.loads(JSONEncoder().encode(Dashboard.from_json(before)))
    assert sorted(lost(before, after)) == []


def lost(before: object, after: object, path: str = "") -> Iterator[str]:
    """Yield the paths that exist before but not after."""
    if isinstance(before, dict):
        for key, value in before.items():
            if not isinstance(after, dict) or key not in after:
                yield f"{path}/{key}"
            else:
                yield from lost(value, after[key], f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list):
        for n, value in enumerate(before):
            if n < len(after):
                yield from lost(value, after[n], f"{path}/{n}")
            else:
                yield f"{path}/{n}"


@pytest.mark.parametrize("uid", UIDS)
def test_grafana_13_allows_it(uid: str) -> None:
    """The schema that Grafana 13 publishes allows everything in it; what only older ones know is said to both."""
    board = boards()[uid]
    assert list(refusals(board)) == []
    for panel in tables(board):
        for override in panel["fieldConfig"]["overrides"]:
            said = {row["id"]: row.get("value") for row in override["properties"]}
            assert ("custom.hidden" in said) == ("custom.hideFrom" in said), panel["title"]
            wraps = "wrapText" in (said.get("custom.cellOptions") or {})
            assert wraps == ("custom.wrapText" in said), panel["title"]


@pytest.mark.parametrize("uid", UIDS)
def test_every_panel_explains_itself(uid: str) -> None:
    """Every panel has a title, a description, a unit, a text for no value, and the one data source."""
    for panel in panels(boards()[uid]):
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"]
        assert len(panel["description"]) > 10, panel["title"]
        assert defaults["noValue"], panel["title"]
        assert defaults["unit"], panel["title"]
        assert panel["datasource"] == {"type": "influxdb", "uid": SOURCE}
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == SOURCE
            assert target["rawQuery"]


@pytest.mark.parametrize("uid", UIDS)
def test_panels_stand_side_by_side(uid: str) -> None:
    """Panels have ids of their own, stay inside the 24 columns, and don't overlap."""
    board = boards()[uid]
    numbers = [row["id"] for row in board["panels"]]
    assert len(set(numbers)) == len(numbers)
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_links_have_targets() -> None:
    """They lead to existing dashboards, with variables that these have."""
    found = 0
    for uid, board in boards().items():
        for url in urls(board):
            if not url.startswith("/d/"):
                assert url.startswith(("${ack_base:raw}/alerts/", "${ack_base:raw}/board")), url
                continue
            found += 1
            there, _, arguments = url.removeprefix("/d/").partition("?")
            assert there in boards(), f"{uid}: {url}"
            known = {row["name"] for row in boards()[there]["templating"]["list"]}
            own = {row["name"] for row in board["templating"]["list"]}
            assert set(re.findall(r"\$\{(\w+):queryparam\}", url)) <= own, f"{uid}: {url}"
            assert set(re.findall(r"var-(\w+)=", arguments)) <= known, f"{uid}: {url}"
            assert "${__url_time_range}" in arguments
    assert found > 30


def urls(part: object) -> Iterator[str]:
    """Yield every address in a dashboard."""
    if isinstance(part, dict):
        if part.get("url"):
            yield part["url"]
        for value in part.values():
            yield from urls(value)
    elif isinstance(part, list):
        for value in part:
            yield from urls(value)


@pytest.mark.parametrize("uid", UIDS)
def test_variables_are_used_in_the_one_safe_way(uid: str) -> None:
    """Variables are used only as ``=~ /^$name$/``, which both frontends of Grafana escape, and only if they exist."""
    board = boards()[uid]
    known = {row["name"] for row in board["templating"]["list"]}
    own = {"timeFilter", "__interval"}
    for whose, query, *_ in queries(board):
        assert "${" not in query, whose
        names = set(re.findall(r"\$(\w+)", query)) - own
        assert names <= known, f"{whose}: {names - known}"
        for name in names:
            assert query.count(f"${name}") == query.count(f"=~ /^${name}$/"), whose


@pytest.mark.parametrize("uid", UIDS)
def test_queries_are_for_every_generation_of_influxdb(uid: str) -> None:
    """Queries use nothing that InfluxDB 3 lacks, no group by a field (it returns one wrong group), at most 72 hours.

    A range that is relative to now ends now: a clock that was set back leaves points ahead, which would look current.
    """
    board = boards()[uid]
    tags = {c.name for kind in ALL for c in columns(kind) if isinstance(c.key, TagKey)}
    measurements = {name_of(kind) for kind in ALL}
    for whose, query, *_ in queries(board):
        for word in NOT_IN_INFLUXDB_3:
            assert word not in query.upper(), whose
        for group in re.findall(r"GROUP BY (.*?)(?: fill\(|\)|$)", query):
            assert set(re.findall(r'"(\w+)"', group)) <= tags, whose
        assert set(re.findall(r'FROM "(\w+)"', query)) <= measurements, whose
        assert query.count("now() -") == query.count("time <= now()"), whose
    since = re.fullmatch(r"now-(\d+)h", board["time"]["from"])
    assert since
    assert int(since[1]) <= 72


@pytest.mark.parametrize("uid", UIDS)
def test_no_table_groups_by_two_tags(uid: str) -> None:
    """Grafana's backend returns the tags of a group in random order, so a zone could be in the column of the site."""
    for panel in panels(boards()[uid]):
        for row in panel["targets"]:
            if row["resultFormat"] == "table":
                outer = re.sub(r"\(SELECT .*\)", "", row["query"])
                assert len(re.findall(r'"\w+"', outer.partition("GROUP BY")[2])) <= 1, panel[
                    "title"
                ]


@pytest.mark.parametrize("uid", UIDS)
def test_no_graph_is_finer_than_what_is_written(uid: str) -> None:
    """A measurement written once a minute, queried every ten seconds, would have five gaps per point."""
    often = {"alert_count", "monitor", "occupancy", "reader"}
    for panel in panels(boards()[uid]):
        for row in panel["targets"]:
            if "$__interval" in row["query"] and not row["query"].endswith("fill(none)"):
                (of,) = set(re.findall(r'FROM "(\w+)"', row["query"]))
                finest = {"10s", "1m", "5m"} if of in often else {"1m", "5m"}
                assert panel["interval"] in finest, panel["title"]


def test_every_dashboard_shows_whether_the_monitor_is_alive() -> None:
    """A missing value reads NO DATA in the colour of a critical alert, and never zero."""
    for uid, board in boards().items():
        (alive,) = (row for row in panels(board) if row["title"] == "Monitor")
        defaults = alive["fieldConfig"]["defaults"]
        assert defaults["noValue"] == "NO DATA", uid
        assert {"null+nan"} <= {
            row["options"].get("match") for row in defaults["mappings"] if row["type"] == "special"
        }
        assert not any(
            "0" in row["options"] for row in defaults["mappings"] if row["type"] == "value"
        )


def test_no_colour_is_without_a_code() -> None:
    """Every text in a colour other than grey begins with its priority or is NO DATA."""
    greys = {look.GREY, look.DARK, look.LIGHT, look.WHITE, look.PLAIN}
    for uid, board in boards().items():
        for text, color in mapped(board):
            assert color in greys or re.match(r"P[0-4] |NO DATA|✗ ", text), f"{uid}: {text} {color}"


def test_a_number_says_its_code_and_word() -> None:
    """A tile or bar in a colour has code and word beside its number, or in its heading."""
    found = 0
    for uid, board in boards().items():
        for panel in panels(board):
            if panel["type"] not in ("stat", "bargauge"):
                continue
            said = [
                str(row["value"])
                for override in panel["fieldConfig"]["overrides"]
                for row in override["properties"]
            ]
            for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
                if step["color"] in look.PRIORITY:
                    code, _, word = look.PRIORITY[step["color"]].partition(" ")
                    texts = [panel["title"], *said]
                    assert any(code in text for text in texts), f"{uid}: {panel['title']}: {word}"
                    found += 1
    assert found > 20


def mapped(part: object) -> Iterator[tuple[str, str]]:
    """Yield every text with its colour."""
    if isinstance(part, dict):
        if isinstance(part.get("text"), str) and "color" in part:
            yield part["text"], part["color"]
        for value in part.values():
            yield from mapped(value)
    elif isinstance(part, list):
        for value in part:
            yield from mapped(value)


@pytest.mark.parametrize("language", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_every_text_is_translated(language: str) -> None:
    """No title, description, word or text for no value stays English, and no translation is unused."""
    words = Words.read(language)
    used = {BELIEVE}
    for board in BOARDS:
        english = json.loads(render(board, Words({})))
        render(board, words)
        used |= {translated(row[key]) for row, key in places(english)}
    assert words.missing == set()
    assert set(words.texts) <= used


@pytest.mark.parametrize("language", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_a_line_keeps_its_colour_in_the_language(language: str) -> None:
    """The override that colours a line is for the name that the line has: a translated one, or one from the data."""
    words = Words.read(language)
    for board in BOARDS:
        both = (panels(json.loads(render(board, said))) for said in (Words({}), words))
        for english, panel in zip(*both, strict=True):
            if panel["type"] != "timeseries":
                continue
            names = {row["alias"] for row in panel["targets"]}
            if any("$tag" in name for name in names):
                assert coloured(panel) == coloured(english), panel["title"]
            else:
                assert coloured(panel) <= names, panel["title"]


def coloured(panel: dict[str, Any]) -> set[str]:
    """Return the names of the lines that have a colour of their own."""
    return {
        row["matcher"]["options"]
        for row in panel["fieldConfig"]["overrides"]
        if any(one["id"] == "color" for one in row["properties"])
    }


@pytest.mark.parametrize("language", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_alerts_are_asked_for_in_the_language(language: str) -> None:
    """The overview in a language lists the titles that are stored in it, under the heading in it."""
    words = Words.read(language)
    (overview,) = (row for row in BOARDS if row.uid == "venue-overview")
    board = json.loads(render(overview, words))
    (alerts,) = (row for row in panels(board) if row["title"] == words.texts["Open alerts"])
    assert f'"msg_{language}"' in alerts["targets"][0]["query"]
    names = {row["matcher"]["options"] for row in alerts["fieldConfig"]["overrides"]}
    assert f"msg_{language}" in names
    assert "msg" not in names
