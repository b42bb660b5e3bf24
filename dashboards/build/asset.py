"""Everything about one asset or checklist: what was measured, what was answered, until when is it good?"""

from datetime import timedelta

from dashboards.build import look, parts
from dashboards.build.board import Board, Variable
from dashboards.build.panel import Column, lines, listing, number
from dashboards.build.query import grouped, rows, series

ASSET = Variable(
    "asset", "Asset", 'SHOW TAG VALUES FROM "reading", "certificate" WITH KEY = "asset"'
)
CHECKLIST = Variable(
    "checklist", "Checklist", 'SHOW TAG VALUES FROM "compliance" WITH KEY = "checklist"'
)
OF_CHECKLIST = '"checklist" =~ /^$checklist$/'
OF_ASSET = '"asset" =~ /^$asset$/'

BOARD = Board(
    uid="venue-asset",
    title="Asset and checklist",
    asks=(__doc__ or "").strip(),
    level="detail",
    variables=[CHECKLIST, ASSET],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (
                    number(
                        "Checklist",
                        "What isn't passed has to be done before its zone opens.",
                        rows(
                            f'SELECT last("code") AS "code" FROM "compliance" WHERE {parts.LATELY} AND {OF_CHECKLIST} '
                            'GROUP BY "checklist"'
                        ),
                        said=look.PASSED,
                        many=True,
                    ),
                    21,
                ),
            ],
        ),
        (
            9,
            [
                (
                    lines(
                        "Readings",
                        "What was measured. A line that never moves is a sensor that is stuck; outside its limits an alert says what to do.",
                        series(
                            f'SELECT mean("value") FROM "reading" WHERE $timeFilter AND {OF_ASSET} '
                            'GROUP BY time($__interval), "asset", "quantity", "unit" fill(null)',
                            "$tag_asset $tag_quantity ($tag_unit)",
                        ),
                        unit="short",
                        every="1m",
                        bridge=timedelta(minutes=30),
                        nothing="Nothing was measured",
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
                        "Answers",
                        "The latest 200 answers, inspectors as pseudonyms.",
                        rows(
                            'SELECT "n", "item", "value", "inspection_id", "inspector", "checklist", "result" FROM "inspection" '
                            f"WHERE $timeFilter AND \"step\" = 'item' AND {OF_CHECKLIST} ORDER BY time DESC LIMIT 200"
                        ),
                        {
                            "Time": Column("When", width=180),
                            "checklist": Column("Checklist", width=160),
                            "item": Column("Item"),
                            "result": Column("Result", width=100),
                            "value": Column("Measured", "short", width=100),
                            "inspection_id": Column("Visit", width=140),
                            "inspector": Column("Inspector", width=150),
                        },
                        hidden=["n"],
                        nothing="No answers",
                    ),
                    14,
                ),
                (
                    listing(
                        "Certificates",
                        "Expired or revoked: out of use until renewed.",
                        grouped(
                            "code asset kind left_s",
                            f'SELECT last("code") AS "code", "left_s" FROM "certificate" WHERE {parts.LATELY} AND {OF_ASSET} '
                            'GROUP BY "asset", "kind"',
                        ),
                        {
                            "code": Column("Is", said=look.VALID, width=160),
                            "left_s": Column("Valid for", "s", width=110),
                            "asset": Column("Asset"),
                            "kind": Column("Certificate"),
                        },
                        hidden=["Time"],
                        nothing="No certificate is known",
                    ),
                    10,
                ),
            ],
        ),
    ],
)
