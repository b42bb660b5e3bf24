"""Can the officers keep up: how many alerts, which rules chatter, which alerts never clear?"""

from dashboards.build import look, parts
from dashboards.build.board import SITE, Board
from dashboards.build.graphs import lines
from dashboards.build.query import counted, grouped, rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

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
                        "Alerts in this time range",
                        "One operator can handle about 150 a day (ISA-18.2 of 2009, EEMUA 191).",
                        rows(f'SELECT sum("n") FROM "alert_event" {RAISED}'),
                        unit="locale",
                        bounds=[(150, look.P4), (300, look.P3)],
                        nothing="None recorded",
                    ),
                    5,
                ),
                (
                    number(
                        "Open for over a day",
                        "Stale: repair the cause, or change the rule. Alerts that are always there are ignored.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("stale") AS "n" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
                        ),
                        unit="locale",
                        bounds=[(1, look.P3)],
                    ),
                    5,
                ),
                (
                    number(
                        "Longest unacknowledged",
                        "The longest that an open alert has waited. Acknowledge that one first.",
                        rows(
                            'SELECT max("age") FROM (SELECT last("oldest_s") AS "age" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
                        ),
                        unit=look.DURATION,
                        bounds=[(300, look.P3), (900, look.P2)],
                    ),
                    6,
                ),
                (
                    number(
                        "Shelved now",
                        "Out of sight for a while, shelved by a named person or masked.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("shelved") AS "n" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone", "severity")'
                        ),
                        unit="locale",
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
                        "Alerts raised in 10 minutes: one can be handled for a whole shift, ten are a flood (EEMUA 191).",
                        series(
                            f'SELECT sum("n") FROM "alert_event" {RAISED} GROUP BY time(10m) fill(0)',
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
        (
            9,
            [
                (
                    listing(
                        "Chattering rules",
                        "Rules by number of alerts. Correct the first three before anything else: their limit, their delay or the device.",
                        counted(
                            "n rule_name severity rule",
                            "rule_name",
                            f'WHERE $timeFilter AND "change" =~ /^(raised|recurred|returned)$/ AND {IN}',
                            "rule severity",
                        ),
                        {
                            "n": Column("Times", "locale", width=90),
                            "rule_name": Column("Rule", without="rule"),
                            "severity": Column("Priority", labels=look.SEVERITY_WORDS, width=165),
                        },
                        hidden=["Time"],
                        sort=[("Times", True)],
                        nothing="None",
                    ),
                    15,
                ),
                (
                    listing(
                        "By priority",
                        "Of 100 alerts, about 5 should be of high, 15 of medium and 80 of low priority (EEMUA 191). If most are high, none is.",
                        counted("code n", "code", RAISED, "severity"),
                        {
                            "code": Column("Priority", labels=look.SEVERITY),
                            "n": Column("Raised", "locale", width=110),
                        },
                        hidden=["Time"],
                        sort=[("Priority", False)],
                        nothing="None",
                    ),
                    9,
                ),
            ],
        ),
        (
            10,
            [
                (
                    listing(
                        "Longest open",
                        "The oldest alerts that are open now. Acknowledge them, or repair their cause.",
                        grouped(
                            "severity age_s msg handling alert_id",
                            'SELECT last("age_s") AS "age_s", "msg", "handling", "alert_id" FROM "alert_open" '
                            f'WHERE {parts.NOW} AND {IN} GROUP BY "alarm", "severity"',
                        ),
                        {
                            "severity": Column(
                                "Priority", labels=look.SEVERITY_WORDS, width=165, link=parts.ALERT
                            ),
                            "age_s": Column("Age", look.DURATION, width=120),
                            "msg": Column("Alert"),
                            "handling": Column("Handling", labels=look.HANDLING_WORDS, width=185),
                        },
                        hidden=["Time", "alert_id"],
                        sort=[("Age", True)],
                        nothing="No open alert",
                    ),
                    24,
                ),
            ],
        ),
    ],
)
