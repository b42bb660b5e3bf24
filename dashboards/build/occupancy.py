"""How full is each zone, what is the trend, is everyone out?"""

from dashboards.build import look, parts
from dashboards.build.board import SITE, ZONE, Board
from dashboards.build.graphs import lines
from dashboards.build.query import grouped, rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

IN = parts.IN_ZONES

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
                        unit="locale",
                    ),
                    5,
                ),
                (
                    number(
                        "Mustered in the last hour",
                        "People who have reported at an assembly point. Compare with the people inside, then search the zones that aren't empty.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("last_hour") AS "n" FROM "muster" '
                            f'WHERE {parts.NOW} AND {parts.IN_SITES} GROUP BY "site")'
                        ),
                        unit="locale",
                    ),
                    5,
                ),
                (
                    number(
                        "Zones from 90 %",
                        "Send crowd managers there and slow admission at the gates.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("crowded") AS "n" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone")'
                        ),
                        unit="locale",
                        bounds=[(1, look.P2)],
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
                        unit="locale",
                        bounds=[(1, look.P3)],
                    ),
                    6,
                ),
            ],
        ),
        (
            9,
            [
                (parts.occupancy(IN), 10),
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
                        limits="P2 from 90 % · P1 from 100 %",
                    ),
                    14,
                ),
            ],
        ),
        (
            17,
            [
                (
                    listing(
                        "Zones",
                        "A zone that is open but has not passed must not admit people: stop admission and call the lead agency.",
                        grouped(
                            "pct zone_name site_name count capacity admission inspected zone",
                            'SELECT last("capacity") AS "capacity", "count", "pct", "admission", "inspected", "zone_name", "site_name" FROM "occupancy" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone"',
                        ),
                        {
                            "pct": Column("Full", "percent", width=80, decimals=0),
                            "zone_name": Column("Zone", link=parts.ZONE),
                            "site_name": Column("Site", width=120),
                            "count": Column("Inside", "locale", width=95),
                            "capacity": Column("Capacity", "locale", width=85),
                            "admission": Column("Admission", labels=look.ADMISSION, width=235),
                            "inspected": Column(
                                "Checklists", labels=look.INSPECTED_WORDS, width=155
                            ),
                        },
                        hidden=["Time", "zone"],
                        sort=[("Full", True)],
                        nothing=look.NO_DATA,
                    ),
                    13,
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
                        unit="locale",
                        strokes={"B": "dash"},
                    ),
                    11,
                ),
            ],
        ),
    ],
)
