"""What was noted about a day, for its verdict and for its trace."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Noted:
    """What was noted about a day, for its verdict and for its trace."""

    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each kind of fault met each stage of the line."""
    lines: list[str] = field(default_factory=list)
    """The trace."""
    stops: list[str] = field(default_factory=list)
    """The reasons for which the monitor stopped by itself."""
    restarts: int = 0
    clock_steps: list[tuple[float, float]] = field(default_factory=list)
    """When the clock was set while the monitor ran, and by how much."""
    gaps: list[tuple[float, float]] = field(default_factory=list)
    """When the monitor didn't run, or stood still: from and until."""
    is_clock_set: bool = False
    """The clock was set, perhaps while the monitor didn't run, and perhaps set right again."""
    is_damaged: bool = False
    """Something on the disk is not as it was written."""
    has_lied: bool = False
    """A disk has confirmed what it had not written."""
    is_loss_accepted: bool = False
    """History was lost, which was noticed, and a person accepted that."""
    confirmed: dict[tuple[str, str], None] = field(default_factory=dict)
    """What people did in the console, and saw as done: by source and key."""
    account_acts: list[tuple[str, str]] = field(default_factory=list)
    """What was done to which account, and seen as done."""
    take_overs: int = 0
    """How often a second machine has taken over."""
    session_lost_at: float | None = None
    """When the broker last lost the session."""
    broker_down: list[tuple[float, float]] = field(default_factory=list)
    """When there was no broker: from and until."""
    sent: set[bytes] = field(default_factory=set)
    """The payloads of the venue's own devices."""
