"""May we open: what has passed, what is due, who has to act?"""

from collections.abc import Mapping

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import SITE, ZONE, Board
from dashboards.build.graphs import lines, states
from dashboards.build.query import InfluxQL, counted, grouped, rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

IN = parts.IN_ZONES
CHECKS = (
    'SELECT last("code") AS "code", "ready", "overdue", "due_s", "wrong", "checklist_name", "zone_name", "lead_name" '
    'FROM "compliance" '
    f'WHERE {parts.LATELY} AND {IN} GROUP BY "site", "zone", "checklist", "lead"'
)
SOON = 7200
"""Seconds before the due time, as in the rule `inspection-due-soon`."""


COLUMNS = {
    "code": Column("Status", labels=look.PASSED, width=210, link=parts.CHECKLIST),
    "checklist_name": Column("Checklist"),
    "zone_name": Column("Zone", width=160, link=parts.ZONE),
    "lead_name": Column("Lead", width=175),
    "due_s": Column("Due in", look.DURATION, width=135),
    "wrong": Column("Problems", "locale", width=90),
}
DUE = {
    "checklist_name": Column("Checklist", link=parts.CHECKLIST),
    "lead_name": Column("Lead", width=170),
    "zone_name": Column("Zone", width=130, link=parts.ZONE),
    "due_s": Column("Due in", look.DURATION, width=135),
}


def checks(where: str, shown: Mapping[str, Column] = COLUMNS) -> InfluxQL:
    """Return the query for the columns shown of checklists that meet a condition."""
    return grouped(" ".join((*shown, "checklist", "zone")), CHECKS, where)


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
                (
                    number(
                        "Checklists overdue",
                        "Call the lead agency of each. A checklist that was not repeated in time counts as unknown, and its zone is a no go.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("overdue") AS "n" FROM "compliance" '
                            f'WHERE {parts.LATELY} AND {IN} GROUP BY "site", "zone", "checklist", "lead")'
                        ),
                        unit="locale",
                        bounds=[(1, look.P2)],
                    ),
                    7,
                ),
                (
                    number(
                        "Actions open",
                        "Repairs and upgrades that are not verified. Done is not verified: a second person has to check the work.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("open") AS "n" FROM "action_open" '
                            f'WHERE {parts.LATELY} AND {parts.IN_SITES} GROUP BY "site", "zone", "lead", "severity")'
                        ),
                        unit="locale",
                    ),
                    7,
                ),
                (
                    number(
                        "Actions past due",
                        "Call the lead agency, or the coordinating agencies if it can't act. An open impairment keeps its zone closed.",
                        rows(
                            'SELECT sum("n") FROM (SELECT last("overdue") AS "n" FROM "action_open" '
                            f'WHERE {parts.LATELY} AND {parts.IN_SITES} GROUP BY "site", "zone", "lead", "severity")'
                        ),
                        unit="locale",
                        bounds=[(1, look.P2)],
                    ),
                    7,
                ),
            ],
        ),
        (
            9,
            [
                (parts.readiness(parts.IN_SITES), 7),
                (
                    listing(
                        "Checklists",
                        "The worst first. Everything that isn't grey has to be completed before its zone opens.",
                        checks('"code" >= 0'),
                        COLUMNS,
                        hidden=["Time", "zone", "checklist"],
                        sort=[("Status", True), ("Due in", False)],
                        nothing=look.NO_DATA,
                    ),
                    17,
                ),
            ],
        ),
        (7, [(parts.not_ready(IN), 24)]),
        (
            8,
            [
                (
                    listing(
                        "Overdue",
                        "Call the lead agency now. The zone must not open, or has to close, until the checklist is completed.",
                        checks('"overdue" = 1', DUE),
                        DUE,
                        hidden=["Time", "zone", "checklist"],
                        sort=[("Due in", False)],
                        nothing="Nothing is overdue",
                    ),
                    8,
                ),
                (
                    listing(
                        "Due soon",
                        "Due within two hours. Remind the lead agency.",
                        checks(f'"due_s" >= 0 AND "due_s" <= {SOON} AND "overdue" = 0', DUE),
                        DUE,
                        hidden=["Time", "zone", "checklist"],
                        sort=[("Due in", False)],
                        nothing="Nothing is due within two hours",
                    ),
                    8,
                ),
                (
                    listing(
                        "Open actions by lead",
                        "Repairs that each agency still owes. Past due: call the agency. Not verified: send a person who didn't do the work.",
                        grouped(
                            "lead_name severity open unverified overdue zone_name zone",
                            'SELECT last("open") AS "open", "unverified", "overdue", "lead_name", "zone_name" '
                            f'FROM "action_open" WHERE {parts.LATELY} AND {parts.IN_SITES} GROUP BY "site", "zone", "lead", "severity"',
                            '"open" > 0',
                        ),
                        {
                            "lead_name": Column("Lead"),
                            "severity": Column("Severity", labels=vocabulary.FINDING, width=120),
                            "open": Column("Open", "locale", width=60),
                            "unverified": Column("Not verified", "locale", width=90),
                            "overdue": Column("Past due", "locale", width=70),
                            "zone_name": Column("Zone", width=110, link=parts.ZONE),
                        },
                        hidden=["Time", "zone"],
                        sort=[("Past due", True), ("Open", True)],
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
                            "code asset_name kind_name left_s asset",
                            f'SELECT last("code") AS "code", "left_s", "asset_name", "kind_name" FROM "certificate" WHERE {parts.LATELY} AND {parts.IN_SITES} '
                            'GROUP BY "asset", "kind", "zone"',
                        ),
                        {
                            "code": Column(
                                "Status", labels=look.VALID, width=170, link=parts.ASSET
                            ),
                            "asset_name": Column("Asset"),
                            "kind_name": Column("Certificate", width=140),
                            "left_s": Column("Valid for", look.DURATION, width=130),
                        },
                        hidden=["Time", "asset"],
                        sort=[("Status", True), ("Valid for", False)],
                        nothing="No certificates",
                    ),
                    8,
                ),
                (
                    listing(
                        "Failed twice",
                        "The repair didn't last: don't repeat it, but call the manufacturer or replace the part.",
                        counted(
                            "n zone_name zone",
                            "zone_name",
                            "WHERE $timeFilter AND \"change\" = 'raised' "
                            f"AND \"rule\" = 'item-failed-twice' AND {IN}",
                            "site zone",
                        ),
                        {
                            "n": Column("Times", "locale", width=80),
                            "zone_name": Column("Zone", link=parts.ZONE, without="zone"),
                        },
                        hidden=["Time"],
                        sort=[("Times", True)],
                        nothing="Nothing failed twice",
                    ),
                    6,
                ),
                (
                    lines(
                        "Answers",
                        "Items answered in 10 minutes, by result. No answers although inspections are planned: find out where the inspectors are.",
                        series(
                            'SELECT sum("n") FROM "inspection" WHERE $timeFilter AND "step" = \'item\' '
                            f'AND {IN} GROUP BY time(10m), "result" fill(0)',
                            "$tag_result",
                        ),
                        unit="locale",
                        bars=True,
                        totals=True,
                        colors={"fail": look.P1},
                        names=vocabulary.ANSWERS,
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
