"""Everything about one access point: its state, who passed, who was refused, what its device says?"""

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
                        "Held open: go and close it. Forced: send a patrol. Unknown: nobody hears its device.",
                        rows(
                            f'SELECT last("state") AS "state" FROM "door" WHERE {parts.LATELY} AND {IN} GROUP BY "point"'
                        ),
                        said=look.DOOR,
                        many=True,
                    ),
                    9,
                ),
                (
                    number(
                        "Passages in the last hour",
                        "In and out. Above 660 an hour a turnstile is full: open another.",
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
                        "Below stand the reasons.",
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
                        "When it was open, held open or forced.",
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
                        "Each minute, as the sender's clock tells it.",
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
                        "Who came",
                        "The latest 200, people as pseudonyms: the same person is the same sign. Names are with the accreditation office.",
                        rows(
                            'SELECT "n", "subject", "method", "result", "direction", "reason", "holder_class", "point" FROM "access" '
                            f"WHERE $timeFilter AND {IN} ORDER BY time DESC LIMIT 200"
                        ),
                        {
                            "Time": Column("When", width=180),
                            "result": Column("What", width=100),
                            "direction": Column("Way", width=80),
                            "reason": Column("Why refused", width=180),
                            "holder_class": Column("Class", width=110),
                            "subject": Column("Who"),
                            "method": Column("With", width=90),
                            "point": Column("Access point"),
                        },
                        hidden=["n"],
                        nothing="Nobody came",
                    ),
                    15,
                ),
                (
                    listing(
                        "Its devices",
                        "SILENT: send somebody to the door, then see to power, network and battery.",
                        rows(
                            'SELECT last("up") AS "up", "last_seen_s", "battery", "tamper" FROM "device" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "device"'
                        ),
                        {
                            "up": Column("Device is", said=look.UP, width=110),
                            "last_seen_s": Column("Heard ago", "s", width=100),
                            "battery": Column("Battery", "percent", width=80),
                            "tamper": Column("Tampered", said=look.WRONG, width=90),
                            "device": Column("Device"),
                        },
                        hidden=["Time"],
                        nothing="The venue file names no device here",
                    ),
                    9,
                ),
            ],
        ),
    ],
)
