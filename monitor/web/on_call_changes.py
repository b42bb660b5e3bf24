"""Whether who is on call, or what the viewer is paged for, has changed since a page of it was read."""

from collections.abc import Sequence

from monitor.core.alert import Alert
from monitor.core.ids import derived_id
from monitor.core.roster import NO_ROSTER
from monitor.core.rules.model import SEVERITIES
from monitor.web.shift_words import roster_of, stretches
from monitor.web.source import Source
from monitor.web.template import render
from monitor.web.viewer import Viewer


def paged_alerts(source: Source, viewer: Viewer, who: str) -> Sequence[Alert]:
    """Return the alerts for which somebody is paged and which nobody has, gravest first."""
    escalations, opened = source.state.paging.escalations, source.state.alerts.open
    found = [
        opened[own] for own, row in escalations.items() if who in row.notified and own in opened
    ]
    found.sort(key=lambda alert: (SEVERITIES.index(alert.severity), alert.happened_at))
    return [alert for alert in found if alert.needs_owner and viewer.sees(alert)]


class OnCallChanges:
    """Stands for what a page of on-call shows, so that the page learns when it is old.

    Args:
        source: the running monitor.

    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._roster, self._digest = NO_ROSTER, ""

    def follows(self, viewer: Viewer) -> str:
        """Return what a page that is rendered now follows: for whom, what it shows, until and as of when it holds."""
        source, now = self._source, self._source.now()
        ends = [stretches(source, team.id)[0].ends for team in roster_of(source).teams]
        until = int(min(ends, default=now).timestamp()) if ends else 0
        clock = f"{now.astimezone(source.writer.names.timezone):%H.%M.%S}"
        return f"oncall/{viewer.who}/{self._shown(viewer, viewer.who)}/{until}/{clock}"

    def part(self, viewer: Viewer, follows: str) -> str:
        """Return that the page has changed and a link to it as it is now, as HTML; empty: it is still true."""
        who, _, rest = follows.partition("/")
        shown, _, rest = rest.partition("/")
        until, _, clock = rest.partition("/")
        ends = int(until[:12]) if until.isdecimal() else 0
        is_over = ends and self._source.now().timestamp() >= ends
        if shown == self._shown(viewer, who) and not is_over:
            return ""
        return render("on_call_changed.html", viewer.language, clock=clock[:8].replace(".", ":"))

    def _shown(self, viewer: Viewer, who: str) -> str:
        source = self._source
        roster = roster_of(source)
        if roster is not self._roster:
            self._roster, self._digest = roster, derived_id(repr(roster))
        paged = [alert.id for alert in paged_alerts(source, viewer, who)]
        return derived_id(self._digest, repr(source.state.paging.overrides), *paged)
