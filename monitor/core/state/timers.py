"""Timers: each with the time at which it fires, and its subject.

Those of one heap fire when the watermark passes them, like events. Those of the pager fire by our clock: a person who
waits for an answer waits by the clock on the wall.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any, Generic, TypeVar, get_args

from msgspec import Struct, field

Order = tuple[datetime, str, str, str]
"""The sort key of timers: due time, kind, subject, key."""


class RuleTimer(Struct, frozen=True, gc=False, tag_field="what", tag="rule"):
    """Fires the operator of a rule for one key."""

    due: datetime
    rule: str = field(name="of")
    key: str

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "rule", self.rule, self.key


class ChecklistTimer(Struct, frozen=True, gc=False, tag_field="what", tag="checklist"):
    """Fires when an answer to a checklist expires."""

    due: datetime
    checklist: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "checklist", self.checklist, ""


class StayTimer(Struct, frozen=True, gc=False, tag_field="what", tag="stay"):
    """Fires when people who entered a zone, or may have, no longer count."""

    due: datetime
    zone: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "stay", self.zone, ""


class LivenessTimer(Struct, frozen=True, gc=False, tag_field="what", tag="hearing"):
    """Fires when the silence limit of a device has passed."""

    due: datetime
    device: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "hearing", self.device, ""


class KeepFiringTimer(Struct, frozen=True, gc=False, tag_field="what", tag="keep"):
    """Fires when the `keep_firing_for` of an alert has passed."""

    due: datetime
    alert: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "keep", self.alert, ""


class MaskTimer(Struct, frozen=True, gc=False, tag_field="what", tag="mask"):
    """Fires when a mask ends."""

    due: datetime
    mask: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "mask", self.mask, ""


class OverrideTimer(Struct, frozen=True, gc=False, tag_field="what", tag="override"):
    """Fires when a shift that a person took ends."""

    due: datetime
    team: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "override", self.team, ""


class ReadinessTimer(Struct, frozen=True, gc=False, tag_field="what", tag="readiness"):
    """Fires when something on which the readiness of a zone depends expires."""

    due: datetime
    zone: str = field(name="of")
    """Empty: the sites themselves."""

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "readiness", self.zone, ""


class ScheduleTimer(Struct, frozen=True, gc=False, tag_field="what", tag="schedule"):
    """Fires when the hours of a schedule begin or end."""

    due: datetime
    schedule: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "schedule", self.schedule, ""


class ShelvingTimer(Struct, frozen=True, gc=False, tag_field="what", tag="shelf"):
    """Fires when the shelving of an alert ends."""

    due: datetime
    alert: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "shelf", self.alert, ""


class VerificationTimer(Struct, frozen=True, gc=False, tag_field="what", tag="verification"):
    """Fires when the form for a verification of an action is no longer awaited."""

    due: datetime
    action: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "verification", self.action, ""


class EscalationTimer(Struct, frozen=True, gc=False, tag_field="what", tag="climb"):
    """Fires when an alert escalates, or an acknowledgement runs out."""

    due: datetime
    alert: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "climb", self.alert, ""


class QueueTimer(Struct, frozen=True, gc=False, tag_field="what", tag="bag"):
    """Fires when a digest queue is sent."""

    due: datetime
    queue: str = field(name="of")

    @property
    def order(self) -> Order:
        """Return its sort key."""
        return self.due, "bag", self.queue, ""


WatermarkTimer = (
    RuleTimer
    | ChecklistTimer
    | LivenessTimer
    | KeepFiringTimer
    | MaskTimer
    | OverrideTimer
    | ReadinessTimer
    | ScheduleTimer
    | ShelvingTimer
    | StayTimer
    | VerificationTimer
)
"""Fires when the watermark passes it."""
WallClockTimer = EscalationTimer | QueueTimer
"""Fires by our clock, whether the watermark advances or not."""
T = TypeVar("T", WatermarkTimer, WallClockTimer)


class TimerHeap(Generic[T]):  # noqa: PLW1641 - it changes, so it has no hash
    """Timers, the next one first. It keeps their sort keys, which have all that they tell."""

    __slots__ = ("_rows", "due")

    def __init__(self, timers: Iterable[T] = ()) -> None:
        self._rows: list[Order] = []
        self.due: datetime | None = None
        """When the next one fires; ``None`` if there is none."""
        for timer in timers:
            self.push(timer)

    def push(self, timer: T) -> None:
        """Add a timer."""
        heappush(self._rows, timer.order)
        self.due = self._rows[0][0]

    def pop(self) -> T:
        """Remove the next timer and return it."""
        timer: T = _timer(heappop(self._rows))
        self.due = self._rows[0][0] if self._rows else None
        return timer

    def remove(self, timers: Iterable[T]) -> None:
        """Remove these timers, as far as they are there."""
        gone = {timer.order for timer in timers}
        self._rows = [row for row in self._rows if row not in gone]
        heapify(self._rows)
        self.due = self._rows[0][0] if self._rows else None

    def __eq__(self, other: object) -> bool:
        """Return whether another heap has the same timers in the same order."""
        return isinstance(other, TimerHeap) and self._rows == other._rows

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        """Yield the timers, the next one first and the others in no order."""
        return map(_timer, self._rows)


class WatermarkHeap(TimerHeap[WatermarkTimer]):
    """The timers that the watermark fires."""

    __slots__ = ()

    def push_rule(self, due: datetime, rule: str, key: str) -> None:
        """Add the timer of a rule: most timers are."""
        heappush(self._rows, (due, "rule", rule, key))
        self.due = self._rows[0][0]


class WallClockHeap(TimerHeap[WallClockTimer]):
    """The timers that our clock fires."""

    __slots__ = ()


def _timer(order: Order) -> Any:  # noqa: ANN401 - each heap has only its own kinds
    """Return the timer with a sort key."""
    due, kind, subject, key = order
    if kind == "rule":
        return RuleTimer(due, subject, key)
    return _BY_TAG[kind](due, subject)


_BY_TAG: Mapping[str, Callable[[datetime, str], object]] = {
    kind.__struct_config__.tag: kind for kind in get_args(WatermarkTimer | WallClockTimer)
}
