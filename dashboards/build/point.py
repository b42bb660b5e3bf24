"""Everything about one access point: its state, who passed, who was refused, are its devices online?"""

from dashboards.build import look, parts
from dashboards.build.board import POINT, SITE, ZONE, Board
from dashboards.build.panel import Column, lines, listing, number, states
from dashboards.build.query import rows, series

IN = f'{parts.IN_SITES} AND "point" =~ /^$point$/'

BOARD = Board(
    uid="venue-point",
    title="Access point",
    asks=(__doc__ or "").strip(),
    level="detail",
    variables=[SITE, ZONE, POINT],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (
                    number(
                        "Door",
                        "Held open: have it closed. Forced: send a patrol. Unknown: its device is silent.",
                        rows(
                            f'SELECT last("state") AS "state" FROM "door" WHERE {parts.LATELY} AND {IN} GROUP BY "point"'
                        ),
                        labels=look.DOOR,
                        many=True,
                    ),
                    9,
                ),
                (
                    number(
                        "Passages in the last hour",
                        "In and out. A turnstile is at its limit at 660 an hour: open another one.",
                        rows(
                            'SELECT sum("passed_in") + sum("passed_out") FROM "flow" '
                            f"WHERE {parts.within('1h')} AND {IN}"
                        ),
                        unit="short",
                    ),
                    6,
                ),
                (
                    number(
                        "Refused in the last hour",
                        "The reasons are listed below.",
                        rows(
                            f'SELECT sum("denied") FROM "flow" WHERE {parts.within("1h")} AND {IN}'
                        ),
                        unit="short",
                    ),
                    6,
                ),
            ],
        ),
        (7, [(parts.open_alerts(IN, "Open alerts here"), 24)]),
        (
            7,
            [
                (
                    states(
                        "Door over time",
                        "When the door was open, held open or forced.",
                        series(
                            f'SELECT max("state") FROM "door" WHERE $timeFilter AND {IN} '
                            'GROUP BY time($__interval), "point" fill(null)',
                            "$tag_point",
                        ),
                        look.DOOR,
                    ),
                    12,
                ),
                (
                    lines(
                        "In, out, refused",
                        "Per minute, by the sender's clock.",
                        series(
                            f'SELECT sum("passed_in") FROM "flow" WHERE $timeFilter AND {IN} '
                            "GROUP BY time($__interval) fill(null)",
                            "in",
                        ),
                        series(
                            f'SELECT sum("passed_out") FROM "flow" WHERE $timeFilter AND {IN} '
                            "GROUP BY time($__interval) fill(null)",
                            "out",
                            "B",
                        ),
                        series(
                            f'SELECT sum("denied") FROM "flow" WHERE $timeFilter AND {IN} '
                            "GROUP BY time($__interval) fill(null)",
                            "refused",
                            "C",
                        ),
                        unit="short",
                        bars=True,
                        every="1m",
                    ),
                    12,
                ),
            ],
        ),
        (
            9,
            [
                (
                    listing(
                        "Latest access events",
                        "The latest 200, with people as pseudonyms: the same person always has the same one. The accreditation office has the names.",
                        rows(
                            'SELECT "n", "subject", "method", "result", "direction", "reason", "holder_class", "point" FROM "access" '
                            f"WHERE $timeFilter AND {IN} ORDER BY time DESC LIMIT 200"
                        ),
                        {
                            "Time": Column("When", width=180),
                            "result": Column("Result", width=100),
                            "direction": Column("Direction", width=80),
                            "reason": Column("Reason", width=180),
                            "holder_class": Column("Class", width=110),
                            "subject": Column("Person"),
                            "method": Column("Method", width=90),
                            "point": Column("Access point"),
                        },
                        hidden=["n"],
                        nothing="No access events",
                    ),
                    15,
                ),
                (
                    listing(
                        "Devices",
                        "SILENT: send a guard to the door, then have power, network and battery checked.",
                        rows(
                            'SELECT last("up") AS "up", "last_seen_s", "battery", "tamper" FROM "device" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "device"'
                        ),
                        {
                            "up": Column("Status", labels=look.UP, width=110),
                            "last_seen_s": Column("Last seen", "s", width=100),
                            "battery": Column("Battery", "percent", width=80),
                            "tamper": Column("Tampered", labels=look.WRONG, width=90),
                            "device": Column("Device"),
                        },
                        hidden=["Time"],
                        nothing="venue.toml has no device here",
                    ),
                    9,
                ),
            ],
        ),
    ],
)
