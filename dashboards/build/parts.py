"""Panels that several dashboards use, and the targets of links."""

from dashboards.build import look, vocabulary
from dashboards.build.graphs import lines
from dashboards.build.panel import Panel
from dashboards.build.query import grouped, rows, series
from dashboards.build.tables import EMPTY, Column, listing
from dashboards.build.tiles import gauges, number


def within(span: str) -> str:
    """Return the condition for the last `span` of time; points ahead of now, left by a clock that was set back, don't count."""
    return f"time > now() - {span} AND time <= now()"


NOW = within("25s")
"""For measurements that are written every ten seconds: the present, whatever time range is selected."""
LATELY = within("150s")
"""For measurements that are written every minute."""
IN_SITES = '"site" =~ /^$site$/'
IN_ZONES = f'{IN_SITES} AND "zone" =~ /^$zone$/'

_RANGE = "${__url_time_range}"
_SITES = "${site:queryparam}"
ZONE = ("Zone", f"/d/venue-zone?var-zone=${{__data.fields.zone:percentencode}}&{_SITES}&{_RANGE}")
POINT = (
    "Access point",
    f"/d/venue-point?var-point=${{__data.fields.point:percentencode}}&{_SITES}&{_RANGE}",
)
CHECKLIST = (
    "Checklist",
    f"/d/venue-asset?var-checklist=${{__data.fields.checklist:percentencode}}&{_RANGE}",
)
ASSET = ("Asset", f"/d/venue-asset?var-asset=${{__data.fields.asset:percentencode}}&{_RANGE}")
CONSOLE = "${ack_base:raw}"
ALERT = ("Open the alert", f"{CONSOLE}/alerts/${{__data.fields.alert_id:percentencode}}")


def to(uid: str, title: str) -> tuple[str, str]:
    """Return a link to a dashboard with the same selection and time range."""
    return title, f"/d/{uid}?${{__all_variables}}&{_RANGE}"


def alive(*, size: int = 0) -> Panel:
    """Whether the monitor is alive; without it, nothing else on a dashboard can be trusted."""
    return number(
        "Monitor",
        "ALIVE: the monitor is running and this dashboard is current. NO DATA: don't trust anything here; go to the "
        "monitor's machine, and monitor by radio and on foot until it is back.",
        rows(f'SELECT last("alive") FROM "monitor" WHERE {within("30s")}'),
        labels=look.ALIVE,
        to=to("venue-health", "Monitor health"),
        size=size,
    )


def open_alerts(where: str, title: str = "Open alerts") -> Panel:
    """The open alerts: the most severe first, then what is still so, then the newest."""
    return listing(
        title,
        "What is wrong now, whatever time range is selected. From the top: click on the priority, take the alert and "
        "follow its procedure. NOW: it is still so; over: it has ended, and somebody has to look.",
        grouped(
            "code condition msg handling age_s site_name zone_name occurrences owner zone alert_id",
            'SELECT last("code") AS "code", "condition", "msg", "handling", "age_s", "site_name", "zone_name", '
            '"occurrences", "owner", "alert_id" '
            f'FROM "alert_open" WHERE {NOW} AND {where} '
            'GROUP BY "alarm", "site", "zone", "point"',
        ),
        {
            "code": Column("Priority", labels=look.SEVERITY, width=175, link=ALERT),
            "condition": Column("Still so", labels=look.STILL_WORDS, width=125),
            "msg": Column("Alert"),
            "handling": Column("Handling", labels=look.HANDLING_WORDS, width=190),
            "age_s": Column("Age", look.DURATION, width=105),
            "site_name": Column("Site", width=115),
            "zone_name": Column("Zone", width=165, link=ZONE),
            "occurrences": Column("Times", "locale", width=70),
            "owner": Column("Owner", width=145),
        },
        hidden=["Time", "zone", "alert_id"],
        sort=[("Priority", False), ("Still so", False), ("Age", False)],
        nothing="No open alert",
        large=True,
    )


def open_of(severity: str, where: str, *, nobodys: bool = False, size: int = 0) -> Panel:
    """The number of alerts of one severity that are still so, or that nobody has taken."""
    code = {"life_safety": 0, "critical": 1, "high": 2, "medium": 3}[severity]
    word, color = look.SEVERITY[code]
    field = "unacknowledged" if nobodys else "active"
    whose = "nobody's" if nobodys else "now"
    # Cut on the wall's narrow tiles, and said in large letters below.
    named = f"P{code}" if size else word
    title = f"{named}: nobody has it" if nobodys else f"{named}: now"
    return number(
        title,
        "A click opens these alerts in the console: take the newest of those that are still so first. NO DATA means that "
        "the monitor doesn't report, not that all is well.",
        rows(
            f'SELECT sum("n") FROM (SELECT last("{field}") AS "n" FROM "alert_count" WHERE {NOW} '
            f'AND "severity" = \'{severity}\' AND {where} GROUP BY "site", "zone")'
        ),
        unit="locale",
        bounds=[(1, color)],
        to=("Open these alerts", f"{CONSOLE}/board?sev={severity}"),
        size=size,
        caption=f"P{code} {whose}" if size else "",
        titled=True,
    )


def alerts_over_time(where: str) -> Panel:
    """The number of open alerts over time."""
    words = [look.SEVERITY[n] for n in range(5)]
    severities = ("life_safety", "critical", "high", "medium", "low")
    queries = [
        series(
            'SELECT sum("n") FROM (SELECT last("open") AS "n" FROM "alert_count" WHERE $timeFilter '
            f"AND \"severity\" = '{severity}' AND {where} "
            'GROUP BY time($__interval), "site", "zone" fill(none)) '
            "WHERE $timeFilter GROUP BY time($__interval) fill(null)",
            alias=word,
            ref=chr(ord("A") + n),
        )
        for n, (severity, (word, _)) in enumerate(zip(severities, words, strict=True))
    ]
    return lines(
        "Open alerts over time",
        "A line that rises and stays up is work that isn't finished: find out who has it. In a gap, nothing was monitored.",
        *queries,
        unit="locale",
        colors=dict(words),
    )


def doors_not_normal(where: str) -> Panel:
    """Doors that are held open, forced or unknown."""
    return listing(
        "Abnormal doors",
        "Held open: have it closed. Forced: send a patrol and check the camera. Unknown: its device is silent; have the "
        "device repaired, and the door guarded until then.",
        grouped(
            "rank point_name zone_name open_s zone point",
            'SELECT last("rank") AS "rank", "point_name", "zone_name", "open_s" FROM "door" '
            f'WHERE {LATELY} AND {where} GROUP BY "site", "zone", "point"',
            '"rank" >= 3',
        ),
        {
            "rank": Column("Door", labels=look.DOOR, width=130, link=POINT),
            "point_name": Column("Access point"),
            "zone_name": Column("Zone", width=130, link=ZONE),
            "open_s": Column("Open for", look.DURATION, {0: (EMPTY, look.GREY)}, width=110),
        },
        hidden=["Time", "zone", "point"],
        sort=[("Door", True), ("Open for", True)],
        nothing="No door is abnormal",
    )


def readiness(where: str, title: str = "Sites") -> Panel:
    """The readiness of each site, the worst first."""
    return listing(
        title,
        "NO GO and UNKNOWN: don't open. The dashboard of inspections shows the reasons and which agency has to act.",
        grouped(
            "code site_name",
            f'SELECT last("code") AS "code", "site_name" FROM "readiness" WHERE {LATELY} AND {where} '
            'AND "zone" = \'none\' GROUP BY "site"',
        ),
        {
            "code": Column("Readiness", labels=look.READY, width=215),
            "site_name": Column("Site"),
        },
        hidden=["Time"],
        sort=[("Readiness", True)],
        nothing=look.NO_DATA,
    )


def not_ready(where: str) -> Panel:
    """Zones that are not a plain go, the worst first, and who has to act."""
    return listing(
        "Zones not ready",
        "Call the agency that has to act. Nothing opens on UNKNOWN or NO GO.",
        grouped(
            "code zone_name why_kind why_name lead_name zone",
            'SELECT last("code") AS "code", "zone_name", "why_kind", "why_name", "lead_name" '
            f'FROM "readiness" WHERE {LATELY} AND {where} AND "zone" != \'none\' GROUP BY "site", "zone"',
            '"code" >= 1',
        ),
        {
            "code": Column("Readiness", labels=look.READY, width=215),
            "zone_name": Column("Zone", width=140, link=ZONE),
            "why_kind": Column("Why", labels=vocabulary.WHY, width=150),
            "why_name": Column("Reason"),
            "lead_name": Column("Who has to act", width=175),
        },
        hidden=["Time", "zone"],
        sort=[("Readiness", True)],
        nothing="Every zone is ready",
    )


def occupancy(where: str, *, limit: int = 25, size: int = 0) -> Panel:
    """How full the zones are, the fullest first."""
    text = f'SELECT last("pct") AS "pct", "zone_name" FROM "occupancy" WHERE {NOW} AND {where} GROUP BY "site", "zone"'
    of = [
        grouped("zone_name pct", text, condition, ref)
        for condition, ref in (
            ('"pct" >= 100', "A"),
            ('"pct" >= 90 AND "pct" < 100', "B"),
            ('"pct" >= 0 AND "pct" < 90', "C"),
        )
    ]
    return gauges(
        "Occupancy",
        "From 90 %, send crowd managers and slow admission; at 100 %, stop admission. A zone without a bar isn't counted: "
        "count the people by hand.",
        [(look.P1, "P1 FULL", of[0]), (look.P2, "P2 NEARLY FULL", of[1]), (look.GREY, "", of[2])],
        by="pct",
        most=100,
        to=to("venue-occupancy", "Occupancy and evacuation"),
        limit=limit,
        size=size,
    )
