"""What is wrong now, where, how bad, who has it, and is the monitor alive?"""

from dashboards.build import look, parts
from dashboards.build.board import SITE, Board
from dashboards.build.graphs import lines
from dashboards.build.query import rows, series
from dashboards.build.tiles import number

IN = parts.IN_SITES

BOARD = Board(
    uid="venue-overview",
    title="Security overview",
    asks=(__doc__ or "").strip(),
    level="overview",
    variables=[SITE],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (parts.open_of("life_safety", IN, nobodys=True), 4),
                (parts.open_of("life_safety", IN), 4),
                (parts.open_of("critical", IN), 3),
                (parts.open_of("high", IN), 3),
                (parts.open_of("medium", IN), 3),
                (
                    number(
                        "Alerts in 10 min",
                        "More than 10 in 10 minutes are a flood that one officer can't handle (EEMUA 191). Call a second officer, "
                        "handle life safety first, and look for a common cause.",
                        rows(
                            f'SELECT sum("n") FROM (SELECT last("raised_10m") AS "n" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
                        ),
                        unit="locale",
                        bounds=[(10, look.P2)],
                        to=parts.to("venue-alarms", "Alarm system performance"),
                    ),
                    4,
                ),
            ],
        ),
        (14, [(parts.open_alerts(IN), 24)]),
        (9, [(parts.readiness(IN), 7), (parts.not_ready(IN), 17)]),
        (
            9,
            [
                (parts.doors_not_normal(IN), 8),
                (parts.occupancy(IN), 8),
                (parts.alerts_over_time(IN), 8),
            ],
        ),
        (
            7,
            [
                (
                    lines(
                        "Alarm rate",
                        "Alerts raised in 10 minutes. An officer can handle one for a whole shift; ten are a flood "
                        "(EEMUA 191). If it stays above one, have the rules that raise the most alerts corrected.",
                        series(
                            'SELECT sum("n") FROM "alert_event" WHERE $timeFilter '
                            f"AND \"change\" = 'raised' AND {IN} GROUP BY time(10m) fill(0)",
                            "raised in 10 min",
                        ),
                        unit="locale",
                        bounds=[(1, look.P4), (10, look.P2)],
                        limits="P4 above 1 · P2 from 10",
                        bars=True,
                        nothing="None",
                    ),
                    24,
                )
            ],
        ),
    ],
)
