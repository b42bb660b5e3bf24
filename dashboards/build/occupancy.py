"""How full is each zone, where does it go, and is everybody out?"""

from dashboards.build import look, parts
from dashboards.build.board import SITE, ZONE, Board
from dashboards.build.panel import Column, gauges, lines, listing, number
from dashboards.build.query import grouped, rows, series

IN = parts.IN_ZONES
ZONE_OF_BAR = (
    "Zone",
    "/d/venue-zone?var-zone=${__field.labels.zone:percentencode}&${__url_time_range}",
)

BOARD = Board(
    uid="venue-occupancy",
    title="Occupancy and evacuation",
    asks=(__doc__ or "").strip(),
    level="area",
    variables=[SITE, ZONE],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (
                    number(
                        "People inside",
                        "The sum of the zones that are counted. In an evacuation: how many are still inside.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("count") AS "n" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone")'
                        ),
                        unit="short",
                    ),
                    5,
                ),
                (
                    number(
                        "Mustered in the last hour",
                        "Who has reported at an assembly point. Compare with who is inside, then search the zones that aren't empty.",
                        rows(
                            f'SELECT sum("n") FROM "access" WHERE {parts.within("1h")} '
                            f"AND \"result\" = 'muster' AND {parts.IN_SITES}"
                        ),
                        unit="short",
                        nothing="Nobody",
                    ),
                    5,
                ),
                (
                    number(
                        "Zones above 90 %",
                        "Send crowd managers there and slow the gates that lead in.",
                        rows(
                            'SELECT count("pct") FROM (SELECT last("pct") AS "pct" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone") WHERE "pct" >= 90'
                        ),
                        unit="short",
                        bounds=[(1, look.P2)],
                        nothing="None",
                    ),
                    5,
                ),
                (
                    number(
                        "Zones that nobody counts",
                        "Their sensor is silent or there is none: unmonitored is not empty. Count them by hand.",
                        rows(
                            'SELECT count("counted") - sum("counted") FROM (SELECT last("counted") AS "counted" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone")'
                        ),
                        unit="short",
                        bounds=[(1, look.P3)],
                    ),
                    6,
                ),
            ],
        ),
        (
            9,
            [
                (
                    gauges(
                        "How full",
                        "From 90 % on send crowd managers and slow the gates; at 100 % stop letting people in. A zone that is "
                        "missing here isn't counted: count by hand.",
                        series(
                            f'SELECT last("pct") FROM "occupancy" WHERE {parts.NOW} AND {IN} GROUP BY "zone"',
                            "$tag_zone",
                        ),
                        unit="percent",
                        most=100,
                        bounds=[(90, look.P2), (100, look.P1)],
                        to=ZONE_OF_BAR,
                    ),
                    10,
                ),
                (
                    lines(
                        "How full, over time",
                        "A steep line reaches its limit soon: act at 90 %, not at 100.",
                        series(
                            f'SELECT max("pct") FROM "occupancy" WHERE $timeFilter AND {IN} '
                            'GROUP BY time($__interval), "zone" fill(null)',
                            "$tag_zone",
                        ),
                        unit="percent",
                        bounds=[(90, look.P2), (100, look.P1)],
                    ),
                    14,
                ),
            ],
        ),
        (
            9,
            [
                (
                    listing(
                        "Zones",
                        "A zone that is open and not passed must not admit people: stop the entrance and call the lead agency.",
                        grouped(
                            "zone site count capacity pct open inspected",
                            'SELECT last("capacity") AS "capacity", "count", "pct", "open", "inspected" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone"',
                        ),
                        {
                            "count": Column("Inside", "short", width=90),
                            "capacity": Column("Capacity", "short", width=90),
                            "pct": Column("Full", "percent", width=90),
                            "open": Column("Open", said=look.YES_NO, width=80),
                            "inspected": Column("Checklists", said=look.INSPECTED_WORDS, width=140),
                            "site": Column("Site", width=90),
                            "zone": Column("Zone", link=parts.ZONE),
                        },
                        hidden=["Time"],
                        sort=("Full", True),
                        nothing=look.NO_DATA,
                    ),
                    12,
                ),
                (
                    lines(
                        "In and out",
                        "Passages in five minutes. In an evacuation «out» rises at once; where it doesn't, an exit is blocked: go there.",
                        series(
                            f'SELECT sum("passed_in") FROM "flow" WHERE $timeFilter AND {IN} '
                            "GROUP BY time(5m) fill(null)",
                            "in",
                        ),
                        series(
                            f'SELECT sum("passed_out") FROM "flow" WHERE $timeFilter AND {IN} '
                            "GROUP BY time(5m) fill(null)",
                            "out",
                            "B",
                        ),
                        unit="short",
                    ),
                    12,
                ),
            ],
        ),
    ],
)
