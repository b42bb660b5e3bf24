"""The open alerts by rule and key: which is open, whether there is room for another, what remains when one closes."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.core.alert import Alert, Change
from monitor.core.decode import KINDS
from monitor.core.effects import Effects
from monitor.core.phrase import Phrase
from monitor.core.rules.model import Rule
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged
from monitor.core.venue.places import Place, is_known, names_in

if TYPE_CHECKING:
    from monitor.core.venue.model import Venue

MOST_ALERTS = 500
"""Open alerts of one rule; beyond this, a single notice replaces further alerts."""
MOST_UNKNOWN = 100
"""Open alerts of one rule about names that are not in the venue file; judgement: what one person can go through."""
MOST_OF_SHARE = 100
"""Open alerts of one rule about topics of one vendor, or of one kind at one site."""
MOST_SHARES = 50
"""Shares of one rule; beyond these, topics share the limit of the others."""
MOST_NAMES = 1_000
"""Names that one alert about all unknown names of a site counts."""
MANY_COOLING = 1_000
"""The number of keys from which on those whose cooldown is over are deleted."""


class OpenAlerts:
    """The open alerts of a state, indexed.

    Args:
        state: holds the alerts.
        effects: receives each change.

    """

    __slots__ = ("_by_key", "_count", "_effects", "_ids", "_share_of", "_shares", "_state")

    def __init__(self, state: State, effects: Effects) -> None:
        self._state = state
        self._effects = effects
        self._ids: tuple[Venue, frozenset[str]] | None = None
        self._by_key: dict[str, dict[str, str]] = {}
        """By rule and key: the id of its alert."""
        self._count: dict[str, int] = {}
        self._shares: dict[str, Counter[str]] = {}
        """By rule and share: the number of open alerts about its topics."""
        self._share_of: dict[str, str] = {}
        """By alert: its share, which is not that of a venue file that comes into force later."""
        for alert in state.alerts.open.values():
            self._index(alert)

    def find(self, rule: str, key: str) -> Alert | None:
        """Return the open alert of a rule for a key; ``None`` if there is none."""
        found = self.of_rule(rule).get(key)
        return None if found is None else self._state.alerts.open[found]

    def of_rule(self, rule: str) -> Mapping[str, str]:
        """Return the ids of a rule's open alerts by key, always in the same object."""
        return self._by_key.setdefault(rule, {})

    def has(self, rule: str, key: str) -> bool:
        """Return whether an alert of a rule is open for a key."""
        return key in self.of_rule(rule)

    def is_cooling(self, rule: str, key: str, t: datetime) -> bool:
        """Return whether a time is within the cooldown of a rule for a key."""
        return self._state.alerts.cooling.get(f"{rule} {key}", t) > t

    def has_room(self, rule: Rule, key: str, place: Place) -> bool:
        """Return whether a rule may have another open alert.

        Unknown names share a quota. Topics have a share for each vendor, and for each kind at each site, so that one
        that floods the monitor hides no other. The rest has a limit.
        """
        if rule.severity == "life_safety":
            return True
        unknown = len(self._state.alerts.unknown.get(rule.id, ()))
        if place.unknown:
            return unknown < MOST_UNKNOWN
        shares = self._shares.get(rule.id, Counter[str]())
        share = self._share(key)
        if share and (share in shares or len(shares) < MOST_SHARES):
            has_room = shares[share] < MOST_OF_SHARE
        else:
            others = self._count.get(rule.id, 0) - unknown - shares.total()
            has_room = others < MOST_ALERTS
        if has_room:
            return True
        return is_known(self._known_names(), key)

    def count_name(self, rule: str, key: str, name: str) -> None:
        """Count an unknown name for the one alert about all unknown names of a site."""
        names = self._state.alerts.unknown_names.setdefault(f"{rule} {key}", {})
        if len(names) < MOST_NAMES:
            names[name] = None

    def put(
        self,
        change: Change,
        alert: Alert,
        who: str = "",
        note: str | Phrase = "",
        *,
        ended: datetime | None = None,
    ) -> None:
        """Record a change of an alert; forget the alert if it is closed.

        Args:
            change: what has changed.
            alert: the alert after the change.
            who: who changed it; empty: the monitor.
            note: why.
            ended: when the condition ended, from which on the cooldown runs; ``None``: now.

        """
        alerts, now = self._state.alerts, self._state.time.now
        self._effects.emit(AlertChanged(at=now, change=change, alert=alert, who=who, note=note))
        if alert.is_open:
            if alert.id not in alerts.open:
                self._index(alert)
            alerts.open[alert.id] = alert
            return
        del alerts.open[alert.id]
        alerts.kept.pop(alert.id, None)
        alerts.stepped.pop(alert.id, None)
        alerts.unknown.get(alert.rule, {}).pop(alert.id, None)
        alerts.unknown_names.pop(f"{alert.rule} {alert.key}", None)
        del self._by_key[alert.rule][alert.key]
        self._count[alert.rule] -= 1
        if share := self._share_of.pop(alert.id, ""):
            self._shares[alert.rule][share] -= 1
            self._shares[alert.rule] += Counter()  # drops what is 0
        self._cool(alert, now if ended is None else ended)

    def _cool(self, alert: Alert, since: datetime) -> None:
        """Start the cooldown of a rule for one key."""
        state = self._state
        rule = next((row for row in state.rule_set.rules if row.id == alert.rule), None)
        if rule is None or not rule.cooldown:
            return
        if len(state.alerts.cooling) >= MANY_COOLING:
            state.alerts.cooling = {
                row: at for row, at in state.alerts.cooling.items() if at > state.time.watermark
            }
        state.alerts.cooling[f"{alert.rule} {alert.key}"] = since + rule.cooldown

    def _index(self, alert: Alert) -> None:
        self._by_key.setdefault(alert.rule, {})[alert.key] = alert.id
        self._count[alert.rule] = self._count.get(alert.rule, 0) + 1
        if share := self._share(alert.key):
            self._share_of[alert.id] = share
            self._shares.setdefault(alert.rule, Counter())[share] += 1

    def _share(self, key: str) -> str:
        """Return the share of a topic; empty for a key that is no topic."""
        if "/" not in key or " / " in key:
            return ""
        match key.split("/"):
            case ["venue", site, kind, _] if site in self._known_names() and kind in KINDS:
                return f"venue/{site}/{kind}"
            case [first, *_]:
                return first
            case _:
                return ""

    def _known_names(self) -> frozenset[str]:
        """Return the ids in the venue file in force."""
        venue = self._state.rule_set.venue
        if self._ids is None or self._ids[0] is not venue:
            self._ids = venue, names_in(venue)
        return self._ids[1]
