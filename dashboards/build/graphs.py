"""Graphs: values and states over time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from grafana_foundation_sdk.builders import common, statetimeline, timeseries
from grafana_foundation_sdk.models import common as choice
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.build import look
from dashboards.build.panel import BELIEVE, POINTS
from dashboards.build.query import InfluxQL, source

STROKES = {"dash": [10, 10], "dot": [0, 6]}
"""Pixels of line and gap."""


def lines(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    *queries: InfluxQL,
    unit: str,
    bounds: Sequence[tuple[float, str]] = (),
    limits: str = "",
    bars: bool = False,
    colors: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    every: str = "10s",
    bridge: timedelta | None = None,
    least: float = 0,
    strokes: Mapping[str, str] | None = None,
    totals: bool = False,
    nothing: str = look.NO_DATA,
) -> timeseries.Panel:
    """Return values over time, in shades of grey; a bound is a dashed line in its colour.

    `limits`, beside the axis, says what each bound means. The interval between points is at least `every`, at which values are written; a smaller one would leave gaps.
    Gaps are shown, because they mean that nothing was monitored. For values that come irregularly, gaps up to
    `bridge` are closed. The axis begins at `least`. `names` are words for the names of lines. Bars of one time stand upon
    each other, and `totals` says in the legend how many there are of each. The lines of the queries whose letters are in
    `strokes` are dashed or dotted (`dash`, `dot`), so that greys can be told apart. What is said of `nothing` holds
    only while the monitor is alive.
    """
    built = (
        timeseries.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .targets(list(queries))
        .unit(unit)
        .min(least)
        .no_value(nothing if nothing == look.NO_DATA else f"{BELIEVE} {nothing}")
        .thresholds(look.steps(*bounds))
        .color_scheme(look.shades())
        .line_width(1 if bars else 2)
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
            .calcs(["sum"] if totals else [])
            .placement(
                # One line for each of many places: beside the graph, where the list can be scrolled.
                choice.LegendPlacement.RIGHT
                if any("$tag" in query.alias for query in queries)
                else choice.LegendPlacement.BOTTOM
            )
        )
        .tooltip(common.VizTooltipOptions().mode(choice.TooltipDisplayMode.MULTI))
    )
    if unit == "locale":
        built = built.decimals(0)
    if bounds:
        style = common.GraphThresholdsStyleConfig().mode(choice.GraphThresholdsStyleMode.DASHED)
        built = built.thresholds_style(style).axis_label(limits)
    if bars:
        built = built.stacking(common.StackingConfig().mode(choice.StackingMode.NORMAL).group("A"))
    for ref, fill in (strokes or {}).items():
        stroke = {"fill": fill, "dash": STROKES[fill]}
        built = built.override_by_query(ref, [DynamicConfigValue("custom.lineStyle", stroke)])
    wider = [] if bars else [DynamicConfigValue("custom.lineWidth", 3)]
    for name, color in (colors or {}).items():
        fixed = {"mode": "fixed", "fixedColor": color}
        built = built.override_by_name(name, [DynamicConfigValue("color", fixed), *wider])
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
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(choice.LegendDisplayMode.LIST)
            .placement(choice.LegendPlacement.BOTTOM)
        )
        .max_data_points(POINTS)
        .merge_values(merge_values=True)
        .show_value(choice.VisibilityMode.AUTO)
        .row_height(0.8)
        .line_width(0)
        .fill_opacity(70)
    )
