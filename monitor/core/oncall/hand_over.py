"""Hand-overs: the new owner of an alert is paged once, at once; if they can't be reached, the alert is new again."""

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.alerts.lifecycle import AlertLifecycle
from monitor.core.events.monitor_delivery import MonitorPageUndelivered
from monitor.core.oncall.pages import Pages
from monitor.core.phrase import Phrase, phrase
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged


def objection(state: State, to: str) -> Phrase | None:
    """Return why an alert can't be handed over to a person; ``None`` if it can."""
    roster = state.paging.roster
    if roster is None:
        return phrase("shift-no-roster")
    person = roster.by_id.get(to)
    if person is None:
        return phrase("shift-person-unknown", person=to)
    return None if person.channels else phrase("hand-over-unreachable", person=to)


def page_owner(pages: Pages, handed: AlertChanged) -> None:
    """Page the new owner of an alert, unless they took it themselves."""
    paging, alert = pages.state.paging, handed.alert
    paging.handed_over.pop(alert.id, None)
    if alert.owner == handed.who:
        return
    escalation = paging.escalations.get(alert.id)
    others: tuple[str, ...] = ()
    if escalation is not None:
        escalation.notified.setdefault(alert.owner, escalation.step + 1)
        others = tuple(name for name in escalation.notified if name != alert.owner)
    reason = phrase("handed-over", person=handed.who)
    step = 1 if escalation is None else escalation.step + 1
    paging.handed_over[alert.id] = pages.page_owner(alert, reason, step, others)


def undelivered(lifecycle: AlertLifecycle, event: MonitorPageUndelivered) -> bool:
    """Make an alert new again whose owner knows nothing of it; return whether this page was about a hand-over."""
    state = lifecycle.state
    (alert_id, *_) = event.alerts or ("",)
    if state.paging.handed_over.get(alert_id) != event.page:
        return False
    del state.paging.handed_over[alert_id]
    alert = state.alerts.open.get(alert_id)
    if alert is not None and _has_unaware_owner(alert, event.person):
        lifecycle.lapse(alert, phrase("page-not-delivered", person=event.person))
    return True


def _has_unaware_owner(alert: Alert, person: str) -> bool:
    return (
        alert.owner == person
        and alert.handling is Handling.ACKNOWLEDGED
        and alert.condition is Condition.ACTIVE
    )
