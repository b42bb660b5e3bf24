"""The state of an operator for one key of its rule."""

from datetime import datetime, timedelta

from msgspec import Struct

from monitor.core.events import AnyEvent


class MatchState(Struct, tag="match"):
    """When the condition of a `match` last ended."""

    at: datetime


class CountState(Struct, tag="count"):
    """The latest times of a `count`, up to the number that it requires, in order."""

    times: list[datetime]
    raised: bool = False


class DistinctState(Struct, tag="distinct"):
    """The latest values of a `distinct`, up to the number that it requires, each with its latest time."""

    times: dict[str, datetime]
    raised: bool = False


class SequenceRun(Struct):
    """Steps of a `sequence` that have happened in order."""

    since: datetime
    """When the first of them happened."""
    at: datetime
    """When the last of them happened."""


class SequenceState(Struct, tag="sequence"):
    """The runs of a `sequence`, by the last step that they have reached."""

    reached: dict[int, SequenceRun]
    used: int = 0
    """The number of the event that completed the latest run: it starts no other."""


class QuantityState(Struct, tag="quantity"):
    """The numbers of a `sum` that lie in its window, in order of time."""

    parts: list[tuple[datetime, float]]
    above: float = 0.0
    raised: bool = False
    error: float = 0.0
    """By what share the sum may be too high since parts were merged."""


class DurationState(Struct, tag="time"):
    """The durations of a `sum`: the spans that have ended, and the open one."""

    event: AnyEvent | None = None
    """The event that started the latest span."""
    above: timedelta = timedelta(0)
    past: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    due: datetime | None = None
    """When the total reaches the limit; once raised, when it falls below."""
    raised: bool = False
    error: float = 0.0
    """By what share the sum may be too high since spans were merged."""
    lasted: timedelta | None = None
    """The sum of the spans in `past`; ``None``: not added up yet."""


class HoldState(Struct, tag="hold"):
    """A `hold` that has started."""

    event: AnyEvent
    started: datetime
    due: datetime | None = None
    """Set while the facts hold too."""
    raised: bool = False
    late_due: datetime | None = None
    """When it is due by the sender's times, if it is known late: what is derived from a late event happens now."""


class AbsenceState(Struct, tag="absence"):
    """An `absence` that is armed."""

    event: AnyEvent
    since: datetime
    due: datetime
    raised: bool = False


class LevelState(Struct, tag="level"):
    """The running balance of a `level`."""

    n: int | float = 0
    set_at: datetime | None = None
    """When it was last set to a number; what happened before that is in the number."""
    raised: bool = False


KeyState = (
    MatchState
    | CountState
    | DistinctState
    | SequenceState
    | QuantityState
    | DurationState
    | HoldState
    | AbsenceState
    | LevelState
)
