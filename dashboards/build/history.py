"""What happened to each alert, who acknowledged it and how soon, and what was shelved?"""

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import SITE, Board, Variable
from dashboards.build.graphs import lines
from dashboards.build.query import rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

RULE = Variable("rule", "Rule", 'SHOW TAG VALUES FROM "alert_event" WITH KEY = "rule"')
IN = f'{parts.IN_SITES} AND "rule" =~ /^$rule$/'

BOARD = Board(
    uid="venue-history",
    title="Alert history",
    asks=(__doc__ or "").strip(),
    level="history",
    variables=[SITE, RULE],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (
                    number(
                        "Raised",
                        "Alerts raised in this time range.",
                        rows(
                            f'SELECT sum("n") FROM "alert_event" WHERE $timeFilter AND "change" = \'raised\' AND {IN}'
                        ),
                        unit="locale",
                        nothing="None recorded",
                    ),
                    5,
                ),
                (
                    number(
                        "Time to acknowledge, median",
                        "Half of the alerts were acknowledged sooner. If it grows, there are too many alerts or too few people on call.",
                        rows(
                            f'SELECT median("ack_s") FROM "alert_event" WHERE $timeFilter AND "change" = \'acknowledged\' AND {IN}'
                        ),
                        unit=look.DURATION,
                        bounds=[(300, look.P3)],
                        nothing="None acknowledged",
                    ),
                    6,
                ),
                (
                    number(
                        "Time to acknowledge, 95th percentile",
                        "Five of a hundred alerts waited longer: find them below and ask why.",
                        rows(
                            f'SELECT percentile("ack_s", 95) FROM "alert_event" WHERE $timeFilter AND "change" = \'acknowledged\' AND {IN}'
                        ),
                        unit=look.DURATION,
                        bounds=[(900, look.P3)],
                        nothing="None acknowledged",
                    ),
                    6,
                ),
                (
                    number(
                        "Shelved now",
                        "Out of sight for a while, shelved by a named person or masked. Review them at each change of shift.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("shelved") AS "n" FROM "alert_count" '
                            f'WHERE {parts.NOW} AND {parts.IN_SITES} GROUP BY "site", "zone", "severity")'
                        ),
                        unit="locale",
                    ),
                    4,
                ),
            ],
        ),
        (
            16,
            [
                (
                    listing(
                        "Transitions",
                        "The latest 500 changes of alerts, newest first. For an inquiry, export the journal: it has every name and note.",
                        rows(
                            'SELECT "code", "change", "msg", "zone_name", "actor", "ack_s", "open_s", "alert_id", "rule", "zone" '
                            f'FROM "alert_event" WHERE $timeFilter AND {IN} ORDER BY time DESC LIMIT 500'
                        ),
                        {
                            "Time": Column("When", look.TIME, width=165),
                            "code": Column(
                                "Priority", labels=look.SEVERITY, width=170, link=parts.ALERT
                            ),
                            "change": Column("Change", labels=vocabulary.CHANGE, width=150),
                            "msg": Column("Alert", without="rule"),
                            "actor": Column("By", width=145),
                            "ack_s": Column("Acknowledged after", look.DURATION, width=155),
                            "open_s": Column("Open for", look.DURATION, width=100),
                            "zone_name": Column("Zone", width=165, link=parts.ZONE, without="zone"),
                        },
                        hidden=["alert_id"],
                        sort=[("When", True)],
                        nothing="No changes",
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
                        "Alert changes",
                        "Changes in 10 minutes. If more alerts are raised than closed for long, work is piling up.",
                        series(
                            f'SELECT sum("n") FROM "alert_event" WHERE $timeFilter AND {IN} GROUP BY time(10m), "change" fill(0)',
                            "$tag_change",
                        ),
                        unit="locale",
                        bars=True,
                        totals=True,
                        colors={"raised": look.WHITE},
                        names=vocabulary.CHANGES,
                        nothing="No changes",
                    ),
                    24,
                )
            ],
        ),
    ],
)
