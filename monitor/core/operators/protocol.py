"""The events that an operator receives, and the signals that it yields."""

from collections.abc import Callable
from datetime import datetime
from typing import final

from msgspec import Struct

from monitor.core.events import AnyEvent
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place


@final
class Fire(Struct, frozen=True, gc=False):
    """The condition is met, or met again."""

    t: datetime
    event: AnyEvent
    n: float = 1
    error: float = 0.0
    """By what share ``n`` may be too high."""


@final
class End(Struct, frozen=True, gc=False):
    """The condition is over."""

    t: datetime
    later_stays: bool = False
    """Conditions that began at this instant or later are not over."""


@final
class Wake(Struct, frozen=True, gc=False):
    """Call `on_timer` at this time."""

    due: datetime


Signal = Fire | End | Wake
Holds = Callable[[AnyEvent, datetime], bool]
"""Returns whether the facts of ``while`` hold at the place of an event, at a time."""


class OperatorInput(Struct, frozen=True, gc=False):
    """An event for an operator, with its role."""

    role: str
    """The role of the selector that chose it."""
    timestamped: TimestampedEvent
    place: Place
    holds: Holds
    now: datetime
    """Our time: the end of a late start may follow immediately, and is awaited until the watermark gets here."""


class TimerFired(Struct, frozen=True, gc=False):
    """A timer of an operator that has fired."""

    at: datetime
    holds: Holds
