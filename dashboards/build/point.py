"""Everything about one access point: its state, who passed, who was refused, are its devices online?"""

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import ONE_POINT, SITE, ZONE, Board
from dashboards.build.graphs import lines, states
from dashboards.build.query import rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

IN = f'{parts.IN_SITES} AND "point" =~ /^$point$/'

BOARD = Board(
    uid="venue-point",
    title="Access point",
    asks=(__doc__ or "").strip(),
    level="detail",
    variables=[SITE, ZONE, ONE_POINT],
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
                            f'SELECT max("n") FROM (SELECT last("rank") AS "n" FROM "door" WHERE {parts.LATELY} AND {IN} GROUP BY "point")'
                        ),
                        labels=look.DOOR,
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
                        unit="locale",
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
                        unit="locale",
                    ),
                    6,
                ),
            ],
        ),
        (9, [(parts.open_alerts(IN, "Open alerts here"), 24)]),
        (
            7,
            [
                (
                    states(
                        "Door over time",
                        "When the door was open, held open or forced.",
                        series(
                            f'SELECT max("rank") FROM "door" WHERE $timeFilter AND {IN} '
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
                        unit="locale",
                        strokes={"B": "dash", "C": "dot"},
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
                            'SELECT "n", "subject", "method", "result", "direction", "reason", "holder_class_name", "holder_class" FROM "access" '
                            f"WHERE $timeFilter AND {IN} ORDER BY time DESC LIMIT 200"
                        ),
                        {
                            "Time": Column("When", look.TIME, width=170),
                            "result": Column("Result", labels=vocabulary.ACCESS, width=110),
                            "direction": Column("Direction", labels=vocabulary.DIRECTION, width=90),
                            "reason": Column("Reason", labels=vocabulary.REASON, width=190),
                            "holder_class_name": Column("Class", width=150, without="holder_class"),
                            "subject": Column("Person"),
                            "method": Column("Method", labels=vocabulary.METHOD, width=125),
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
                            'SELECT last("up") AS "up", "last_seen_s", "battery", "tamper", "device_name" FROM "device" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "device"'
                        ),
                        {
                            "up": Column("Status", labels=look.UP, width=110),
                            "last_seen_s": Column("Last seen", look.DURATION, width=120),
                            "battery": Column("Battery", "percent", width=80, decimals=0),
                            "tamper": Column("Tampered", labels=look.WRONG, width=100),
                            "device_name": Column("Device"),
                        },
                        hidden=["Time", "device"],
                        sort=[("Status", False)],
                        nothing="No device belongs to this access point",
                    ),
                    9,
                ),
            ],
        ),
    ],
)
