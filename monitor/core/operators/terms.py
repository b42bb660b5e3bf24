"""What the operators have in common: the words they share, and how they say what they listen to."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.core.derived import Read
from monitor.core.event import EVENT_TYPES
from monitor.core.place import Place
from monitor.core.rule import Selector, Selectors, each
from monitor.core.schema import fields, reader
from monitor.core.state import KeyState

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
