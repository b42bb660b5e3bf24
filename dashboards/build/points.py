"""Which doors and gates need attention, who is refused and why, are their devices online?"""

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import POINT, SITE, ZONE, Board
from dashboards.build.graphs import lines, states
from dashboards.build.panel import UNIT
from dashboards.build.query import counted, grouped, series
from dashboards.build.tables import Column, listing

IN = parts.IN_ZONES
HERE = f'{IN} AND "point" =~ /^$point$/'
PEAK = 660
"""People per hour through one turnstile: from the Green Guide, as quoted elsewhere."""

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
                (parts.open_of("life_safety", IN), 5),
                (parts.open_of("critical", IN, nobodys=True), 5),
                (parts.open_of("critical", IN), 5),
                (parts.open_of("high", IN), 6),
            ],
        ),
        (9, [(parts.doors_not_normal(IN), 24)]),
        (
            16,
            [
                (
                    states(
                        "Doors",
                        "Each door over time. Find when it was forced or held open, then open its access point to see who passed.",
                        series(
                            f'SELECT max("rank") FROM "door" WHERE $timeFilter AND {HERE} '
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
                        "Passages per hour at each gate and door. A turnstile is at its limit at 660 (Green Guide): open another one. "
                        "Zero at an open gate: have it checked, it may be stuck.",
                        series(
                            f'SELECT mean("per_hour") FROM "flow" WHERE $timeFilter AND {HERE} '
                            'GROUP BY time($__interval), "point" fill(null)',
                            "$tag_point",
                        ),
                        unit=f"{UNIT}persons/h",
                        bounds=[(PEAK, look.P3)],
                        limits=f"P3 from {PEAK}",
                        every="5m",
                    ),
                    12,
                ),
                (
                    lines(
                        "Refused",
                        "Refusals by reason. Many with one reason at one gate: a reader or a list is wrong; call the accreditation "
                        "office. Revoked, lost or stolen: follow the alert.",
                        series(
                            'SELECT sum("n") FROM "access" WHERE $timeFilter AND "result" = \'denied\' '
                            f'AND {HERE} GROUP BY time(5m), "reason" fill(0)',
                            "$tag_reason",
                        ),
                        unit="locale",
                        bars=True,
                        totals=True,
                        names=vocabulary.REASONS,
                        nothing="No refusals",
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
                        "Doors forced or held open",
                        "Alerts in this time range. Start with the first door: have its closer, strike and sensor checked.",
                        counted(
                            "n point_name rule_name rule point",
                            "point_name rule_name",
                            "WHERE $timeFilter AND \"change\" = 'raised' "
                            f'AND "rule" =~ /^door-(forced|opened|held)/ AND {HERE}',
                            "zone point rule",
                        ),
                        {
                            "n": Column("Alerts", "locale", width=105),
                            "point_name": Column(
                                "Access point", width=185, link=parts.POINT, without="point"
                            ),
                            "rule_name": Column("Rule", without="rule"),
                        },
                        hidden=["Time"],
                        sort=[("Alerts", True)],
                        nothing="No door was forced or held open",
                    ),
                    9,
                ),
                (
                    listing(
                        "Nuisance ranking",
                        "All alerts of each door in this time range. Frequent alerts are soon ignored: have the first three doors repaired.",
                        counted(
                            "n point_name zone_name point zone",
                            "point_name zone_name",
                            'WHERE $timeFilter AND "change" =~ /^(raised|recurred)$/ '
                            f"AND \"point\" != 'none' AND {HERE}",
                            "zone point",
                        ),
                        {
                            "n": Column("Alerts", "locale", width=105),
                            "point_name": Column("Access point", link=parts.POINT, without="point"),
                            "zone_name": Column("Zone", width=170, link=parts.ZONE, without="zone"),
                        },
                        hidden=["Time"],
                        sort=[("Alerts", True)],
                        nothing="No alerts at doors",
                    ),
                    7,
                ),
                (
                    listing(
                        "Devices",
                        "SILENT: the door isn't monitored. Send a guard there, then have power, network and battery checked.",
                        grouped(
                            "up device_name last_seen_s battery tamper zone",
                            'SELECT last("up") AS "up", "device_name", "last_seen_s", "battery", "tamper" FROM "device" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "device", "zone", "point"',
                        ),
                        {
                            "up": Column("Status", labels=look.UP, width=110),
                            "last_seen_s": Column("Last seen", look.DURATION, width=110),
                            "battery": Column("Battery", "percent", width=75, decimals=0),
                            "tamper": Column("Tampered", labels=look.WRONG, width=100),
                            "device_name": Column("Device"),
                        },
                        hidden=["Time", "zone"],
                        sort=[("Status", False), ("Last seen", True)],
                        nothing=look.NO_DATA,
                    ),
                    8,
                ),
            ],
        ),
    ],
)
