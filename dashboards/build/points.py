"""Which doors and gates need somebody, who is refused and why, and do their devices live?"""

from dashboards.build import look, parts
from dashboards.build.board import POINT, SITE, ZONE, Board
from dashboards.build.panel import Column, lines, listing, states
from dashboards.build.query import grouped, series

IN = parts.IN_ZONES
HERE = f'{IN} AND "point" =~ /^$point$/'
PEAK = 660
"""Persons an hour through one turnstile: the Green Guide's, as it is quoted."""

BOARD = Board(
    uid="venue-points",
    title="Access points",
    asks=(__doc__ or "").strip(),
    level="area",
    variables=[SITE, ZONE, POINT],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (parts.open_of("critical", IN), 4),
                (parts.doors_not_normal(IN), 17),
            ],
        ),
        (
            11,
            [
                (
                    states(
                        "Doors",
                        "Each door over time. Find when it was forced or held open, then open the access point and see who passed.",
                        series(
                            f'SELECT max("state") FROM "door" WHERE $timeFilter AND {HERE} '
                            'GROUP BY time($__interval), "point" fill(null)',
                            "$tag_point",
                        ),
                        look.DOOR,
                    ),
                    24,
                )
            ],
        ),
        (
            8,
            [
                (
                    lines(
                        "Passages",
                        "Passages an hour at each gate and door. Above 660 a turnstile is full (Green Guide): open another one. "
                        "Zero at an open gate: go and see whether it is stuck.",
                        series(
                            f'SELECT mean("per_hour") FROM "flow" WHERE $timeFilter AND {HERE} '
                            'GROUP BY time($__interval), "point" fill(null)',
                            "$tag_point",
                        ),
                        unit="persons/h",
                        bounds=[(PEAK, look.P3)],
                        every="5m",
                    ),
                    12,
                ),
                (
                    lines(
                        "Refused",
                        "Refusals by reason. Many of one reason at one gate: a reader or a list is wrong; call the accreditation "
                        "office. Revoked, lost or stolen: an alert says what to do.",
                        series(
                            'SELECT sum("n") FROM "access" WHERE $timeFilter AND "result" = \'denied\' '
                            f'AND {HERE} GROUP BY time(5m), "reason" fill(0)',
                            "$tag_reason",
                        ),
                        unit="short",
                        bars=True,
                        nothing="Nobody was refused",
                    ),
                    12,
                ),
            ],
        ),
        (
            8,
            [
                (
                    listing(
                        "Forced and held open",
                        "How often in the time shown. The door on top first: have closer, strike and sensor looked at.",
                        grouped(
                            "n point rule zone",
                            'SELECT sum("n") AS "n" FROM "alert_event" WHERE $timeFilter AND "change" = \'raised\' '
                            f'AND "rule" =~ /^door-(forced|opened|held)/ AND {HERE} GROUP BY "zone", "point", "rule"',
                        ),
                        {
                            "n": Column("Alerts", "short", width=80),
                            "zone": Column("Zone", link=parts.ZONE),
                            "point": Column("Access point", link=parts.POINT),
                            "rule": Column("Rule"),
                        },
                        hidden=["Time"],
                        sort=("Alerts", True),
                        nothing="No door was forced or held open",
                    ),
                    8,
                ),
                (
                    listing(
                        "Nuisance ranking",
                        "All alerts of each door in the time shown. What cries wolf is soon ignored: have the first three repaired.",
                        grouped(
                            "n point zone",
                            'SELECT sum("n") AS "n" FROM "alert_event" WHERE $timeFilter AND "change" =~ /^(raised|recurred)$/ '
                            f'AND "point" != \'none\' AND {HERE} GROUP BY "zone", "point"',
                        ),
                        {
                            "n": Column("Alerts", "short", width=80),
                            "zone": Column("Zone", link=parts.ZONE),
                            "point": Column("Access point", link=parts.POINT),
                        },
                        hidden=["Time"],
                        sort=("Alerts", True),
                        nothing="No alert at any door",
                    ),
                    7,
                ),
                (
                    listing(
                        "Devices",
                        "SILENT: nobody knows what happens at this door. Send somebody there, then see to power, network and battery.",
                        grouped(
                            "up device point zone last_seen_s battery tamper",
                            'SELECT last("up") AS "up", "last_seen_s", "battery", "tamper" FROM "device" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "device", "zone", "point"',
                        ),
                        {
                            "up": Column("Device is", said=look.UP, width=110),
                            "last_seen_s": Column("Heard ago", "s", width=100),
                            "battery": Column("Battery", "percent", width=80),
                            "tamper": Column("Tampered", said=look.WRONG, width=90),
                            "device": Column("Device"),
                            "zone": Column("Zone", link=parts.ZONE),
                            "point": Column("Access point", link=parts.POINT),
                        },
                        hidden=["Time"],
                        sort=("Device is", False),
                        nothing=look.NO_DATA,
                    ),
                    9,
                ),
            ],
        ),
    ],
)
