"""Tables: rows with words, colours and links."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.models import common as choice
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    ValueMapping,
)

from dashboards.build import look
from dashboards.build.panel import BELIEVE, link
from dashboards.build.query import InfluxQL, source


class Column:
    """The display of one column of a table.

    Args:
        title: its heading.
        unit: the unit of its numbers.
        labels: words for its values; their colour is behind them.
        width: in pixels.
        link: title and address of its link.
        decimals: of its numbers; as many as needed, if omitted.
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
    ) -> None:
        self.title = title
        self.unit = unit
        self.mappings = look.words(look.behind(labels)) if isinstance(labels, Mapping) else labels
        self.width = width
        self.link = link
        self.decimals = decimals
        self.without = without

    def properties(self) -> list[DynamicConfigValue]:
        """Return the overrides for the column."""
        rows = [DynamicConfigValue("displayName", self.title)]
        if self.unit:
            rows.append(DynamicConfigValue("unit", self.unit))
        if self.without or self.mappings:
            # Words for numbers, and what a transformation fills: columns of numbers, which stand at the right.
            rows.append(DynamicConfigValue("custom.align", "left"))
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
HIDDEN = [
    DynamicConfigValue("custom.hidden", value=True),
    # The same since Grafana 12.2.
    DynamicConfigValue("custom.hideFrom", {"legend": False, "tooltip": False, "viz": True}),
]


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
