"""May we open: what has passed, what is due, who has to act?"""

from grafana_foundation_sdk.models.common import TableColorTextCellOptions
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from dashboards.build import look, parts
from dashboards.build.board import SITE, ZONE, Board
from dashboards.build.panel import Column, lines, listing, number, states
from dashboards.build.query import InfluxQL, grouped, rows, series

IN = parts.IN_ZONES
CHECKS = (
    'SELECT last("code") AS "code", "ready", "overdue", "due_s", "wrong" FROM "compliance" '
    f'WHERE {parts.LATELY} AND {IN} GROUP BY "site", "zone", "checklist", "lead"'
)
SOON = 7200
"""Seconds before the due time, as in the rule `inspection-due-soon`."""


def checks(where: str) -> InfluxQL:
    """Return the query for checklists that meet a condition."""
    return grouped("code checklist zone lead due_s wrong", CHECKS, where)


COLUMNS = {
    "code": Column("Status", labels=look.PASSED, width=180),
    "due_s": Column("Due in", "s", width=110),
    "wrong": Column("Problems", "short", width=90),
    "checklist": Column("Checklist", link=parts.CHECKLIST),
    "lead": Column("Lead", width=140),
    "zone": Column("Zone", width=150, link=parts.ZONE),
}

BOARD = Board(
    uid="venue-inspections",
    title="Inspections and readiness",
    asks=(__doc__ or "").strip(),
    level="area",
    variables=[SITE, ZONE],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (parts.readiness(parts.IN_SITES), 9),
                (
                    number(
                        "Checklists overdue",
                        "Call the lead agency of each. A checklist that was not repeated in time counts as unknown, and its zone is a no go.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("overdue") AS "n" FROM "compliance" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "site", "zone", "checklist", "lead")'
                        ),
                        unit="short",
                        bounds=[(1, look.P2)],
                    ),
                    4,
                ),
                (
                    number(
                        "Actions open",
                        "Repairs and upgrades that are not verified. Done is not verified: a second person has to check the work.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("open") AS "n" FROM "action_open" '
                            f'WHERE {parts.LATELY} AND {parts.IN_SITES} GROUP BY "site", "zone", "lead", "severity")'
                        ),
                        unit="short",
                    ),
                    4,
                ),
                (
                    number(
                        "Actions past due",
                        "Call the lead agency, or the coordinating agencies if it can't act. An open impairment keeps its zone closed.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("overdue") AS "n" FROM "action_open" '
                            f'WHERE {parts.LATELY} AND {parts.IN_SITES} GROUP BY "site", "zone", "lead", "severity")'
                        ),
                        unit="short",
                        bounds=[(1, look.P2)],
                    ),
                    4,
                ),
            ],
        ),
        (
            9,
            [
                (
                    listing(
                        "Compliance matrix",
                        "One row per zone, one column per checklist. Everything that isn't grey has to be completed before the zone opens.",
                        grouped("zone checklist code", CHECKS),
                        {},
                        nothing=look.NO_DATA,
                        transformations=[
                            DataTransformerConfig(
                                id_val="groupingToMatrix",
                                options={
                                    "columnField": "checklist",
                                    "rowField": "zone",
                                    "valueField": "code",
                                    "emptyValue": "empty",
                                },
                            )
                        ],
                    )
                    .mappings(look.words(look.PASSED))
                    .cell_options(TableColorTextCellOptions()),
                    14,
                ),
                (parts.not_ready(IN), 10),
            ],
        ),
        (
            8,
            [
                (
                    listing(
                        "Overdue",
                        "Call the lead agency now. The zone must not open, or has to close, until the checklist is completed.",
                        checks('"overdue" = 1'),
                        COLUMNS,
                        hidden=["Time"],
                        sort=("Due in", False),
                        nothing="Nothing is overdue",
                    ),
                    8,
                ),
                (
                    listing(
                        "Due soon",
                        "Due within two hours. Remind the lead agency.",
                        checks(f'"due_s" >= 0 AND "due_s" <= {SOON} AND "overdue" = 0'),
                        COLUMNS,
                        hidden=["Time"],
                        sort=("Due in", False),
                        nothing="Nothing is due within two hours",
                    ),
                    8,
                ),
                (
                    listing(
                        "Open actions by lead",
                        "Repairs that each agency still owes. Past due: call the agency. Not verified: send a person who didn't do the work.",
                        grouped(
                            "lead zone severity open unverified overdue",
                            'SELECT last("open") AS "open", "unverified", "overdue" '
                            f'FROM "action_open" WHERE {parts.LATELY} AND {parts.IN_SITES} GROUP BY "site", "zone", "lead", "severity"',
                            '"open" > 0',
                        ),
                        {
                            "lead": Column("Lead"),
                            "severity": Column("Severity", width=110),
                            "open": Column("Open", "short", width=70),
                            "unverified": Column("Not verified", "short", width=100),
                            "overdue": Column("Past due", "short", width=80),
                            "zone": Column("Zone", link=parts.ZONE),
                        },
                        hidden=["Time"],
                        sort=("Past due", True),
                        nothing="No open actions",
                    ),
                    8,
                ),
            ],
        ),
        (
            8,
            [
                (
                    listing(
                        "Certificates",
                        "Expired or revoked: take the asset out of use until its certificate is renewed. Expires too early: renew it before the congress.",
                        grouped(
                            "code asset kind zone left_s",
                            f'SELECT last("code") AS "code", "left_s" FROM "certificate" WHERE {parts.LATELY} AND {parts.IN_SITES} '
                            'GROUP BY "asset", "kind", "zone"',
                        ),
                        {
                            "code": Column("Status", labels=look.VALID, width=160),
                            "left_s": Column("Valid for", "s", width=110),
                            "asset": Column("Asset", link=parts.ASSET),
                            "kind": Column("Certificate"),
                            "zone": Column("Zone", link=parts.ZONE),
                        },
                        hidden=["Time"],
                        sort=("Status", True),
                        nothing="No certificates",
                    ),
                    8,
                ),
                (
                    listing(
                        "Failed twice",
                        "The repair didn't last: don't repeat it, but call the manufacturer or replace the part.",
                        grouped(
                            "n site zone",
                            'SELECT sum("n") AS "n" FROM "alert_event" WHERE $timeFilter AND "change" = \'raised\' '
                            f'AND "rule" = \'item-failed-twice\' AND {IN} GROUP BY "site", "zone"',
                        ),
                        {
                            "n": Column("Times", "short", width=80),
                            "site": Column("Site"),
                            "zone": Column("Zone", link=parts.ZONE),
                        },
                        hidden=["Time"],
                        sort=("Times", True),
                        nothing="Nothing failed twice",
                    ),
                    6,
                ),
                (
                    lines(
                        "Answers",
                        "Items answered per hour, by result. No answers although inspections are planned: find out where the inspectors are.",
                        series(
                            'SELECT sum("n") FROM "inspection" WHERE $timeFilter AND "step" = \'item\' '
                            f'AND {IN} GROUP BY time(1h), "result" fill(0)',
                            "$tag_result",
                        ),
                        unit="short",
                        bars=True,
                        nothing="No answers",
                    ),
                    10,
                ),
            ],
        ),
        (
            9,
            [
                (
                    states(
                        "Readiness over time",
                        "When each zone was ready. If an open zone loses its readiness, an alert is raised: act on it first.",
                        series(
                            f'SELECT max("code") FROM "readiness" WHERE $timeFilter AND {IN} AND "zone" != \'none\' '
                            'GROUP BY time($__interval), "zone" fill(null)',
                            "$tag_zone",
                        ),
                        look.READY,
                    ),
                    24,
                )
            ],
        ),
    ],
)
