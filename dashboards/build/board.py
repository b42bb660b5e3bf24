"""Assembles a dashboard from rows of panels: positions, ids, variables, links and annotations."""

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    ConstantVariable,
    Dashboard,
    DashboardLink,
    QueryVariable,
    TimePicker,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    GridPos,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.build.look import P1
from dashboards.build.panel import Panel, Width
from dashboards.build.query import InfluxQL, source

Row = Sequence[tuple[Panel, Width]]
CONSOLE = "https://monitor.example.org"
"""An address that leads nowhere: each deployment sets its own, see `monitor.grafana.deployment`."""

LEVELS = {"overview": 1, "area": 2, "detail": 3, "history": 4}
"""From the whole venue down to the history; dashboards link to each other by these tags."""


class Variable(NamedTuple):
    """A variable in the header of a dashboard."""

    name: str
    label: str
    query: str
    many: bool = True
    """Whether several values, or all, may be selected."""
    regex: str = ""
    """Only matching values are offered."""
    everything: str = ".*"
    """What "All" matches; `regex` doesn't apply to it."""


SITE = Variable("site", "Site", 'SHOW TAG VALUES FROM "occupancy" WITH KEY = "site"')
ZONE = Variable(
    "zone",
    "Zone",
    'SHOW TAG VALUES FROM "occupancy" WITH KEY = "zone" WHERE "site" =~ /^$site$/',
)
POINT = Variable(
    "point",
    "Access point",
    'SHOW TAG VALUES FROM "door" WITH KEY = "point" WHERE "zone" =~ /^$zone$/',
)
ONE_ZONE, ONE_POINT = ZONE._replace(many=False), POINT._replace(many=False)
"""For the dashboards about one of them: never all in one tile."""


class Board(NamedTuple):
    """One dashboard.

    The panels of a row have its height.
    """

    uid: str
    title: str
    asks: str
    """The questions it answers."""
    level: str
    variables: Sequence[Variable]
    rows: Sequence[tuple[int, Row]]
    """Height, and panels with their widths."""
    since: str = "now-6h"


def assemble(board: Board) -> Dashboard:
    """Return the dashboard, ready to be rendered."""
    built = (
        Dashboard(board.title)
        .uid(board.uid)
        .description(board.asks)
        .tags(["venue", f"level-{LEVELS[board.level]}", board.level])
        .readonly()
        .timezone("utc")
        .time(board.since, "now")
        .refresh("10s")
        .timepicker(TimePicker().refresh_intervals(["5s", "10s", "30s", "1m", "5m"]))
        .annotation(_marks(board.variables))
    )
    for variable in board.variables:
        built = built.with_variable(_variable(variable))
    console = ConstantVariable("ack_base").label("Console").value(CONSOLE)
    built = built.with_variable(
        console.description("Address of the monitor's console, for the links of alerts")
    )
    for level in LEVELS:
        built = built.link(_links(level))
    top = 0
    for height, row in board.rows:
        left = 0
        for panel, width in row:
            at = GridPos(h=height, w=width, x=left, y=top)
            built = built.with_panel(panel.grid_pos(at).id(_number(board.uid, panel)))
            left += width
        top += height
    return built


def _number(uid: str, panel: Panel) -> int:
    """Return a panel's id, which depends on its title but not on its position."""
    return crc32(f"{uid} {panel.build().title}".encode()) % 1_000_000 + 1


def _variable(row: Variable) -> QueryVariable:
    built = (
        QueryVariable(row.name)
        .label(row.label)
        .query(row.query)
        .datasource(source())
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(row.many)
        .include_all(row.many)
        .regex(row.regex)
    )
    if not row.many:
        return built
    everything = VariableOption(text="All", value="$__all", selected=True)
    return built.all_value(row.everything).current(everything)


def _links(level: str) -> DashboardLink:
    return (
        DashboardLink(level)
        .type(DashboardLinkType.DASHBOARDS)
        .tags(["venue", level])
        .as_dropdown(as_dropdown=True)
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
    )


def _marks(variables: Sequence[Variable]) -> AnnotationQuery:
    """Mark in the graphs, if somebody asks for it, when alerts of P0 and P1 were raised at the chosen place."""
    places = [row.name for row in variables if row.name in ("site", "zone", "point", "rule")]
    where = "".join(f' AND "{name}" =~ /^${name}$/' for name in places)
    query = InfluxQL(
        'SELECT "msg", "rule", "severity" FROM "alert_event" '
        f'WHERE $timeFilter AND "change" = \'raised\' AND "code" <= 1{where}',
        ref="marks",
        table=True,
    )
    return (
        AnnotationQuery()
        .name("Alerts of P0 and P1")
        .datasource(source())
        .enable(enable=False)
        .hide(hide=False)
        .icon_color(P1)
        .target(query)
    )
