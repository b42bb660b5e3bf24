"""Panels that several dashboards use, and the targets of links."""

from dashboards.build import look
from dashboards.build.panel import Column, Panel, lines, listing, number
from dashboards.build.query import grouped, rows, series


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
ALERT = ("Open the alert", "${ack_base:raw}/alerts/${__data.fields.alert_id:percentencode}")


def to(uid: str, title: str) -> tuple[str, str]:
    """Return a link to a dashboard with the same selection and time range."""
    return title, f"/d/{uid}?${{__all_variables}}&{_RANGE}"


def alive() -> Panel:
    """Whether the monitor is alive; without it, nothing else on a dashboard can be trusted."""
    return number(
        "Monitor",
        "ALIVE: the monitor is running and this dashboard is current. NO DATA: don't trust anything here; go to the "
        "monitor's machine, and monitor by radio and on foot until it is back.",
        rows(f'SELECT last("alive") FROM "monitor" WHERE {within("30s")}'),
        labels=look.ALIVE,
        to=to("venue-health", "Monitor health"),
    )


def open_alerts(where: str, title: str = "Open alerts") -> Panel:
    """The open alerts, the most severe first."""
    return listing(
        title,
        "What is wrong now, whatever time range is selected. From the top: acknowledge the alert and follow its "
        'procedure. An empty list is good only while "Monitor" says ALIVE.',
        grouped(
            "code msg handling age_s site zone point occurrences owner alert_id",
            'SELECT last("code") AS "code", "msg", "handling", "age_s", "occurrences", "owner", "alert_id" '
            f'FROM "alert_open" WHERE {NOW} AND {where} '
            'GROUP BY "alarm", "site", "zone", "point"',
        ),
        {
            "code": Column("Priority", labels=look.SEVERITY, width=150, link=ALERT),
            "msg": Column("Alert", link=ALERT),
            "handling": Column("Handling", labels=look.HANDLING_WORDS, width=175, link=ALERT),
            "owner": Column("Owner", width=110),
            "age_s": Column("Age", "s", width=90),
            "occurrences": Column("Times", "short", width=70),
            "site": Column("Site", width=90),
            "zone": Column("Zone", width=130, link=ZONE),
            "point": Column("Access point", width=150, link=POINT),
        },
        hidden=["Time", "alert_id"],
        sort=("Priority", False),
        nothing="No open alert",
    )


def open_of(severity: str, where: str, *, unacknowledged: bool = False) -> Panel:
    """The number of open, or unacknowledged, alerts of one severity."""
    code = {"life_safety": 0, "critical": 1, "high": 2, "medium": 3}[severity]
    word, color = look.SEVERITY[code]
    field = "unacknowledged" if unacknowledged else "open"
    title = f"{word}: unacknowledged" if unacknowledged else f"{word}: open"
    return number(
        title,
        "Acknowledge the oldest first. NO DATA means that the monitor doesn't report, not that all is well.",
        rows(
            f'SELECT sum("n") FROM (SELECT last("{field}") AS "n" FROM "alert_count" WHERE {NOW} '
            f'AND "severity" = \'{severity}\' AND {where} GROUP BY "site", "zone")'
        ),
        unit="short",
        bounds=[(1, color)],
        to=to("venue-overview", "Open alerts"),
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
        unit="short",
        colors=dict(words),
    )


def doors_not_normal(where: str) -> Panel:
    """Doors that are held open, forced or unknown."""
    return listing(
        "Abnormal doors",
        "Held open: have it closed. Forced: send a patrol and check the camera. Unknown: its device is silent; have the "
        "device repaired, and the door guarded until then.",
        grouped(
            "state site zone point open_s mode",
            'SELECT last("state") AS "state", "open_s", "mode" FROM "door" '
            f'WHERE {LATELY} AND {where} GROUP BY "site", "zone", "point"',
            '"state" >= 2',
        ),
        {
            "state": Column("Door", labels=look.DOOR, width=150),
            "open_s": Column("Open for", "s", width=100),
            "mode": Column("Mode", width=110),
            "site": Column("Site", width=90),
            "zone": Column("Zone", link=ZONE),
            "point": Column("Access point", link=POINT),
        },
        hidden=["Time"],
        sort=("Door", False),
        nothing="All doors are normal",
    )


def readiness(where: str, title: str = "Readiness") -> Panel:
    """The readiness of each site."""
    return number(
        title,
        "NO GO and UNKNOWN: don't open. The dashboard of inspections shows the reasons and which agency has to act.",
        rows(
            f'SELECT last("code") AS "code" FROM "readiness" WHERE {LATELY} AND {where} '
            'AND "zone" = \'none\' GROUP BY "site"'
        ),
        labels=look.READY,
        many=True,
        to=to("venue-inspections", "Inspections"),
    )


def not_ready(where: str) -> Panel:
    """Zones that are not a plain go, the worst first, and who has to act."""
    return listing(
        "Zones not ready",
        "Call the agency that has to act. Nothing opens on UNKNOWN or NO GO.",
        grouped(
            "code site zone why lead wrong",
            'SELECT last("code") AS "code", "why", "lead", "wrong" '
            f'FROM "readiness" WHERE {LATELY} AND {where} AND "zone" != \'none\' GROUP BY "site", "zone"',
            '"code" >= 1',
        ),
        {
            "code": Column("Readiness", labels=look.READY, width=200),
            "why": Column("Reason"),
            "lead": Column("Who has to act", width=150),
            "wrong": Column("Reasons", "short", width=80),
            "site": Column("Site", width=90),
            "zone": Column("Zone", width=150, link=ZONE),
        },
        hidden=["Time"],
        sort=("Readiness", True),
        nothing="Every zone is ready",
    )
