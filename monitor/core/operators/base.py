"""Types that the operators share, and how they declare their subscriptions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.computed import Read
from monitor.core.rules.fields import fields, reader
from monitor.core.rules.model import Selector, Selectors, each
from monitor.core.state.operators import KeyState
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place

Keys = dict[str, KeyState]
"""The state of one rule, by key."""
Number = Callable[[Place], Any]
"""Returns a limit of the rule for a place."""
Ignores = Callable[[TimestampedEvent, Place], bool]
"""Returns whether an event at its place changes nothing, whatever the operator remembers."""
HYSTERESIS = 0.05
"""How far below its limit a balance or a flow has to fall, as a share of it, unless the rule says so; judgement."""


def ends_at(above: float) -> float:
    """Return where what rose above a limit is over: lower, so that one at the limit is not raised again and again."""
    return min(above, above * (1 - HYSTERESIS))


def in_role(role: str, selectors: Selectors | None) -> Iterator[tuple[str, Selector]]:
    """Yield each selector with its role."""
    for selector in each(selectors):
        yield role, selector


def readers(selectors: Selectors | None, name: str | None) -> Mapping[type, Read]:
    """Return what reads a field off each type of event that the selectors choose."""
    return {
        EVENT_TYPES[kind]: reader(kind, name)
        for selector in each(selectors)
        for kind in selector.on
        if name and kind in EVENT_TYPES and name in fields(kind)
    }
