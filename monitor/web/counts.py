"""How many alerts are open, by severity and group, for viewers of any scope."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.web.board_alert import GROUPS, MARKS, Group, group_of
from monitor.web.mask_place import site_of
from monitor.web.source import Source
from monitor.web.template import render
from monitor.web.viewer import Viewer

Kind = tuple[str, bool, Severity, Group]
"""Site, whether it is silent, severity and group: alerts of one kind are visible to the same viewers."""
Owned = tuple[str, bool, str]
"""Site, whether it is silent, and owner."""


class Counts(Struct, frozen=True, kw_only=True):
    """What a viewer is shown above the board."""

    by_severity: dict[Severity, int]
    """Without the shelved."""
    by_group: dict[Group, int]
    masks: int


def kinds(alerts: Iterable[Alert]) -> Counter[Kind]:
    """Return how many alerts there are of each kind."""
    return Counter((row.site, row.silent, row.severity, group_of(row)) for row in alerts)


def owned(alerts: Iterable[Alert]) -> Counter[Owned]:
    """Return how many alerts each person has, without the shelved."""
    return Counter(
        (row.site, row.silent, row.owner)
        for row in alerts
        if row.owner and group_of(row) is not Group.SHELVED
    )


def mine(viewer: Viewer, found: Counter[Owned], source: Source) -> int:
    """Return how many alerts a viewer has, of those that they may see."""
    return sum(
        n
        for (site, silent, owner), n in (found + owned(_paged(viewer, source))).items()
        if owner == viewer.who and _may_see(viewer, site, silent=silent)
    )


def _paged(viewer: Viewer, source: Source) -> list[Alert]:
    """Return the silent alerts that a viewer sees only because they were paged, as if they were not silent."""
    opened = source.state.alerts.open
    return [
        replace(opened[own], silent=False)
        for own in viewer.paged
        if own in opened and viewer.sees(opened[own]) and not viewer.may("silent", opened[own].site)
    ]


def _may_see(viewer: Viewer, site: str, *, silent: bool) -> bool:
    return viewer.may("view", site) and (not silent or viewer.may("silent", site))


def counts_for(viewer: Viewer, found: Counter[Kind], source: Source) -> Counts:
    """Return the counts of what a viewer may see."""
    by_severity: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    by_group = dict.fromkeys(GROUPS, 0)
    for (site, silent, severity, group), n in (found + kinds(_paged(viewer, source))).items():
        if _may_see(viewer, site, silent=silent):
            by_group[group] += n
            if group is not Group.SHELVED:
                by_severity[severity] += n
    masks = sum(
        viewer.may("view", site_of(row, source.rule_set))
        for row in source.state.alerts.masks.values()
    )
    return Counts(by_severity=by_severity, by_group=by_group, masks=masks)


def counters(viewer: Viewer, found: Counter[Kind], source: Source, *, own: int) -> str:
    """Return the counters as HTML, the same for everyone with this scope and as many alerts of their own."""
    counts = counts_for(viewer, found, source)
    return render("counters.html", viewer.language, counts=counts, own=own, marks=MARKS)
