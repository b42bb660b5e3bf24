"""Causes: which open alerts only follow from another one, so that a board can show them as one.

Two conditions cause others. While a *gateway* is down, the devices behind it are silent. A *fire alarm* releases the
doors of its zone, which then are open or unlocked. An alert is folded under such a cause only if nobody can
miss anything by it:

* life safety, silent and shelved alerts follow from nothing, nor what is graver than its cause, nor what somebody has;
* the cause is still active, not shelved, and of the same site, or of none;
* devices: it began at most 10 minutes before that of the gateway; doors: not before that of the fire, and the door is
  one of the fire's zone. A forced door follows from nothing: the controller knows which doors it has released, and
  setting off a fire alarm is an old way to get doors open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal, assert_never

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.rules.model import SEVERITIES, Rule, RuleSet, each

_DOWN = frozenset({"device.offline", "device.silent"})
_FIRE = frozenset({"emergency.fire"})
_RELEASED = frozenset({"door.opened", "door.standing", "door.unlocked"})
_Kind = Literal["down", "alarm", "released"]
BEFORE: Mapping[_Kind, timedelta] = {
    "down": timedelta(minutes=10),
    "alarm": timedelta(0),
    "released": timedelta(0),
}
"""How much earlier than its cause an alert may have begun: devices are missed by their own limits; judgement."""
STEP = 200
"""Alerts that are looked at in one step: half a millisecond."""
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class CauseRules:
    """Tells which alerts follow from which, under one rule set.

    Args:
        rule_set: rules and venue.

    """

    __slots__ = ("_gateways", "_kinds", "_zones")

    def __init__(self, rule_set: RuleSet) -> None:
        kinds = {rule.id: _kind(rule) for rule in rule_set.rules}
        self._kinds = {rule: kind for rule, kind in kinds.items() if kind is not None}
        gateways = {row.id: row.gateway for row in rule_set.venue.devices if row.gateway}
        self._gateways = {device: _above(device, gateways) for device in gateways}
        self._zones = {point.id: (point.zone, point.outer_zone) for point in rule_set.venue.points}
        """The zones on both sides of each access point."""

    def causes(self, alerts: Iterable[Alert]) -> dict[str, str]:
        """Return, for each alert that only follows from another one, the id of that: the first of a chain."""
        found: dict[str, str] = {}
        for _ in self.find(alerts, found):
            pass
        return found

    def find(self, alerts: Iterable[Alert], found: dict[str, str]) -> Iterator[None]:
        """Fill in what `causes` returns, step by step, so that other work may have its turn in between.

        Args:
            alerts: the open alerts, which don't change meanwhile.
            found: by alert, the id of its cause; complete at the end.

        """
        causing: dict[tuple[_Kind, str], Alert] = {}
        following: list[tuple[_Kind, Alert]] = []
        for n, alert in enumerate(alerts):
            if n % STEP == STEP - 1:
                yield
            kind = self._kinds.get(alert.rule)
            if kind is None or not _is_plain(alert):
                continue
            if kind != "released":
                causing[kind, alert.key] = alert
            if alert.handling is Handling.NEW and alert.severity != "life_safety":
                following.append((kind, alert))
        if not causing:
            return
        direct: dict[str, str] = {}
        for n, (kind, alert) in enumerate(following):
            if n % STEP == STEP - 1:
                yield
            if cause := self._cause(kind, alert, causing):
                direct[alert.id] = cause
        yield
        found.update((own, _root(cause, direct)) for own, cause in direct.items())

    def _cause(self, kind: _Kind, alert: Alert, causing: Mapping[tuple[_Kind, str], Alert]) -> str:
        """Return the id of the nearest alert from which this one follows; empty: none."""
        for named in self._above(kind, alert):
            cause = causing.get(named)
            if cause is not None and _follows(alert, cause, BEFORE[kind]):
                return cause.id
        return ""

    def _above(self, kind: _Kind, alert: Alert) -> Sequence[tuple[_Kind, str]]:
        """Return what may have caused an alert, the nearest first."""
        match kind:
            case "down":
                return [("down", name) for name in self._gateways.get(alert.key, ())]
            case "released":
                return [("alarm", zone) for zone in self._zones.get(alert.point, ())]
            case "alarm":
                return ()
            case _:
                assert_never(kind)


def _kind(rule: Rule) -> _Kind | None:
    """Return what the alerts of a rule are about."""
    if rule.match is not None:
        selectors = each(rule.match.of)
    elif rule.hold is not None:
        selectors = each(rule.hold.start)
    else:
        return None
    on = {kind for selector in selectors for kind in selector.on}
    match rule.by:
        case ("device",) if on <= _DOWN:
            return "down"
        case ("zone",) if on <= _FIRE:
            return "alarm"
        case ("point",) if on <= _RELEASED:
            return "released"
        case _:
            return None


def _is_plain(alert: Alert) -> bool:
    """Return whether an alert is active, on the board, and seen by everyone there."""
    return (
        alert.condition is Condition.ACTIVE
        and alert.handling is not Handling.SHELVED
        and not alert.silent
    )


def _follows(alert: Alert, cause: Alert, before: timedelta) -> bool:
    return (
        alert.happened_at >= cause.happened_at - before
        and cause.site in {"", alert.site}
        and _RANK[cause.severity] <= _RANK[alert.severity]
        # Somebody works on it, even if nobody has it.
        and not alert.ticked
    )


def _above(device: str, gateways: Mapping[str, str]) -> Sequence[str]:
    """Return the gateways through which a device sends, the nearest first; none if they form a circle."""
    chain = [device]
    while above := gateways.get(chain[-1], ""):
        if above in chain:
            return ()
        chain.append(above)
    return chain[1:]


def _root(cause: str, direct: Mapping[str, str]) -> str:
    while cause in direct:
        cause = direct[cause]
    return cause
