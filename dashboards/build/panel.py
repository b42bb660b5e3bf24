"""The kinds of panels; each has a title, a description of what to do, and a text for when there is nothing to show."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    stat,
    statetimeline,
    table,
    text,
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
from grafana_foundation_sdk.models.text import TextMode

from dashboards.build import look
from dashboards.build.query import InfluxQL, source

Panel = (
    bargauge.Panel | stat.Panel | statetimeline.Panel | table.Panel | text.Panel | timeseries.Panel
)
Width = int
"""Of 24."""


class Column:
    """The display of one column of a table.

    Args:
        title: its heading.
        unit: the unit of its numbers.
        labels: words for its values; the cell has their colour.
        width: in pixels.
        link: title and address of its link.

    """

    def __init__(
        self,
        title: str,
        unit: str = "",
        labels: look.Labels | list[ValueMapping] | None = None,
        width: int = 0,
        link: tuple[str, str] | None = None,
    ) -> None:
        self.title = title
        self.unit = unit
        self.mappings = look.words(labels) if isinstance(labels, Mapping) else labels
        self.width = width
        self.link = link

    def properties(self) -> list[DynamicConfigValue]:
        """Return the overrides for the column."""
        rows = [DynamicConfigValue("displayName", self.title)]
        if self.unit:
            rows.append(DynamicConfigValue("unit", self.unit))
        if self.mappings:
            rows.append(DynamicConfigValue("mappings", self.mappings))
            rows.append(DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
        if self.width:
            rows.append(DynamicConfigValue("custom.width", self.width))
        if self.link:
            rows.append(DynamicConfigValue("links", [link(*self.link).build()]))
        return rows


HIDDEN = [
    DynamicConfigValue("custom.hidden", value=True),
    # The same since Grafana 12.2.
    DynamicConfigValue("custom.hideFrom", {"legend": False, "tooltip": False, "viz": True}),
]
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
    many: bool = False,
    nothing: str = look.NO_DATA,
) -> stat.Panel:
    """Return a number or word in its colour; with `many`, one for each series."""
    mode = choice.BigValueTextMode.VALUE_AND_NAME if many else choice.BigValueTextMode.VALUE
    built = (
        stat.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .with_target(query)
        .unit(unit)
        .decimals(0)
        .no_value(nothing)
        .mappings(look.words(labels) if labels else [look.missing()])
        .thresholds(look.steps(*bounds))
        .color_scheme(look.by_threshold())
        .color_mode(choice.BigValueColorMode.VALUE)
        .graph_mode(choice.BigValueGraphMode.NONE)
        .text_mode(mode)
        .reduce_options(common.ReduceDataOptions().calcs(["last"]).values(many))
    )
    return built.data_links([link(*to)]) if to else built


def listing(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    query: InfluxQL,
    columns: Mapping[str, Column],
    *,
    hidden: Sequence[str] = (),
    sort: tuple[str, bool] | None = None,
    nothing: str = "None",
    transformations: Sequence[DataTransformerConfig] = (),
) -> table.Panel:
    """Return a table; `sort` is a heading and whether to sort in descending order."""
    built = (
        table.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .with_target(query)
        .unit("none")
        .no_value(nothing)
        .thresholds(look.steps())
        .color_scheme(look.fixed(look.WHITE))
        .cell_height(choice.TableCellHeight.SM)
        .transformations(list(transformations))
    )
    for name, column in columns.items():
        built = built.override_by_name(name, column.properties())
    for name in hidden:
        built = built.override_by_name(name, HIDDEN)
    if sort:
        by = common.TableSortByFieldState().display_name(sort[0]).desc(sort[1])
        built = built.sort_by([by])
    return built


def lines(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    *queries: InfluxQL,
    unit: str,
    bounds: Sequence[tuple[float, str]] = (),
    bars: bool = False,
    colors: Mapping[str, str] | None = None,
    every: str = "10s",
    bridge: timedelta | None = None,
    nothing: str = look.NO_DATA,
) -> timeseries.Panel:
    """Return values over time, in shades of grey; a bound is a dashed line in its colour.

    The interval between points is at least `every`, at which values are written; a smaller one would leave gaps.
    Gaps are shown, because they mean that nothing was monitored. For values that come irregularly, gaps up to
    `bridge` are closed.
    """
    built = (
        timeseries.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .targets(list(queries))
        .unit(unit)
        .min(0)
        .no_value(nothing)
        .thresholds(look.steps(*bounds, base="transparent"))
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
            .placement(choice.LegendPlacement.BOTTOM)
        )
        .tooltip(common.VizTooltipOptions().mode(choice.TooltipDisplayMode.MULTI))
    )
    if bounds:
        style = common.GraphThresholdsStyleConfig().mode(choice.GraphThresholdsStyleMode.DASHED)
        built = built.thresholds_style(style)
    for name, color in (colors or {}).items():
        fixed = {"mode": "fixed", "fixedColor": color}
        built = built.override_by_name(name, [DynamicConfigValue("color", fixed)])
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
        .thresholds(look.steps())
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
    unit: str,
    most: float,
    bounds: Sequence[tuple[float, str]],
    to: tuple[str, str] | None = None,
) -> bargauge.Panel:
    """Return one bar for each series."""
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
        .thresholds(look.steps(*bounds))
        .color_scheme(look.by_threshold())
        .orientation(choice.VizOrientation.HORIZONTAL)
        .display_mode(choice.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["last"]))
    )
    return built.data_links([link(*to)]) if to else built


def note(title: str, content: str) -> text.Panel:
    """Return a panel of text."""
    return text.Panel().title(title).description(title).content(content).mode(TextMode.MARKDOWN)
