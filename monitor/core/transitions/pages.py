"""Transitions of paging: the notifications that people are sent."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.events.vocabulary import ReadinessState
from monitor.core.phrase import Phrase
from monitor.core.rules.model import Severity
from monitor.core.transitions.alerts import Mask

PageKind = Literal[
    "raised", "returned", "escalated", "handed_over", "cleared", "digest", "summary", "daily"
]
"""Why a page is sent: a new alert, its next step, its new owner, its end, several alerts in one, or the time of day."""


class DailyDigest(Struct, frozen=True, kw_only=True):
    """How things stand at the time of the daily digest, besides its alerts."""

    severities: dict[Severity, int] = {}
    """The number of open alerts by severity."""
    shelved: tuple[Alert, ...] = ()
    """Open alerts that are shelved."""
    masks: tuple[Mask, ...] = ()
    """The masks in force."""
    more: int = 0
    """How many more alerts are shelved and masks in force."""
    zones: dict[ReadinessState, tuple[str, ...]] = {}
    """The ids of zones by their readiness."""
    undelivered: int = 0
    """Pages since the previous digest that reached no one."""


class PageOrdered(Struct, frozen=True, kw_only=True, tag="page"):
    """A notification to one person about one alert, or about several in one, for one reason."""

    at: datetime
    id: str
    """Derived from alert, step, person and the number of notifications: the same page is never sent twice."""
    person: str
    kind: PageKind
    reason: str | Phrase
    """Why this person: ``on call in hall-security``, ``not acknowledged for 5 min``."""
    alerts: tuple[Alert, ...]
    """As they were; one, or the worst ones of a digest or summary."""
    more: tuple[str, ...] = ()
    """The ids of the further alerts of a digest or summary."""
    step: int = 1
    """Of the escalation policy."""
    others: tuple[str, ...] = ()
    """Who else is notified."""
    daily: DailyDigest | None = None
    """The content of a daily digest."""
    by_hand: bool = False
    """A person called for it: it is needed even if the alert has an owner."""
