"""Links from an alert to Grafana's dashboards, with its time and place carried over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from monitor.core.alert import Alert
from monitor.texts import Language

AROUND = timedelta(hours=1)
"""How long before and after an alert a dashboard shows; judgement."""


def grafana_links(
    base: str, alert: Alert, now: datetime, language: Language
) -> Iterator[tuple[str, str]]:
    """Yield the name and the address of each dashboard about an alert; nothing without Grafana's address.

    Args:
        base: Grafana's address; empty: there is none.
        alert: the alert.
        now: the time; what is later is not there yet, and Grafana goes on with the present.
        language: of the names.

    """
    if not base:
        return
    until = max(alert.last_at, alert.cleared_at or alert.last_at) + AROUND
    span = {
        "from": _milliseconds(alert.happened_at - AROUND),
        "to": _milliseconds(until) if until < now else "now",
    }
    place = {"var-site": alert.site, "var-zone": alert.zone, "var-point": alert.point}
    if alert.point:
        yield language.gettext("Access point"), _address(base, "venue-point", span | place)
    if alert.zone:
        del place["var-point"]
        yield language.gettext("Zone"), _address(base, "venue-zone", span | place)
    about = {"var-site": alert.site, "var-rule": alert.rule}
    yield (
        language.gettext("Earlier alerts of this rule"),
        _address(base, "venue-history", span | about),
    )


def _address(base: str, dashboard: str, values: dict[str, str]) -> str:
    given = {name: value for name, value in values.items() if value}
    return f"{base}/d/{dashboard}?{urlencode(given, quote_via=quote)}"


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
