"""Which alerts of the board only follow from another one, and how many of them a viewer may see."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.alerts.causes import CauseRules
from monitor.web.pace import Pace
from monitor.web.source import Source
from monitor.web.viewer import Viewer


class Causes(Struct, frozen=True, kw_only=True):
    """The causes among the open alerts."""

    of: Mapping[str, str] = {}
    """By alert: the id of the one from which it follows, which whoever sees the alert sees, too."""
    sites: Mapping[str, Counter[str]] = {}
    """By cause: the sites of what follows from it, and how many alerts each has."""

    def following(self, alert: Alert, viewer: Viewer) -> int:
        """Return how many alerts follow from one, of those that a viewer may see."""
        sites = self.sites.get(alert.id)
        if sites is None:
            return 0
        return sum(n for site, n in sites.items() if viewer.may("view", site))

    def cause(self, alert: Alert, viewer: Viewer) -> str:
        """Return the id of an alert's cause: its own if others follow from it, empty if there is none."""
        return self.of.get(alert.id) or (alert.id if self.following(alert, viewer) else "")


class OpenCauses:
    """Finds the causes among the alerts that are open.

    Args:
        source: the running monitor.

    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._shown: Mapping[str, str] = {}
        """By alert: its cause, as open pages may show it."""
        self._rules = source.rule_set, CauseRules(source.rule_set)

    def now(self) -> Causes:
        """Return the causes as they are now."""
        alerts = self._source.state.alerts.open
        return _causes(self._cause_rules().causes(alerts.values()), alerts)

    def begin(self) -> None:
        """Forget what pages showed: none is open."""
        self._shown = {}

    def show(self) -> Causes:
        """Return the causes as they are now, as another page shows them from now on."""
        found = self.now()
        self._shown = {**self._shown, **found.of}
        return found

    async def changed(self, pace: Pace) -> tuple[Causes, list[str]]:
        """Return the causes as they were when it began, and the alerts for which pages show others."""
        alerts = dict(self._source.state.alerts.open)
        of: dict[str, str] = {}
        for _ in self._cause_rules().find(alerts.values(), of):
            await pace.step()
        await pace.step()
        found = _causes(of, alerts)
        await pace.step()
        # Pages that were read meanwhile count, too: what they show and is newer comes again a second later.
        before, self._shown = self._shown, of
        moved = [own for own in {**before, **of} if before.get(own) != of.get(own)]
        leading = [each[own] for own in moved for each in (before, of) if own in each]
        return found, list(dict.fromkeys((*moved, *leading)))

    def _cause_rules(self) -> CauseRules:
        rule_set = self._source.rule_set
        if self._rules[0] is not rule_set:
            self._rules = rule_set, CauseRules(rule_set)
        return self._rules[1]


def _causes(of: Mapping[str, str], alerts: Mapping[str, Alert]) -> Causes:
    sites: dict[str, Counter[str]] = {}
    for own, cause in of.items():
        sites.setdefault(cause, Counter())[alerts[own].site] += 1
    return Causes(of=of, sites=sites)
