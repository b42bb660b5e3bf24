"""Which alerts of the board only follow from another one, and how many of them a viewer may see."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.alerts.causes import CauseRules
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
        alerts, rule_set = self._source.state.alerts.open, self._source.rule_set
        if self._rules[0] is not rule_set:
            self._rules = rule_set, CauseRules(rule_set)
        of = self._rules[1].causes(alerts.values())
        sites: dict[str, Counter[str]] = {}
        for own, cause in of.items():
            sites.setdefault(cause, Counter())[alerts[own].site] += 1
        return Causes(of=of, sites=sites)

    def begin(self) -> None:
        """Forget what pages showed: none is open."""
        self._shown = {}

    def show(self) -> Causes:
        """Return the causes as they are now, as another page shows them from now on."""
        found = self.now()
        self._shown = {**self._shown, **found.of}
        return found

    def changed(self) -> tuple[Causes, list[str]]:
        """Return the causes as they are now, and the alerts for which pages show others."""
        before, found = self._shown, self.now()
        self._shown = after = found.of
        moved = [own for own in {**before, **after} if before.get(own) != after.get(own)]
        leading = [each[own] for own in moved for each in (before, after) if own in each]
        return found, list(dict.fromkeys((*moved, *leading)))
