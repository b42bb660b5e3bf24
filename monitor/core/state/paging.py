"""Who is on call, how far each alert has escalated, and which pages wait."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from monitor.core.alert import Alert
from monitor.core.roster import Roster
from monitor.core.rules.model import Severity
from monitor.core.state.timers import WallClockHeap
from monitor.core.transitions import Override

QueueReason = Literal["behind", "digest", "flood", "quiet"]
"""Why pages wait: the monitor was down, or the report late; the policy has a digest; too many pages; quiet hours."""


class EscalationState(Struct):
    """How far an open alert has escalated, and who has been notified."""

    policy: str = field(name="ladder")
    since: datetime
    """When it began at the first step."""
    severity: Severity
    """Of the alert at the last notification."""
    step: int = 0
    """The current step; the number of steps: the fallback."""
    times: int = 0
    """How often the current step has been notified; 0: never."""
    notifications: int = field(default=0, name="turn")
    """The number of notifications."""
    due: datetime | None = None
    """When it escalates; once acknowledged, when that runs out. ``None``: neither happens by itself."""
    notified: dict[str, int] = field(default_factory=dict, name="told")
    """Who has been notified, and at which step first."""
    reached: list[str] = []
    """Whom the current step reaches, as far as is known."""
    by_hand: bool = False
    """A person called the current step: if it reaches no one the next one follows, even if the alert has an owner."""


class DigestQueue(Struct):
    """Pages for one person that are sent together."""

    person: str
    reason: QueueReason = field(name="why")
    since: datetime
    due: datetime | None
    """``None``: when the monitor has caught up."""
    rows: dict[str, Alert | None] = {}
    """By alert: as it was when it was closed; ``None`` while it is open."""


class PagingState(Struct):
    """Who has been paged about what."""

    roster: Roster | None = None
    """``None``: no one is paged."""
    overrides: dict[str, Override] = {}
    """By team."""
    escalations: dict[str, EscalationState] = {}
    """By alert."""
    queues: dict[str, DigestQueue] = {}
    """By person and reason with a blank between; in a flood also by severity."""
    recent: dict[str, list[datetime]] = {}
    """By person and severity: the times of the latest pages, as many as the flood limit asks for."""
    handed_over: dict[str, str] = {}
    """By alert: the page that told its new owner, as long as it matters whether that page is delivered."""
    hand_overs: int = 0
    """How many pages were sent to new owners."""
    postponed: dict[str, None] = {}
    """Alerts that escalate as soon as the monitor has caught up."""
    behind_until: datetime | None = None
    """The latest time until which pages wait for the monitor to catch up, however often the broker reconnects."""
    digest_due: datetime | None = None
    """When the next daily digest is due; ``None``: the roster wants none."""
    undelivered: int = 0
    """Pages since the previous one that reached no one."""
    timers: WallClockHeap = field(default_factory=WallClockHeap)
    """Timers of escalations and queues."""
