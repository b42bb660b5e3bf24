"""The board of all sites: those with alerts that no one has first, the gravest on top."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from monitor.cluster.site_signs import OpenAlerts, SiteSigns
from monitor.core.rules.model import SEVERITIES
from monitor.web.sites import SiteOnBoard


def of_group(sites: Sequence[SiteSigns], group: str, now: datetime) -> list[SiteOnBoard]:
    """Return the sites of a group, and the group itself, as its console shows them.

    Args:
        sites: all that are known, in any order; those whose reader has never run tell no group.
        group: the id of the deployment.
        now: the present time.

    """
    return [
        SiteOnBoard(
            site=row.site,
            console=sign.console,
            alerts=[(each.severity, each.count) for each in sign.alerts],
            unowned=[(each.severity, each.unowned) for each in sign.alerts if each.unowned],
            troubles=(*row.troubles(now), *sign.troubles),
        )
        for row in sorted(sites, key=_urgency)
        if (sign := row.reader) is not None and group in {sign.group, row.site}
    ]


def write_board(sites: Sequence[SiteSigns], now: datetime) -> Iterator[str]:
    """Yield a line for each site, and below it what is wrong there.

    Args:
        sites: in any order.
        now: the present time.

    """
    width = max((len(row.site) for row in sites), default=0)
    for row in sorted(sites, key=_urgency):
        sign = row.reader
        shown = "unknown" if sign is None else _counted(sign.alerts)
        where = "" if sign is None else f"  {sign.console}"
        yield f"{row.site:{width}}  {shown}{where}".rstrip()
        for trouble in (*row.troubles(now), *(() if sign is None else sign.troubles)):
            yield f"{'':{width}}    {trouble}"


def _counted(alerts: Sequence[OpenAlerts]) -> str:
    found = [
        f"{each.count} {each.severity.replace('_', '-')}"
        + (f" ({each.unowned} unowned)" if each.unowned else "")
        for each in alerts
    ]
    return ", ".join(found) or "no open alerts"


def _urgency(row: SiteSigns) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Order by alerts that no one has, then by all; a site that nobody reads comes first."""
    if row.reader is None:
        return (), (), row.site
    unowned = {each.severity: -each.unowned for each in row.reader.alerts}
    counts = {each.severity: -each.count for each in row.reader.alerts}
    return (
        tuple(unowned.get(severity, 0) for severity in SEVERITIES),
        tuple(counts.get(severity, 0) for severity in SEVERITIES),
        row.site,
    )
