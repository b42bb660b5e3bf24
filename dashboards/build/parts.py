"""Panels that stand on more than one dashboard, and where a click leads."""

from dashboards.build import look
from dashboards.build.panel import Column, Panel, lines, listing, number
from dashboards.build.query import grouped, rows, series


def within(span: str) -> str:
    """Return the condition for the time just past: up to now, since a clock that was set back leaves points ahead."""
    return f"time > now() - {span} AND time <= now()"


NOW = within("25s")
"""Two and a half of the ten seconds in which what changes quickly is written again; always the present."""
LATELY = within("150s")
"""Two and a half of the minutes in which everything else is."""
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
    """Return a link to a dashboard, with all that is chosen, and the time."""
    return title, f"/d/{uid}?${{__all_variables}}&{_RANGE}"


def alive() -> Panel:
    """Whether the monitor lives: without it nothing else on the wall can be believed."""
    return number(
        "Monitor",
        "ALIVE: it watches, and this wall is fed. NO DATA: believe nothing here; go to the venue monitor's machine, "
        "and watch by radio and on foot until it is back.",
        rows(f'SELECT last("alive") FROM "monitor" WHERE {within("30s")}'),
        said=look.ALIVE,
        to=to("venue-health", "Monitor health"),
    )


def open_alerts(where: str, title: str = "Open alerts") -> Panel:
    """Every open alert now, the worst and newest first."""
    return listing(
        title,
        "What is wrong now, always at present whatever time is chosen. From the top: open the alert, say «mine», follow "
        "its procedure. An empty list is good only while «Monitor» says ALIVE.",
        grouped(
            "code msg handling age_s site zone point occurrences owner alert_id",
            'SELECT last("code") AS "code", "msg", "handling", "age_s", "occurrences", "owner", "alert_id" '
            f'FROM "alert_open" WHERE {NOW} AND {where} '
            'GROUP BY "alarm", "site", "zone", "point"',
        ),
        {
            "code": Column("Priority", said=look.SEVERITY, width=150, link=ALERT),
            "msg": Column("What", link=ALERT),
            "handling": Column("Who has it", said=look.HANDLING_WORDS, width=150, link=ALERT),
            "owner": Column("Owner", width=110),
            "age_s": Column("For", "s", width=90),
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
    """How many alerts of one severity are open, or nobody has."""
    code = {"life_safety": 0, "critical": 1, "high": 2, "medium": 3}[severity]
    word, color = look.SEVERITY[code]
    field = "unacknowledged" if unacknowledged else "open"
    title = f"{word}: nobody has it" if unacknowledged else f"{word}: open"
    return number(
        title,
        "Take the oldest first: open alerts, then «mine». NO DATA means that the monitor doesn't report, not that all is well.",
        rows(
            f'SELECT sum("n") FROM (SELECT last("{field}") AS "n" FROM "alert_count" WHERE {NOW} '
            f'AND "severity" = \'{severity}\' AND {where} GROUP BY "site", "zone")'
        ),
        unit="short",
        bounds=[(1, color)],
        to=to("venue-overview", "Open alerts"),
    )


def alerts_over_time(where: str) -> Panel:
    """How many alerts were open when."""
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
        "A line that rises and stays up is work that nobody finishes: look who has it. A gap is time in which nobody watched.",
        *queries,
        unit="short",
        colors=dict(words),
    )


def doors_not_normal(where: str) -> Panel:
    """Doors that are held open, forced, broken or unknown."""
    return listing(
        "Doors that are not normal",
        "Held open: go and close it. Forced: send a patrol and look at the camera. Unknown: its device is silent; look "
        "after the device, and until then after the door.",
        grouped(
            "state site zone point open_s mode",
            'SELECT last("state") AS "state", "open_s", "mode" FROM "door" '
            f'WHERE {LATELY} AND {where} GROUP BY "site", "zone", "point"',
            '"state" >= 2',
        ),
        {
            "state": Column("Door", said=look.DOOR, width=150),
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


def readiness(where: str, title: str = "Ready") -> Panel:
    """Go or no go of each site."""
    return number(
        title,
        "NO GO and UNKNOWN: don't open. Open the site's inspections, see what stands in the way and which agency has to act.",
        rows(
            f'SELECT last("code") AS "code" FROM "readiness" WHERE {LATELY} AND {where} '
            'AND "zone" = \'none\' GROUP BY "site"'
        ),
        said=look.READY,
        many=True,
        to=to("venue-inspections", "Inspections"),
    )


def not_ready(where: str) -> Panel:
    """Zones that are no plain go, the gravest first, and who has to act."""
    return listing(
        "Zones that are not ready",
        "Call the agency that is named. Nothing opens on UNKNOWN or NO GO.",
        grouped(
            "code site zone why lead wrong",
            'SELECT last("code") AS "code", "why", "lead", "wrong" '
            f'FROM "readiness" WHERE {LATELY} AND {where} AND "zone" != \'none\' GROUP BY "site", "zone"',
            '"code" >= 1',
        ),
        {
            "code": Column("Ready", said=look.READY, width=200),
            "why": Column("What stands in the way"),
            "lead": Column("Who has to act", width=150),
            "wrong": Column("Reasons", "short", width=80),
            "site": Column("Site", width=90),
            "zone": Column("Zone", width=150, link=ZONE),
        },
        hidden=["Time"],
        sort=("Ready", True),
        nothing="Every zone is ready",
    )
