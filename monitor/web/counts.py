"""How many alerts are open, by severity and group, for viewers of any scope."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.web.board_alert import GROUPS, MARKS, Group, group_of
from monitor.web.source import Source
from monitor.web.template import render
from monitor.web.viewer import Viewer

Kind = tuple[str, bool, Severity, Group]
"""Site, whether it is silent, severity and group: alerts of one kind are visible to the same viewers."""


class Counts(Struct, frozen=True, kw_only=True):
    """What a viewer is shown above the board."""

    by_severity: dict[Severity, int]
    """Without the shelved."""
    by_group: dict[Group, int]
    masks: int


def kinds(alerts: Iterable[Alert]) -> Counter[Kind]:
    """Return how many alerts there are of each kind."""
    return Counter((row.site, row.silent, row.severity, group_of(row)) for row in alerts)


def counts_for(viewer: Viewer, found: Counter[Kind], source: Source) -> Counts:
    """Return the counts of what a viewer may see."""
    by_severity: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    by_group = dict.fromkeys(GROUPS, 0)
    for (site, silent, severity, group), n in found.items():
        if viewer.may("view", site) and (not silent or viewer.may("silent", site)):
            by_group[group] += n
            if group is not Group.SHELVED:
                by_severity[severity] += n
    masks = sum(viewer.may("view", row.site) for row in source.state.alerts.masks.values())
    return Counts(by_severity=by_severity, by_group=by_group, masks=masks)


def counters(viewer: Viewer, found: Counter[Kind], source: Source) -> str:
    """Return the counters as HTML."""
    counts = counts_for(viewer, found, source)
    return render("counters.html", viewer.language, counts=counts, marks=MARKS)
