"""The alert desk: opens, counts, clears and hands on alerts, and writes down each change."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from msgspec.structs import replace

from monitor.core.alert import TABLE, Act, Alert, Change, Condition, Handling
from monitor.core.compile.compiled_rules import Runner
from monitor.core.events import AnyEvent, kind_of
from monitor.core.events.commands import (
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffShelve,
    StaffUnshelve,
)
from monitor.core.operators.protocol import End, Fire
from monitor.core.rules.computed import of_kind
from monitor.core.rules.model import Rule
from monitor.core.state.state import State, Timer
from monitor.core.transitions import AlertChanged, Mask, StaffRefused, Transition
from monitor.core.utc import utc
from monitor.core.venue.places import Place

LONGEST_SHELVING = timedelta(hours=24)
"""A shift and its relief; judgement."""
MOST_ALERTS = 500
"""Open alerts of one rule; what is worse than that is one message, not five hundred."""
MANY_COOLING = 1_000
"""From so many keys on, those that have cooled are looked for and forgotten."""


class AlertDesk:
    """Keeps the open alerts of a state, and collects the transitions of the present input."""

    __slots__ = ("_by_key", "_open_of", "late_after", "state", "transitions")

    def __init__(self, state: State, late_after: timedelta) -> None:
        self.state = state
        self.late_after = late_after
        self.transitions: list[Transition] = []
        self._by_key: dict[tuple[str, str], str] = {}
        self._open_of: dict[str, int] = {}
        for alert in state.alerts.values():
            self._index(alert)

    def fire(self, runner: Runner, key: str, fire: Fire, place: Place) -> bool:
        """Raise an alert, or count one more occurrence. Return false if the rule has too many open alerts already."""
        rule = runner.rule
        open_id = self._by_key.get((rule.id, key))
        if open_id is not None:
            self.state.kept.pop(open_id, None)
            self._again(self.state.alerts[open_id], runner, fire, place)
            return True
        if self.state.cooling.get(f"{rule.id} {key}", fire.t) > fire.t:
            return True
        if self._open_of.get(rule.id, 0) >= MOST_ALERTS and rule.severity != "life_safety":
            return False
        values = _values(runner, fire, place)
        now = self.state.now
        alert = Alert(
            id=_alert_id(rule.id, key, fire.t),
            rule=rule.id,
            key=key,
            title=rule.title.format_map(values),
            severity=rule.severity,
            do=rule.do,
            site=place.site,
            zone=getattr(fire.event, "zone", "") or place.zone,
            point=place.point,
            **_agencies(self.state, fire.event, place),
            values=values,
            silent=rule.silent,
            latched=runner.operator.latched,
            late=now - fire.t > self.late_after,
            happened_at=fire.t,
            raised_at=now,
            last_at=fire.t,
        )
        mask = self.mask_of(alert, fire.t)
        self._put(Change.RAISED, alert if mask is None else _hidden(alert, mask))
        return True

    def mask_of(self, alert: Alert, t: datetime) -> Mask | None:
        """Return the mask that hides an alert at a time, of several the one that lasts longest."""
        masks = [row for row in self.state.masks.values() if row.until > t and row.hides(alert)]
        return max(masks, key=lambda row: (row.until, row.id), default=None)

    def hide(self, alert: Alert, mask: Mask) -> None:
        """Shelve an open alert, or shelve it for another time, as a mask says."""
        self._put(Change.SHELVED, _hidden(alert, mask), mask.owner, mask.reason)

    def has(self, rule: str, key: str) -> bool:
        """Tell whether an alert of a rule is open for a key."""
        return (rule, key) in self._by_key

    def end(self, rule: Rule, key: str, end: End) -> Timer | None:
        """The condition of an alert is over. Return what ends the alert later, if its rule keeps it for a while."""
        alert = self._open(rule.id, key)
        if alert is None or alert.condition is Condition.CLEARED:
            return None
        if end.later_stays and end.t <= alert.last_at:
            return None
        if rule.keep_firing_for:
            until = self.state.kept[alert.id] = end.t + rule.keep_firing_for
            return Timer(until, "keep", alert.id)
        self._clear(alert, end.t)
        return None

    def let_go(self, alert_id: str, until: datetime) -> None:
        """The time for which an alert was kept has run out."""
        alert = self.state.alerts.get(alert_id)
        if self.state.kept.get(alert_id) == until and alert is not None:
            del self.state.kept[alert_id]
            self._clear(alert, until)

    def _clear(self, alert: Alert, t: datetime) -> None:
        waits = alert.severity == "life_safety"
        act = Act.CLEAR if waits else Act.END
        cleared = self._moved(alert, act, cleared_at=t)
        self._put(Change.CLEARED, cleared, ended=t)

    def withdraw(self, alert: Alert, why: str) -> None:
        """Close an alert that nothing can end any more."""
        self._put(Change.CLOSED, self._moved(alert, Act.WITHDRAW, note=why), note=why)

    def unshelve(
        self, alert_id: str, until: datetime, who: str = "", note: str = "the time has run out"
    ) -> None:
        """The time of a shelving has run out, or what it was for is over."""
        alert = self.state.alerts.get(alert_id)
        if (
            alert is not None
            and alert.handling is Handling.SHELVED
            and alert.shelved_until == until
        ):
            back = self._moved(alert, Act.UNSHELVE, shelved_until=None)
            self._put(Change.UNSHELVED, back, who, note)

    def lapse(self, alert: Alert) -> None:
        """The time of an acknowledgement has run out, and it is still so: nobody has it any more."""
        note = f"{alert.owner} had it; that has run out"
        lapsed = self._moved(alert, Act.LAPSE, owner="", note=note)
        self._put(Change.LAPSED, lapsed, alert.owner, note)

    def order(self, said: Staff) -> datetime | None:
        """Do what staff say, or say why not. Return when a shelving ends, if one began."""
        alert = self.state.alerts.get(said.alert)
        act = _ACTS[type(said)]
        reason = "no open alert has this id" if alert is None else self._objection(alert, said)
        if alert is None or reason:
            refused = StaffRefused(
                at=self.state.now, who=said.who, act=act, alert=said.alert, reason=reason
            )
            self.transitions.append(refused)
            return None
        note = said.note
        match said:
            case StaffAcknowledge():
                changed = self._moved(alert, act, owner=said.who, note=note)
                self._put(Change.ACKNOWLEDGED, changed, said.who, note)
            case StaffShelve(reason=note):
                until = utc(said.until)
                changed = self._moved(alert, act, owner=said.who, note=note, shelved_until=until)
                self._put(Change.SHELVED, changed, said.who, note)
                return until
            case StaffUnshelve():
                changed = self._moved(alert, act, shelved_until=None)
                self._put(Change.UNSHELVED, changed, said.who, note)
            case StaffClose():
                changed = self._moved(alert, act, note=note)
                self._put(Change.CLOSED, changed, said.who, note)
        return None

    def _objection(self, alert: Alert, said: Staff) -> str:
        if _ACTS[type(said)] not in TABLE[alert.standing]:
            return f"it is {alert.condition} and {alert.handling}"
        match said:
            case StaffAcknowledge(who=who) if (
                alert.owner == who and alert.handling is Handling.ACKNOWLEDGED
            ):
                return "it is yours already"
            case StaffShelve() if alert.severity == "life_safety":
                return "life safety can't be shelved; acknowledge it"
            case StaffShelve(until=until) if until <= self.state.now:
                return "the end of the shelving is past"
            case StaffShelve(until=until) if until - self.state.now > LONGEST_SHELVING:
                return "nothing is shelved for more than 24 hours"
            case StaffClose() if alert.condition is Condition.ACTIVE and not alert.latched:
                return "the condition is still there; it clears by itself when that ends"
            case StaffClose(note="") if alert.condition is Condition.ACTIVE:
                return "it doesn't clear by itself: say in a note what was found"
        return ""

    def _again(self, alert: Alert, runner: Runner, fire: Fire, place: Place) -> None:
        rule, change = runner.rule, Change.RECURRED
        if alert.condition is not Condition.ACTIVE:
            change = Change.RETURNED
        title, values = alert.title, alert.values
        if fire.t > alert.last_at:
            # A title says how it is: how often, where last, which agencies now.
            values = _values(runner, fire, place)
            title = rule.title.format_map(values)
        severity = alert.severity if alert.handling is Handling.SHELVED else rule.severity
        again = self._moved(
            alert,
            Act.OCCUR,
            title=title,
            values=values,
            do=rule.do,
            severity=severity,
            occurrences=alert.occurrences + 1,
            returns=alert.returns + (change is Change.RETURNED),
            last_at=max(alert.last_at, fire.t),
            cleared_at=None,
        )
        self._put(
            change,
            again,
            note="" if severity == alert.severity else f"{alert.severity} before",
        )

    def _moved(self, alert: Alert, act: Act, **fields: object) -> Alert:
        condition, handling = TABLE[alert.standing][act]
        since = self.state.now if act is Act.ACKNOWLEDGE else alert.acknowledged_at
        has = handling in (Handling.ACKNOWLEDGED, Handling.CLOSED)
        return replace(
            alert,
            condition=condition,
            handling=handling,
            acknowledged_at=since if has else None,
            **fields,
        )

    def _open(self, rule: str, key: str) -> Alert | None:
        found = self._by_key.get((rule, key))
        return None if found is None else self.state.alerts[found]

    def _put(
        self,
        change: Change,
        alert: Alert,
        who: str = "",
        note: str = "",
        *,
        ended: datetime | None = None,
    ) -> None:
        self.transitions.append(
            AlertChanged(at=self.state.now, change=change, alert=alert, who=who, note=note)
        )
        if alert.is_open:
            if alert.id not in self.state.alerts:
                self._index(alert)
            self.state.alerts[alert.id] = alert
            return
        del self.state.alerts[alert.id]
        self.state.kept.pop(alert.id, None)
        del self._by_key[alert.rule, alert.key]
        self._open_of[alert.rule] -= 1
        self._cool(alert, self.state.now if ended is None else ended)

    def _cool(self, alert: Alert, since: datetime) -> None:
        """Have the rule raise nothing for this key as long as its cooldown says."""
        state = self.state
        rule = next((row for row in state.book.rules if row.id == alert.rule), None)
        if rule is None or not rule.cooldown:
            return
        if len(state.cooling) >= MANY_COOLING:
            state.cooling = {row: at for row, at in state.cooling.items() if at > state.turn}
        state.cooling[f"{alert.rule} {alert.key}"] = since + rule.cooldown

    def _index(self, alert: Alert) -> None:
        self._by_key[alert.rule, alert.key] = alert.id
        self._open_of[alert.rule] = self._open_of.get(alert.rule, 0) + 1


_ACTS: Mapping[type[Staff], Act] = {
    StaffAcknowledge: Act.ACKNOWLEDGE,
    StaffShelve: Act.SHELVE,
    StaffUnshelve: Act.UNSHELVE,
    StaffClose: Act.CLOSE,
}


def _hidden(alert: Alert, mask: Mask) -> Alert:
    return replace(
        alert,
        handling=Handling.SHELVED,
        owner=mask.owner,
        acknowledged_at=None,
        note=mask.reason,
        shelved_until=mask.until,
    )


def _alert_id(rule: str, key: str, t: datetime) -> str:
    told = f"{rule}\0{key}\0{t.isoformat()}".encode()
    return blake2b(told, digest_size=8).hexdigest()


def _agencies(state: State, said: AnyEvent, place: Place) -> dict[str, Any]:
    """Return who leads and who coordinates what an event is about, as far as somebody has said."""
    action = state.actions.get(getattr(said, "action", ""))
    for named in (said, action, place.of_checklist):
        if lead := getattr(named, "lead", ""):
            return {"lead": lead, "coordinating": getattr(named, "coordinating", ())}
    return {}


def _values(runner: Runner, fire: Fire, place: Place) -> dict[str, str]:
    values: dict[str, str] = {}
    derived = of_kind(kind_of(fire.event))
    for name in runner.title_fields:
        value: Any = round(fire.n, 2) if name == "n" else getattr(fire.event, name, None)
        if value is None and name in derived:
            value = derived[name].read(fire.event, place)
        if value is None or value == "":
            value = getattr(place, name, "")
        if isinstance(value, datetime):
            value = f"{utc(value):%Y-%m-%d %H:%M}Z"
        elif isinstance(value, float):
            value = f"{value:.10g}"
        values[name] = str(value)
    return values
