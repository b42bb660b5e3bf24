"""What follows from an input: every part of the core adds to it, and none reads what another added."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.events import AnyEvent
from monitor.core.phrase import Phrase
from monitor.core.state.time import TimeState
from monitor.core.state.timers import WatermarkTimer
from monitor.core.transitions import AlertChanged, Transition, refusal_in

FARTHEST = timedelta(days=3660)
"""No timer is set for later than ten years from now."""


class Effects:
    """The effects of the present input: transitions, timers, and derived events.

    Args:
        time: keeps the timers.

    """

    __slots__ = ("_time", "_transitions", "derived", "notices")

    def __init__(self, time: TimeState) -> None:
        self._time = time
        self._transitions: list[Transition] = []
        self.derived: list[AnyEvent] = []
        """What follows from the present event, and has not been taken yet."""
        self.notices: list[AnyEvent] = []
        """What the monitor has noticed about itself and not yet processed."""

    def emit(self, transition: Transition) -> None:
        """Record a transition: it is written to the journal together with the input."""
        self._transitions.append(transition)

    def wake(self, timer: WatermarkTimer) -> None:
        """Set a timer that fires when the watermark passes it."""
        farthest = self._time.now + FARTHEST
        self._time.timers.push(timer if timer.due <= farthest else replace(timer, due=farthest))

    def wake_rule(self, due: datetime, rule: str, key: str) -> None:
        """Set the timer of a rule for one key."""
        time = self._time
        time.timers.push_rule(min(due, time.now + FARTHEST), rule, key)

    def derive(self, event: AnyEvent) -> None:
        """Add an event that follows from the present one; rules receive it like any other."""
        self.derived.append(event)

    def notice(self, event: AnyEvent) -> None:
        """Add a notice of the monitor about itself, to be processed after the present stage."""
        self.notices.append(event)

    @property
    def count(self) -> int:
        """The number of present transitions."""
        return len(self._transitions)

    def refusal_since(self, count: int) -> Phrase | str | None:
        """Return the reason of the first refusal after this many transitions; ``None`` if nothing was refused."""
        return refusal_in(self._transitions[count:])

    def take_transitions(self) -> list[Transition]:
        """Return the transitions since the last call, in order."""
        taken, self._transitions = self._transitions, []
        return taken

    def take_derived(self) -> Sequence[AnyEvent]:
        """Return the derived events since the last call, in order."""
        if not self.derived:
            return ()
        taken, self.derived = self.derived, []
        return taken

    def take_notices(self) -> Sequence[AnyEvent]:
        """Return the notices since the last call, in order."""
        taken, self.notices = self.notices, []
        return taken

    def changed_alerts(self) -> Sequence[AlertChanged]:
        """Return the changes of alerts among the present transitions, in order."""
        if not self._transitions:
            return ()
        return [row for row in self._transitions if type(row) is AlertChanged]
