"""The life cycle of alerts: what rules, people and time make of an alert, from raised to closed."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.alert import TABLE, Act, Alert, Change, Condition, Handling, TickedStep
from monitor.core.alerts.agencies import agencies_of
from monitor.core.alerts.open_alerts import OpenAlerts
from monitor.core.alerts.titles import Titles
from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.effects import Effects
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.events.vocabulary import Disposition
from monitor.core.ids import derived_id
from monitor.core.operators.protocol import End, Fire
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Rule
from monitor.core.rules.title import Wording
from monitor.core.state.state import State
from monitor.core.state.timers import KeepFiringTimer, ShelvingTimer
from monitor.core.transitions import Mask
from monitor.core.utc import later
from monitor.core.venue.places import Place

RAN_OUT = phrase("time-ran-out")
ANY_NAME = "*"
"""Stands for the unknown names of a site in the key of an alert. No id can be this."""


class AlertLifecycle:
    """The life of each alert of a state.

    Args:
        state: holds the alerts and masks.
        effects: receives each change.
        late_after: how long after it happened an alert counts as late.
        wording: the language of titles, and of reasons in derived events: that of the rule files.

    """

    __slots__ = ("effects", "late_after", "open", "state", "titles")

    def __init__(
        self, state: State, effects: Effects, late_after: timedelta, wording: Wording
    ) -> None:
        self.state = state
        self.effects = effects
        self.late_after = late_after
        self.open = OpenAlerts(state, effects)
        self.titles = Titles(state, wording)

    # By rules ---------------------------------------------------------------------------------------------------

    def fire(self, compiled: CompiledRule, key: str, fire: Fire, place: Place) -> None:
        """Raise an alert, or count one more occurrence; notice if the rule has too many open alerts.

        A life-safety rule has one alert for all unknown names of a site.
        """
        rule = compiled.rule
        of_any_name = place.unknown and rule.severity == "life_safety"
        name = key
        if of_any_name:
            key = " / ".join(filter(None, (ANY_NAME, place.sent_from)))
        alert = self.open.find(rule.id, key)
        if alert is None and self.open.is_cooling(rule.id, key, fire.t):
            return
        if of_any_name:
            self.open.count_name(rule.id, key, name)
        if alert is not None:
            self.state.alerts.kept.pop(alert.id, None)
            self._again(alert, compiled, fire, place)
        elif self.open.has_room(rule, key, place):
            self._raise(compiled, key, fire, place, of_any_name=of_any_name)
        elif not isinstance(fire.event, MonitorKeysCapped):
            self.effects.notice(MonitorKeysCapped(at=self.state.time.now, rule=rule.id))

    def end(self, rule: Rule, key: str, end: End) -> None:
        """Clear an alert whose condition is over, or keep it active for the rule's `keep_firing_for`."""
        alert = self.open.find(rule.id, key)
        if alert is None or alert.condition is Condition.CLEARED:
            return
        if end.later_stays and end.t <= self.last_at(alert):
            return
        if rule.keep_firing_for:
            until = self.state.alerts.kept[alert.id] = end.t + rule.keep_firing_for
            self.effects.wake(KeepFiringTimer(until, alert.id))
        else:
            self._clear(alert, end.t)

    def withdraw(self, alert: Alert, why: Phrase) -> None:
        """Close an alert that no event can end."""
        self.open.put(Change.CLOSED, self._moved(alert, Act.WITHDRAW, note=why), note=why)

    def last_at(self, alert: Alert) -> datetime:
        """Return when an alert last occurred, by our clock as it is now."""
        by = self.state.alerts.stepped.get(alert.id)
        return alert.last_at if by is None else later(alert.last_at, by)

    # By people --------------------------------------------------------------------------------------------------

    def acknowledge(self, alert: Alert, who: str, note: str, *, unverified: bool) -> None:
        """Make a person the owner of an alert; an unverified one is not in the roster."""
        changed = self._moved(alert, Act.ACKNOWLEDGE, owner=who, unverified=unverified, note=note)
        self.open.put(Change.ACKNOWLEDGED, changed, who, note)

    def hand_over(self, alert: Alert, who: str, to: str, note: str) -> None:
        """Make another person the owner of an alert."""
        changed = self._moved(alert, Act.HAND_OVER, owner=to, unverified=False, note=note)
        self.open.put(Change.HANDED_OVER, changed, who, note)

    def escalate(self, alert: Alert, who: str, note: str) -> None:
        """Record that a person calls the next step of an alert's escalation policy."""
        changed = self._moved(alert, Act.ESCALATE, note=note or alert.note)
        self.open.put(Change.ESCALATED, changed, who, note)

    def tick(self, alert: Alert, who: str, step: int, note: str) -> None:
        """Tick a step of an alert's procedure as done."""
        row = TickedStep(step=step, who=who, at=self.state.time.now)
        ticked = tuple(sorted((*alert.ticked, row), key=lambda one: one.step))
        self.open.put(Change.TICKED, self._moved(alert, Act.TICK, ticked=ticked), who, note)

    def untick(self, alert: Alert, who: str, step: int, note: str) -> None:
        """Take the tick of a step back."""
        ticked = tuple(row for row in alert.ticked if row.step != step)
        self.open.put(Change.UNTICKED, self._moved(alert, Act.TICK, ticked=ticked), who, note)

    def note(self, alert: Alert, who: str, note: str) -> None:
        """Add a note to an alert. The reason of a shelving stays in view for as long as the shelving lasts."""
        kept = alert.note if alert.handling is Handling.SHELVED else note
        self.open.put(Change.NOTED, self._moved(alert, Act.NOTE, note=kept), who, note)

    def shelve(self, alert: Alert, who: str, until: datetime, reason: str) -> None:
        """Shelve an alert until a time."""
        changed = self._moved(
            alert, Act.SHELVE, owner=who, unverified=False, note=reason, shelved_until=until
        )
        self.open.put(Change.SHELVED, changed, who, reason)
        self.effects.wake(ShelvingTimer(until, alert.id))

    def unshelve(self, alert: Alert, who: str, note: str | Phrase) -> None:
        """Show a shelved alert again."""
        changed = self._moved(alert, Act.UNSHELVE, shelved_until=None)
        self.open.put(Change.UNSHELVED, changed, who, note)

    def close(
        self, alert: Alert, who: str, note: str, disposition: Disposition | None = None
    ) -> None:
        """Close an alert, as what it turned out to be."""
        closed = self._moved(alert, Act.CLOSE, note=note, disposition=disposition)
        self.open.put(Change.CLOSED, closed, who, note)

    # By masks ---------------------------------------------------------------------------------------------------

    def mask_of(self, alert: Alert, t: datetime) -> Mask | None:
        """Return the mask that hides an alert at a time; of several, the one that ends last."""
        masks = [
            row for row in self.state.alerts.masks.values() if row.until > t and row.hides(alert)
        ]
        return max(masks, key=lambda row: (row.until, row.id), default=None)

    def hide(self, alert: Alert, mask: Mask) -> None:
        """Shelve an open alert until a mask ends."""
        self.open.put(Change.SHELVED, _hidden(alert, mask), mask.owner, mask.reason)

    # By time ----------------------------------------------------------------------------------------------------

    def stop_keeping(self, timer: KeepFiringTimer) -> None:
        """Clear an alert that was kept active, unless it has fired again since."""
        alert = self.state.alerts.open.get(timer.alert)
        if self.state.alerts.kept.get(timer.alert) == timer.due and alert is not None:
            del self.state.alerts.kept[timer.alert]
            self._clear(alert, timer.due)

    def end_shelving(
        self, alert_id: str, until: datetime, who: str = "", note: str | Phrase = RAN_OUT
    ) -> None:
        """Unshelve an alert whose shelving ends at this time, unless it was changed since."""
        alert = self.state.alerts.open.get(alert_id)
        if (
            alert is not None
            and alert.handling is Handling.SHELVED
            and alert.shelved_until == until
        ):
            self.unshelve(alert, who, note)

    def lapse(self, alert: Alert, note: Phrase | None = None) -> None:
        """Make an alert new again: no one has it any more, and the condition is still met.

        Args:
            alert: it is acknowledged.
            note: why; by default its acknowledgement has run out.

        """
        note = note or phrase("acknowledgement-ran-out", person=alert.owner)
        self.open.put(Change.LAPSED, self._moved(alert, Act.LAPSE, note=note), alert.owner, note)

    # Inside -----------------------------------------------------------------------------------------------------

    def _raise(
        self, compiled: CompiledRule, key: str, fire: Fire, place: Place, *, of_any_name: bool
    ) -> None:
        rule, now = compiled.rule, self.state.time.now
        values = self.titles.values(compiled, key, fire, place)
        alert = Alert(
            id=derived_id(rule.id, key, fire.t.isoformat()),
            rule=rule.id,
            key=key,
            title=self.titles.render(rule, values, fire.t),
            severity=rule.severity,
            do=rule.procedure,
            site=place.site or (place.sent_from if of_any_name else ""),
            zone=getattr(fire.event, "zone", "") or place.zone,
            point=place.point,
            **agencies_of(self.state, fire.event, place),
            values=values,
            silent=rule.silent,
            latched=compiled.operator.latched or of_any_name,
            late=now - fire.t > self.late_after,
            happened_at=fire.t,
            raised_at=now,
            last_at=fire.t,
            note=_accuracy(fire),
        )
        if place.unknown and not of_any_name:
            self.state.alerts.unknown.setdefault(rule.id, {})[alert.id] = None
        mask = self.mask_of(alert, fire.t)
        self.open.put(Change.RAISED, alert if mask is None else _hidden(alert, mask))

    def _again(self, alert: Alert, compiled: CompiledRule, fire: Fire, place: Place) -> None:
        rule, change = compiled.rule, Change.RECURRED
        if alert.condition is not Condition.ACTIVE:
            change = Change.RETURNED
        title, values = alert.title, alert.values
        last_at = self.last_at(alert)
        if fire.t > last_at or alert.key.startswith(ANY_NAME):
            # Render the title again with the present number, place and agencies.
            values = self.titles.values(compiled, alert.key, fire, place)
            title = self.titles.render(rule, values, alert.happened_at)
        ticked, procedure = alert.ticked, rule.procedure
        if change is Change.RETURNED or procedure != alert.do:
            ticked = ()  # the steps were done for what is over, or were other steps
        severity = alert.severity if alert.handling is Handling.SHELVED else rule.severity
        again = self._moved(
            alert,
            Act.OCCUR,
            title=title,
            values=values,
            do=procedure,
            ticked=ticked,
            severity=severity,
            occurrences=alert.occurrences + 1,
            returns=alert.returns + (change is Change.RETURNED),
            last_at=max(last_at, fire.t),
            cleared_at=None,
        )
        self.state.alerts.stepped.pop(alert.id, None)
        note: str | Phrase = ""
        if severity != alert.severity:
            note = phrase("severity-before", severity=alert.severity)
        self.open.put(change, again, note=note)

    def _clear(self, alert: Alert, t: datetime) -> None:
        waits = alert.severity == "life_safety"
        act = Act.CLEAR if waits else Act.END
        cleared = self._moved(alert, act, cleared_at=t)
        self.open.put(Change.CLEARED, cleared, ended=t)

    def _moved(self, alert: Alert, act: Act, **fields: object) -> Alert:
        condition, handling = TABLE[alert.status][act]
        is_taken = act in (Act.ACKNOWLEDGE, Act.HAND_OVER)
        since = self.state.time.now if is_taken else alert.acknowledged_at
        has = handling in (Handling.ACKNOWLEDGED, Handling.CLOSED)
        if handling is Handling.NEW:
            fields = {"owner": "", "unverified": False} | fields
        return replace(
            alert,
            condition=condition,
            handling=handling,
            acknowledged_at=since if has else None,
            **fields,
        )


def _hidden(alert: Alert, mask: Mask) -> Alert:
    return replace(
        alert,
        handling=Handling.SHELVED,
        owner=mask.owner,
        unverified=False,
        acknowledged_at=None,
        note=mask.reason,
        shelved_until=mask.until,
    )


def _accuracy(fire: Fire) -> Phrase | str:
    """Return by how much the number reached may be too high; empty if it is exact."""
    return phrase("sum-about", percent=round(fire.error * 100)) if fire.error else ""
