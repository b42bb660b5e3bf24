"""The kinds of panels; each has a title, a description of what to do, and a text for when there is nothing to show."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models import common as choice
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataTransformerConfig,
    DynamicConfigValue,
    ValueMapping,
)

from dashboards.build import look
from dashboards.build.query import InfluxQL, source

Panel = bargauge.Panel | stat.Panel | statetimeline.Panel | table.Panel | timeseries.Panel
Width = int
"""Of 24."""


class Column:
    """The display of one column of a table.

    Args:
        title: its heading.
        unit: the unit of its numbers.
        labels: words for its values; their colour is behind them.
        width: in pixels.
        link: title and address of its link.
        decimals: of its numbers; as many as needed, if omitted.
        wrap: whether a long text goes on in a second line.
        without: the column that stands in where an older point has no value here.

    """

    def __init__(  # noqa: PLR0913 - what a column is made of
        self,
        title: str,
        unit: str = "",
        labels: look.Labels | list[ValueMapping] | None = None,
        width: int = 0,
        link: tuple[str, str] | None = None,
        *,
        decimals: int | None = None,
        without: str = "",
        wrap: bool = False,
    ) -> None:
        self.title = title
        self.unit = unit
        self.mappings = look.words(look.behind(labels)) if isinstance(labels, Mapping) else labels
        self.width = width
        self.link = link
        self.decimals = decimals
        self.without = without
        self.wrap = wrap

    def properties(self) -> list[DynamicConfigValue]:
        """Return the overrides for the column."""
        rows = [DynamicConfigValue("displayName", self.title)]
        if self.unit:
            rows.append(DynamicConfigValue("unit", self.unit))
        if self.without or self.mappings:
            # Words for numbers, and what a transformation fills: columns of numbers, which stand at the right.
            rows.append(DynamicConfigValue("custom.align", "left"))
        if self.wrap:
            rows.append(
                DynamicConfigValue("custom.cellOptions", {"type": "auto", "wrapText": True})
            )
            rows.append(DynamicConfigValue("custom.wrapText", value=True))  # since Grafana 12.2
        if self.decimals is not None:
            rows.append(DynamicConfigValue("decimals", self.decimals))
        if self.mappings:
            rows.append(DynamicConfigValue("mappings", self.mappings))
            rows.append(DynamicConfigValue("custom.cellOptions", BEHIND))
            rows.append(DynamicConfigValue("color", {"mode": "fixed", "fixedColor": look.PLAIN}))
        if self.width:
            rows.append(DynamicConfigValue("custom.width", self.width))
        if self.link:
            rows.append(DynamicConfigValue("links", [link(*self.link).build()]))
        return rows


BEHIND = {"type": "color-background", "mode": "basic"}
"""A cell with its colour behind the text."""
EMPTY = "—"
"""A cell without a value: what a table says when it has no rows must not stand in one."""
BELIEVE = "Only while “Monitor” says ALIVE:"
"""Said by every list without rows: nothing listed may also mean that nothing is measured."""
HIDDEN = [
    DynamicConfigValue("custom.hidden", value=True),
    # The same since Grafana 12.2.
    DynamicConfigValue("custom.hideFrom", {"legend": False, "tooltip": False, "viz": True}),
]
CAPTION = 24
"""Pixels of the smallest text of a wall of 1920 pixels; twice as many on a screen of 3840 at its scale of 2."""
POINTS = 400
"""Points requested per graph. Grafana rounds the interval between them, so there may be up to three quarters more."""


def link(title: str, url: str, *, new: bool = False) -> DashboardLink:
    """Return a link for a value."""
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url).target_blank(new)


def number(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    query: InfluxQL,
    *,
    unit: str = "none",
    labels: look.Labels | None = None,
    bounds: Sequence[tuple[float, str]] = (),
    to: tuple[str, str] | None = None,
    nothing: str = look.NO_DATA,
    size: int = 0,
    caption: str = "",
) -> stat.Panel:
    """Return a number or word in its colour.

    Args:
        title: its heading.
        why: what to do about it.
        query: for the value.
        unit: of the value.
        labels: words for the values.
        bounds: from which value on it has which colour.
        to: title and address of its link.
        nothing: shown for no value. NO DATA means that the monitor is silent; other words are grey.
        size: of the digits in pixels; as large as fits, if omitted.
        caption: said above the digits in `CAPTION` pixels, for what has to be read from afar.

    """
    mappings = look.words(look.behind(labels)) if labels else []
    if nothing == look.NO_DATA:
        mappings.append(look.missing())
    built = (
        stat.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .with_target(query)
        .unit(unit)
        .decimals(0)
        .no_value(nothing)
        .mappings(mappings)
        .thresholds(look.steps(*bounds))
        .color_scheme(look.by_threshold())
        .color_mode(choice.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(choice.BigValueGraphMode.NONE)
        .text_mode(choice.BigValueTextMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["last"]))
    )
    if size:
        built = built.text(common.VizTextDisplayOptions().value_size(size).title_size(CAPTION))
    if caption:
        built = built.display_name(caption).text_mode(choice.BigValueTextMode.VALUE_AND_NAME)
        built = built.orientation(choice.VizOrientation.VERTICAL)
    return built.data_links([link(*to)]) if to else built


def listing(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    query: InfluxQL,
    columns: Mapping[str, Column],
    *,
    hidden: Sequence[str] = (),
    sort: Sequence[tuple[str, bool]] = (),
    nothing: str,
    large: bool = False,
) -> table.Panel:
    """Return a table that says how many rows there are beyond those that fit.

    Args:
        title: its heading.
        why: what to do about it.
        query: for the rows.
        columns: by the column of the query.
        hidden: columns that only links use.
        sort: headings, and whether each is in descending order; the first decides.
        nothing: said if there are no rows, together with `BELIEVE`.
        large: whether its rows are high, for what has to be read from afar.

    """
    stood_in = {name: row for name, row in columns.items() if row.without}
    built = (
        table.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .with_target(query)
        .unit("none")
        .no_value(nothing if nothing == look.NO_DATA else f"{BELIEVE} {nothing}")
        .thresholds(look.steps())
        .color_scheme(look.fixed(look.WHITE))
        .cell_height(choice.TableCellHeight.MD if large else choice.TableCellHeight.SM)
        .footer(common.TableFooterOptions().show(show=False).reducer([]).enable_pagination(True))  # noqa: FBT003 - the SDK's signature
        .transformations(_stand_ins(columns) if stood_in else [])
        .override_by_regexp("/.*/", [DynamicConfigValue("noValue", EMPTY)])
    )
    for name, column in columns.items():
        built = built.override_by_name(shown(name, column), column.properties())
    for name in dict.fromkeys((*hidden, *stood_in, *(row.without for row in stood_in.values()))):
        built = built.override_by_name(name, HIDDEN)
    return built.sort_by(
        [common.TableSortByFieldState().display_name(name).desc(down) for name, down in sort]
    )


def shown(name: str, column: Column) -> str:
    """Return the column of the table in which a column of the query is shown."""
    return f"{name}_or_{column.without}" if column.without else name


def _stand_ins(columns: Mapping[str, Column]) -> list[DataTransformerConfig]:
    """Return the transformations that fill gaps of older points from another column, and keep the columns' order."""
    filled = [
        DataTransformerConfig(
            id_val="calculateField",
            options={
                "mode": "reduceRow",
                "reduce": {"reducer": "firstNotNull", "include": [name, row.without]},
                "alias": shown(name, row),
            },
        )
        for name, row in columns.items()
        if row.without
    ]
    order = {shown(name, row): place for place, (name, row) in enumerate(columns.items())}
    return [
        *filled,
        DataTransformerConfig(
            id_val="organize",
            options={"indexByName": order, "excludeByName": {}, "renameByName": {}},
        ),
    ]


def lines(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    *queries: InfluxQL,
    unit: str,
    bounds: Sequence[tuple[float, str]] = (),
    bars: bool = False,
    colors: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    every: str = "10s",
    bridge: timedelta | None = None,
    least: float = 0,
    nothing: str = look.NO_DATA,
) -> timeseries.Panel:
    """Return values over time, in shades of grey; a bound is a dashed line in its colour.

    The interval between points is at least `every`, at which values are written; a smaller one would leave gaps.
    Gaps are shown, because they mean that nothing was monitored. For values that come irregularly, gaps up to
    `bridge` are closed. The axis begins at `least`. `names` are words for the names of lines.
    """
    built = (
        timeseries.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .targets(list(queries))
        .unit(unit)
        .min(least)
        .no_value(nothing)
        .thresholds(look.steps(*bounds))
        .color_scheme(look.shades())
        .line_width(1)
        .fill_opacity(60 if bars else 0)
        .draw_style(choice.GraphDrawStyle.BARS if bars else choice.GraphDrawStyle.LINE)
        .show_points(choice.VisibilityMode.AUTO)
        .interval(every)
        .max_data_points(POINTS)
        .span_nulls(False if bridge is None else bridge / timedelta(milliseconds=1))
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(choice.LegendDisplayMode.LIST)
            .placement(
                # One line for each of many places: beside the graph, where the list can be scrolled.
                choice.LegendPlacement.RIGHT
                if any("$tag" in query.alias for query in queries)
                else choice.LegendPlacement.BOTTOM
            )
        )
        .tooltip(common.VizTooltipOptions().mode(choice.TooltipDisplayMode.MULTI))
    )
    if bounds:
        style = common.GraphThresholdsStyleConfig().mode(choice.GraphThresholdsStyleMode.DASHED)
        built = built.thresholds_style(style)
    for name, color in (colors or {}).items():
        fixed = {"mode": "fixed", "fixedColor": color}
        wider = DynamicConfigValue("custom.lineWidth", 3)
        built = built.override_by_name(name, [DynamicConfigValue("color", fixed), wider])
    for name, word in (names or {}).items():
        built = built.override_by_name(name, [DynamicConfigValue("displayName", word)])
    return built


def states(title: str, why: str, query: InfluxQL, labels: look.Labels) -> statetimeline.Panel:
    """Return the states of each series over time as a band, with the worst state of each minute or longer."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .with_target(query)
        .unit("none")
        .no_value(look.NO_DATA)
        .mappings(look.words(labels))
        .thresholds(look.steps(base=look.GREY))
        .color_scheme(look.by_threshold())
        .interval("1m")
        .max_data_points(POINTS)
        .merge_values(merge_values=True)
        .show_value(choice.VisibilityMode.AUTO)
        .row_height(0.8)
        .line_width(0)
        .fill_opacity(70)
    )


def gauges(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    query: InfluxQL,
    *,
    by: str,
    unit: str,
    most: float,
    bounds: Sequence[tuple[float, str]],
    to: tuple[str, str] | None = None,
    limit: int = 25,
    size: int = 0,
) -> bargauge.Panel:
    """Return one bar for each row of a table with a text and a number, the longest first.

    Args:
        title: its heading.
        why: what to do about it.
        query: for the rows.
        by: the column of the number.
        unit: of the number.
        most: the length of a full bar.
        bounds: from which value on a bar has which colour.
        to: title and address of its link.
        limit: bars at most.
        size: of the texts in pixels; as large as fits, if omitted.

    """
    built = (
        bargauge.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .with_target(query)
        .unit(unit)
        .decimals(0)
        .min(0)
        .max(most)
        .no_value(look.NO_DATA)
        .mappings([look.missing()])
        .thresholds(look.steps(*bounds, base=look.GREY))
        .color_scheme(look.by_threshold())
        .orientation(choice.VizOrientation.HORIZONTAL)
        .display_mode(choice.BarGaugeDisplayMode.BASIC)
        .transformations([sorted_by(by, down=True)])
        .reduce_options(common.ReduceDataOptions().calcs([]).values(True).limit(limit))  # noqa: FBT003 - the SDK's signature
    )
    if size:
        # The sign of a unit is drawn at three fifths of the value's size.
        sizes = common.VizTextDisplayOptions().title_size(size).value_size(size * 5 // 3)
        built = built.text(sizes)
        built = built.name_placement(choice.BarGaugeNamePlacement.LEFT)
    return built.data_links([link(*to)]) if to else built


def sorted_by(name: str, *, down: bool = False) -> DataTransformerConfig:
    """Return the transformation that sorts rows by a column."""
    return DataTransformerConfig(
        id_val="sortBy", options={"fields": {}, "sort": [{"field": name, "desc": down}]}
    )
