"""What the operators have in common: the words they share, and how they say what they listen to."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.computed import Read
from monitor.core.rules.fields import fields, reader
from monitor.core.rules.model import Selector, Selectors, each
from monitor.core.state.state import KeyState
from monitor.core.venue.places import Place

Keys = dict[str, KeyState]
"""What one rule remembers, by key."""
Number = Callable[[Place], Any]
"""Gives a limit of the rule for a place."""
Clock = Callable[[], datetime]


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
