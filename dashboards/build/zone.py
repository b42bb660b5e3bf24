"""Everything about one zone: how full is it, may it open, what is wrong with its doors and checklists?"""

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import ONE_ZONE, SITE, Board
from dashboards.build.graphs import lines, states
from dashboards.build.inspections import COLUMNS, checks
from dashboards.build.query import grouped, rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

IN = parts.IN_ZONES
UNCOUNTED: look.Labels = {-1: ("not counted", look.GREY)}


def latest(field: str, measurement: str, within: str) -> str:
    """Return the query for the worst latest value in the selected zones."""
    return (
        f'SELECT max("v") FROM (SELECT last("{field}") AS "v" FROM "{measurement}" '
        f'WHERE {within} AND {IN} GROUP BY "site", "zone")'
    )


def known(field: str) -> str:
    """Return the query for a value of the selected zone, -1 while the monitor doesn't know it, and nothing while it is silent."""
    return (
        'SELECT max("v") FROM '
        f'(SELECT last("{field}") AS "v" FROM "occupancy" WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone"), '
        '(SELECT last("counted") * 0 - 1 AS "v" FROM "occupancy" '
        f'WHERE {parts.NOW} AND {IN} GROUP BY "site", "zone")'
    )


BOARD = Board(
    uid="venue-zone",
    title="Zone",
    asks=(__doc__ or "").strip(),
    level="detail",
    variables=[SITE, ONE_ZONE],
    rows=[
        (
            4,
            [
                (parts.alive(), 3),
                (
                    number(
                        "Readiness",
                        "The reasons, and who has to act, are listed below.",
                        rows(latest("code", "readiness", parts.LATELY)),
                        labels=look.READY,
                    ),
                    6,
                ),
                (
                    number(
                        "Admission",
                        "Open but not ready: stop admission, then call the lead agency.",
                        rows(known("admission")),
                        labels={-1: ("unknown", look.GREY), **look.ADMISSION},
                    ),
                    4,
                ),
                (
                    number(
                        "People inside",
                        "From its counters, or from the passages at its doors.",
                        rows(known("count")),
                        unit="locale",
                        labels=UNCOUNTED,
                    ),
                    4,
                ),
                (
                    number(
                        "Full",
                        "From 90 %, slow admission; at 100 %, stop it.",
                        rows(known("pct")),
                        unit="percent",
                        labels=UNCOUNTED,
                        bounds=[(90, look.P2), (100, look.P1)],
                    ),
                    4,
                ),
                (parts.open_of("critical", IN), 3),
            ],
        ),
        (8, [(parts.open_alerts(IN, "Open alerts here"), 24)]),
        (
            8,
            [
                (
                    lines(
                        "People and capacity",
                        "At capacity, stop admission.",
                        series(
                            f'SELECT max("count") FROM "occupancy" WHERE $timeFilter AND {IN} '
                            'GROUP BY time($__interval), "zone" fill(null)',
                            "inside",
                        ),
                        series(
                            f'SELECT last("capacity") FROM "occupancy" WHERE $timeFilter AND {IN} '
                            'GROUP BY time($__interval), "zone" fill(null)',
                            "capacity",
                            "B",
                        ),
                        unit="locale",
                        strokes={"B": "dash"},
                    ),
                    12,
                ),
                (parts.not_ready(IN), 12),
            ],
        ),
        (
            8,
            [
                (
                    states(
                        "Doors",
                        "Each door over time. Open its access point to see who passed.",
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
                    listing(
                        "Checklists",
                        "Checklists that have not passed must be completed before the zone opens.",
                        checks('"code" >= 0'),
                        COLUMNS,
                        hidden=["Time", "zone", "checklist"],
                        sort=[("Status", True), ("Due in", False)],
                        nothing="No checklist is required here",
                    ),
                    12,
                ),
            ],
        ),
        (
            6,
            [
                (
                    listing(
                        "Masks",
                        "Alerts that are expected and out of sight, for how long, and who is responsible. End masks that are no longer needed.",
                        grouped(
                            "rule_name kind point_name left_s owner",
                            f'SELECT last("left_s") AS "left_s", "owner", "rule_name", "point_name" FROM "mask" WHERE {parts.LATELY} AND {IN} '
                            'GROUP BY "rule", "kind", "zone", "point"',
                        ),
                        {
                            "left_s": Column("Remaining", look.DURATION, width=110),
                            "owner": Column("Owner", width=150),
                            "rule_name": Column("Rule"),
                            "kind": Column("Why", labels=vocabulary.MASK, width=220),
                            "point_name": Column("Access point"),
                        },
                        hidden=["Time"],
                        nothing="No masks",
                    ),
                    24,
                )
            ],
        ),
    ],
)
