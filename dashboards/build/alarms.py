"""Can the officers follow: how many alerts, which ones chatter, which ones stand for ever?"""

from dashboards.build import look, parts
from dashboards.build.board import SITE, Board
from dashboards.build.panel import Column, lines, listing, number
from dashboards.build.query import grouped, rows, series

IN = parts.IN_SITES
RAISED = f"WHERE $timeFilter AND \"change\" = 'raised' AND {IN}"

BOARD = Board(
    uid="venue-alarms",
    title="Alarm system performance",
    asks=(__doc__ or "").strip(),
    level="history",
    variables=[SITE],
    since="now-24h",
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (
                    number(
                        "Alerts in the time shown",
                        "About 150 a day is what one desk can follow (ISA-18.2 of 2009, EEMUA 191).",
                        rows(f'SELECT sum("n") FROM "alert_event" {RAISED}'),
                        unit="short",
                        bounds=[(150, look.P4), (300, look.P3)],
                        nothing="None",
                    ),
                    5,
                ),
                (
                    number(
                        "Open for more than a day",
                        "Stale: repair it, or change the rule. What always stands is seen by nobody.",
                        rows(
                            'SELECT count("age_s") FROM (SELECT last("age_s") AS "age_s" FROM "alert_open" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "alarm") WHERE "age_s" > 86400'
                        ),
                        unit="short",
                        bounds=[(1, look.P3)],
                        nothing="None",
                    ),
                    5,
                ),
                (
                    number(
                        "Nobody has it, oldest",
                        "The longest wait now. Take that one.",
                        rows(
                            'SELECT max("age") FROM (SELECT last("oldest_s") AS "age" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
                        ),
                        unit="s",
                        bounds=[(300, look.P3), (900, look.P2)],
                    ),
                    6,
                ),
                (
                    number(
                        "Shelved now",
                        "Out of sight for a while, by a named person or a mask.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("shelved") AS "n" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
                        ),
                        unit="short",
                    ),
                    5,
                ),
            ],
        ),
        (
            9,
            [
                (
                    lines(
                        "Alarm rate",
                        "Alerts raised in 10 minutes: one can be followed for a whole shift, ten is a flood (EEMUA 191).",
                        series(
                            f'SELECT sum("n") FROM "alert_event" {RAISED} GROUP BY time(10m) fill(0)',
                            "raised in 10 min",
                        ),
                        unit="short",
                        bounds=[(1, look.P4), (10, look.P2)],
                        bars=True,
                        nothing="None",
                    ),
                    24,
                )
            ],
        ),
        (
            10,
            [
                (
                    listing(
                        "Chattering",
                        "Rules by how often they spoke. Put the first three right before anything else: limit, delay or device.",
                        grouped(
                            "n rule severity",
                            'SELECT sum("n") AS "n" FROM "alert_event" WHERE $timeFilter '
                            f'AND "change" =~ /^(raised|recurred|returned)$/ AND {IN} GROUP BY "rule", "severity"',
                        ),
                        {
                            "n": Column("Times", "short", width=90),
                            "rule": Column("Rule"),
                            "severity": Column("Priority", said=look.SEVERITY_WORDS, width=150),
                        },
                        hidden=["Time"],
                        sort=("Times", True),
                        nothing="None",
                    ),
                    9,
                ),
                (
                    listing(
                        "By priority",
                        "About 5 of 100 should be grave, 15 in between, 80 slight (EEMUA 191). If most are grave, none is.",
                        rows(
                            f'SELECT sum("n") AS "n" FROM "alert_event" {RAISED} GROUP BY "severity"'
                        ),
                        {
                            "n": Column("Raised", "short", width=90),
                            "severity": Column("Priority", said=look.SEVERITY_WORDS),
                        },
                        hidden=["Time"],
                        sort=("Raised", True),
                        nothing="None",
                    ),
                    6,
                ),
                (
                    listing(
                        "Longest open",
                        "The oldest that are open now.",
                        grouped(
                            "age_s severity msg handling alert_id",
                            'SELECT last("age_s") AS "age_s", "msg", "handling", "alert_id" FROM "alert_open" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "alarm", "severity"',
                        ),
                        {
                            "age_s": Column("For", "s", width=100),
                            "msg": Column("What", link=parts.ALERT),
                            "handling": Column("Who has it", said=look.HANDLING_WORDS, width=150),
                            "severity": Column("Priority", said=look.SEVERITY_WORDS, width=130),
                        },
                        hidden=["Time", "alert_id"],
                        sort=("For", True),
                        nothing="No open alert",
                    ),
                    9,
                ),
            ],
        ),
    ],
)
