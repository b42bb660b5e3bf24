"""Numbers and bars in their colours."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import bargauge, common, stat
from grafana_foundation_sdk.models import common as choice
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, MatcherConfig

from dashboards.build import look
from dashboards.build.panel import CAPTION, PERCENT, link, sorted_by
from dashboards.build.query import InfluxQL, source

DIGITS = 36
"""Pixels of digits that stand beside a code and a word; a long text in two lines fits too."""
BLANK = "\u00a0"
"""A name that shows nothing, where Grafana would otherwise show the column's."""


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
    titled: bool = False,
) -> stat.Panel:
    """Return a number or word in its colour.

    Args:
        title: its heading.
        why: what to do about it.
        query: for the value.
        unit: of the value.
        labels: words for the values.
        bounds: from which value on it has which colour; then its code and word stand beside the value.
        to: title and address of its link.
        nothing: shown for no value. NO DATA means that the monitor is silent; other words are grey.
        size: of the digits in pixels; as large as fits, if omitted.
        caption: said above the digits in `CAPTION` pixels, for what has to be read from afar.
        titled: the heading has code and word already.

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
    elif bounds and not titled:
        sizes = common.VizTextDisplayOptions().value_size(DIGITS).title_size(CAPTION)
        built = built.display_name(BLANK).text_mode(choice.BigValueTextMode.VALUE_AND_NAME)
        built = built.text(sizes).justify_mode(choice.BigValueJustifyMode.CENTER)
        for bound, color in bounds:
            said = DynamicConfigValue("displayName", look.PRIORITY[color])
            built = built.with_override(reached(bound), [said])
    return built.data_links([link(*to)]) if to else built


def reached(bound: float) -> MatcherConfig:
    """Return what matches a value that is at least as great as a bound."""
    return MatcherConfig(id_val="byValue", options={"reducer": "last", "op": "gte", "value": bound})


def gauges(  # noqa: PLR0913 - what a panel is made of
    title: str,
    why: str,
    queries: Sequence[tuple[str, str, InfluxQL]],
    *,
    by: str,
    most: float,
    to: tuple[str, str] | None = None,
    limit: int = 25,
    size: int = 0,
) -> bargauge.Panel:
    """Return one bar for each row of tables with a text and a share of something, the longest first.

    Args:
        title: its heading.
        why: what to do about it.
        queries: for the rows, the worst first: the colour of their bars; code and word behind their numbers, if any; the query.
        by: the column of the number.
        most: the length of a full bar.
        to: title and address of its link.
        limit: bars at most.
        size: of the texts in pixels; as large as fits, if omitted.

    """
    built = (
        bargauge.Panel()
        .title(title)
        .description(why)
        .datasource(source())
        .targets([query for _, _, query in queries])
        .unit("percent")
        .decimals(0)
        .min(0)
        .max(most)
        .no_value(look.NO_DATA)
        .mappings([look.missing()])
        .thresholds(look.steps(base=look.GREY))
        .color_scheme(look.by_threshold())
        .orientation(choice.VizOrientation.HORIZONTAL)
        .display_mode(choice.BarGaugeDisplayMode.BASIC)
        .transformations([sorted_by(by, down=True)])
        .reduce_options(common.ReduceDataOptions().calcs([]).values(True).limit(limit))  # noqa: FBT003 - the SDK's signature
    )
    for color, word, query in queries:
        if word:
            said = DynamicConfigValue("unit", f"{PERCENT}{word}")
            fixed = DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})
            built = built.override_by_query(query.ref, [said, fixed])
    if size:
        # The sign of a unit is drawn at three fifths of the value's size.
        sizes = common.VizTextDisplayOptions().title_size(size).value_size(size * 5 // 3)
        built = built.text(sizes)
        built = built.name_placement(choice.BarGaugeNamePlacement.LEFT)
    return built.data_links([link(*to)]) if to else built
