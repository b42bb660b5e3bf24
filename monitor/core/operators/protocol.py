"""What rules are told, and what they answer."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from monitor.core.events import AnyEvent
from monitor.core.state.state import Moment
from monitor.core.venue.places import Place


class Fire(Struct, frozen=True, gc=False):
    """The condition is there, or is there again."""

    t: datetime
    event: AnyEvent
    n: float = 1


class End(Struct, frozen=True, gc=False):
    """The condition is over."""

    t: datetime
    later_stays: bool = False
    """What began at this instant or later is not over."""


class Wake(Struct, frozen=True, gc=False):
    """Call `on_timer` at this time."""

    due: datetime


Signal = Fire | End | Wake
Holds = Callable[[AnyEvent, datetime], bool]
"""Tells whether the facts of ``while`` hold for the place of an event, at a time."""


class Told(Struct, frozen=True, gc=False):
    """What an operator is told of an event."""

    role: str
    """Of the selector that chose it."""
    moment: Moment
    place: Place
    holds: Holds


class Due(Struct, frozen=True, gc=False):
    """A time that an operator has waited for."""

    at: datetime
    holds: Holds
