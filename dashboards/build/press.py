"""Can the press work: power, uplink, devices?"""

from datetime import timedelta

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import Board, Variable
from dashboards.build.graphs import lines
from dashboards.build.query import grouped, rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

PRESS = Variable(
    "site",
    "Press centre",
    'SHOW TAG VALUES FROM "occupancy" WITH KEY = "site"',
    regex="/press/",
    everything=".*press.*",
)
IN = parts.IN_SITES
MEASURED = f'({IN} OR ("site" = \'none\' AND "asset" =~ /press/))'
"""Points of older versions have no site."""
BRIDGE = timedelta(minutes=10)
"""As long as the rule `power-silent` waits for the next reading: a longer silence is a gap in the line."""


def of(quantity: str) -> str:
    """Return the query for one quantity over time."""
    return (
        f'SELECT mean("value") FROM "reading" WHERE $timeFilter AND {MEASURED} '
        f'AND "quantity" = \'{quantity}\' GROUP BY time($__interval), "asset" fill(null)'
    )


BOARD = Board(
    uid="venue-press",
    title="Press centre continuity",
    asks=(__doc__ or "").strip(),
    level="area",
    variables=[PRESS],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (parts.open_of("life_safety", IN), 6),
                (parts.open_of("critical", IN), 5),
                (parts.open_of("high", IN), 5),
                (
                    number(
                        "Silent devices",
                        "These devices don't report: send a technician.",
                        rows(
                            'SELECT count("up") - sum("up") FROM (SELECT last("up") AS "up" FROM "device" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "device")'
                        ),
                        unit="locale",
                        bounds=[(1, look.P2)],
                    ),
                    5,
                ),
            ],
        ),
        (9, [(parts.open_alerts(IN, "Open alerts here"), 24)]),
        (
            8,
            [
                (
                    lines(
                        "Mains voltage",
                        "207 to 253 V is normal (EN 50160: 230 V ± 10 %). Outside: send a technician to check that the UPS carries the load.",
                        series(of("voltage"), "$tag_asset"),
                        unit="volt",
                        every="1m",
                        bridge=BRIDGE,
                        bounds=[(207, look.P2), (253, look.P2)],
                        limits="P2 below 207, above 253",
                        least=200,
                    ),
                    8,
                ),
                (
                    lines(
                        "UPS runtime",
                        "Below 15 minutes: start the generator and inform the press.",
                        series(of("ups-runtime"), "$tag_asset"),
                        unit="m",
                        bounds=[(15, look.P1)],
                        limits="P1 below 15",
                        every="1m",
                        bridge=BRIDGE,
                    ),
                    8,
                ),
                (
                    lines(
                        "Uplink loss",
                        "Above 5 %, pictures can't be transmitted: switch to the second line.",
                        series(of("packet-loss"), "$tag_asset"),
                        unit="percent",
                        every="1m",
                        bridge=BRIDGE,
                        bounds=[(5, look.P2)],
                        limits="P2 above 5 %",
                    ),
                    8,
                ),
            ],
        ),
        (
            8,
            [
                (
                    listing(
                        "Latest readings",
                        "The oldest first: an old value says nothing about the present. Find out why its instrument is silent.",
                        grouped(
                            "quantity value unit asset_name asset",
                            f'SELECT last("value") AS "value", "asset_name" FROM "reading" WHERE $timeFilter AND {MEASURED} '
                            'GROUP BY "asset", "quantity", "unit"',
                        ),
                        {
                            "Time": Column("When", look.TIME, width=170),
                            "quantity": Column(
                                "Quantity", labels=vocabulary.QUANTITY, link=parts.ASSET
                            ),
                            "value": Column("Value", width=90, decimals=1),
                            "unit": Column("Unit", labels=vocabulary.UNIT, width=70),
                            "asset_name": Column("Asset", without="asset"),
                        },
                        sort=[("When", False)],
                        nothing="No readings",
                    ),
                    12,
                ),
                (parts.not_ready(IN), 12),
            ],
        ),
    ],
)
