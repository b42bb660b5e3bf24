"""Everything about one asset or checklist: what was measured, what was answered, until when is it valid?"""

from datetime import timedelta

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import Board, Variable
from dashboards.build.graphs import lines
from dashboards.build.query import grouped, rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

ASSET = Variable(
    "asset",
    "Asset",
    'SHOW TAG VALUES FROM "reading", "certificate" WITH KEY = "asset"',
    many=False,
)
CHECKLIST = Variable(
    "checklist",
    "Checklist",
    'SHOW TAG VALUES FROM "compliance" WITH KEY = "checklist"',
    many=False,
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
                        "A checklist that has not passed must be completed before its zone opens.",
                        rows(
                            f'SELECT last("code") FROM "compliance" WHERE {parts.LATELY} AND {OF_CHECKLIST}'
                        ),
                        labels=look.PASSED,
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
                        "Measured values. A line that never changes means a stuck sensor. Outside the limits, follow the alert.",
                        series(
                            f'SELECT mean("value") FROM "reading" WHERE $timeFilter AND {OF_ASSET} '
                            'GROUP BY time($__interval), "asset", "quantity", "unit" fill(null)',
                            "$tag_quantity $tag_unit",
                        ),
                        unit="none",
                        every="1m",
                        bridge=timedelta(minutes=30),
                        names=vocabulary.MEASURED,
                        nothing="No readings",
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
                        "The latest 200 answers, with inspectors as pseudonyms. Follow up each failure.",
                        rows(
                            'SELECT "n", "item_name", "item", "value", "inspector", "result" FROM "inspection" '
                            f"WHERE $timeFilter AND \"step\" = 'item' AND {OF_CHECKLIST} ORDER BY time DESC LIMIT 200"
                        ),
                        {
                            "Time": Column("When", look.TIME, width=170),
                            "result": Column("Result", labels=vocabulary.ANSWER, width=130),
                            "item_name": Column("Item", without="item"),
                            "value": Column("Value", width=90, decimals=1),
                            "inspector": Column("Inspector", width=160),
                        },
                        hidden=["n"],
                        sort=[("When", True)],
                        nothing="No answers",
                    ),
                    14,
                ),
                (
                    listing(
                        "Certificates",
                        "Expired or revoked: take the asset out of use until its certificate is renewed.",
                        grouped(
                            "code asset_name kind_name left_s",
                            f'SELECT last("code") AS "code", "left_s", "asset_name", "kind_name" FROM "certificate" WHERE {parts.LATELY} AND {OF_ASSET} '
                            'GROUP BY "asset", "kind"',
                        ),
                        {
                            "code": Column("Status", labels=look.VALID, width=160),
                            "left_s": Column("Valid for", look.DURATION, width=130),
                            "asset_name": Column("Asset"),
                            "kind_name": Column("Certificate"),
                        },
                        hidden=["Time"],
                        sort=[("Status", True)],
                        nothing="No certificates",
                    ),
                    10,
                ),
            ],
        ),
    ],
)
