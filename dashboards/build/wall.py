"""What must somebody do now? Read from three metres away."""

from grafana_foundation_sdk.builders import common, stat
from grafana_foundation_sdk.models import common as choice
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.build import look, parts
from dashboards.build.board import SITE, Board
from dashboards.build.panel import BELIEVE, CAPTION, Panel, sorted_by
from dashboards.build.query import grouped, rows, source
from dashboards.build.tiles import number, reached

IN = parts.IN_SITES
LISTED = 8
LARGE = 44
MORE = "more alerts"
SEVERITIES = ("life_safety", "critical", "high")


def alerts() -> Panel:
    """The alerts that come first, a line each, in the colour of their priority."""
    return (
        stat.Panel()
        .title("Alerts: the first eight")
        .description(
            "From the top: life safety first, then the newest. Take the alert in the console. The tile beside says how many "
            "more there are."
        )
        .datasource(source())
        .with_target(
            grouped(
                "headline place",
                f'SELECT last("place") AS "place", "headline" FROM "alert_open" WHERE {parts.NOW} AND {IN} '
                'AND "handling" != \'shelved\' GROUP BY "alarm", "site", "zone", "point"',
            )
        )
        .unit("none")
        .no_value(f"{BELIEVE} No open alert")
        .mappings(look.codes())
        .thresholds(look.steps())
        .color_scheme(look.fixed(look.PLAIN))
        .color_mode(choice.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(choice.BigValueGraphMode.NONE)
        .text_mode(choice.BigValueTextMode.VALUE)
        .orientation(choice.VizOrientation.HORIZONTAL)
        .justify_mode(choice.BigValueJustifyMode.AUTO)
        .text(common.VizTextDisplayOptions().value_size(CAPTION))
        .transformations([sorted_by("place")])
        .reduce_options(
            common.ReduceDataOptions().calcs([]).values(True).fields("/^headline$/").limit(LISTED)  # noqa: FBT003 - the SDK's signature
        )
    )


def sites() -> Panel:
    """Whether each site may open, the worst first."""
    return (
        stat.Panel()
        .title("Sites")
        .description("NO GO and UNKNOWN: don't open, and call the agency that has to act.")
        .datasource(source())
        .with_target(
            grouped(
                "site_name code",
                f'SELECT last("code") AS "code", "site_name" FROM "readiness" WHERE {parts.LATELY} AND {IN} '
                'AND "zone" = \'none\' GROUP BY "site"',
            )
        )
        .unit("none")
        .no_value(look.NO_DATA)
        .mappings([*look.words(look.behind(look.READY)), look.missing()])
        .thresholds(look.steps())
        .color_scheme(look.by_threshold())
        .color_mode(choice.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(choice.BigValueGraphMode.NONE)
        .text_mode(choice.BigValueTextMode.VALUE_AND_NAME)
        .orientation(choice.VizOrientation.HORIZONTAL)
        .text(common.VizTextDisplayOptions().title_size(CAPTION).value_size(CAPTION + 4))
        .transformations([sorted_by("code", down=True)])
        .reduce_options(common.ReduceDataOptions().calcs([]).values(True).limit(LISTED))  # noqa: FBT003 - the SDK's signature
    )


def more() -> Panel:
    """How many alerts are open beyond those listed."""
    said = DynamicConfigValue("displayName", f"P2 {MORE}")
    found = number(
        "More alerts than these eight",
        "Open the console's board for the others. More than ten in ten minutes are a flood: call a second officer.",
        rows(
            f'SELECT sum("n") - {LISTED} FROM (SELECT last("open") AS "n" FROM "alert_count" '
            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
        ),
        unit="locale",
        bounds=[(1, look.P2)],
        to=("Open the board", f"{parts.CONSOLE}/board"),
        size=LARGE,
        caption=MORE,
    )
    return found.mappings([*look.at_least_one("none"), look.missing()]).with_override(
        reached(1), [said]
    )


BOARD = Board(
    uid="venue-wall",
    title="Wall",
    asks=(__doc__ or "").strip(),
    level="overview",
    variables=[SITE],
    rows=[
        (
            6,
            [
                (parts.alive(size=LARGE), 6),
                *(
                    (parts.open_of(name, IN, nobodys=nobodys, size=LARGE), 3)
                    for name in SEVERITIES
                    for nobodys in (False, True)
                ),
            ],
        ),
        (12, [(alerts(), 24)]),
        (9, [(parts.occupancy(IN, limit=4, size=CAPTION), 12), (sites(), 8), (more(), 4)]),
    ],
)
