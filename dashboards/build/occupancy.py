"""How full is each zone, what is the trend, is everyone out?"""

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
                        "The sum over the counted zones. In an evacuation: the people who are still inside.",
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
                        "People who have reported at an assembly point. Compare with the people inside, then search the zones that aren't empty.",
                        rows(
                            f'SELECT sum("n") FROM "access" WHERE {parts.within("1h")} '
                            f"AND \"result\" = 'muster' AND {parts.IN_SITES}"
                        ),
                        unit="short",
                        nothing="No one",
                    ),
                    5,
                ),
                (
                    number(
                        "Zones above 90 %",
                        "Send crowd managers there and slow admission at the gates.",
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
                        "Zones not counted",
                        "The zone has no sensor, or the sensor is silent. Not counted doesn't mean empty: count the people by hand.",
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
                        "Occupancy",
                        "From 90 %, send crowd managers and slow admission; at 100 %, stop admission. A zone without a bar "
                        "isn't counted: count the people by hand.",
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
                        "Occupancy over time",
                        "A steep line reaches the limit soon: act at 90 %, not at 100 %.",
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
                        "A zone that is open but has not passed must not admit people: stop admission and call the lead agency.",
                        grouped(
                            "zone site count capacity pct open inspected",
                            'SELECT last("capacity") AS "capacity", "count", "pct", "open", "inspected" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone"',
                        ),
                        {
                            "count": Column("Inside", "short", width=90),
                            "capacity": Column("Capacity", "short", width=90),
                            "pct": Column("Full", "percent", width=90),
                            "open": Column("Open", labels=look.YES_NO, width=80),
                            "inspected": Column(
                                "Checklists", labels=look.INSPECTED_WORDS, width=140
                            ),
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
                        'Passages in five minutes. In an evacuation, "out" rises at once. If it doesn\'t, an exit may be blocked: send a guard.',
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
