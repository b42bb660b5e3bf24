"""A mistake in a rule, a fact, a list or a macro, before it is located in its file."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.model import Selectors, each
from monitor.core.rules.names import DefinitionKind


class Fault(NamedTuple):
    """What is wrong; if it is in a condition or a title, with that text and the column."""

    message: str
    text: str = ""
    column: int = 0
    refers_to: str = ""
    """The fact, rule, list or macro that is not defined, as far as the files could be read."""


class DefinitionMistake(NamedTuple):
    """What is wrong, and where."""

    of: DefinitionKind
    id: str
    fault: Fault


def meant(name: str, names: Iterable[str]) -> str:
    """Return a question about the nearest of the names; empty if none is close."""
    close = get_close_matches(name, list(names), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def known_kinds(selectors: Selectors | None) -> list[str]:
    """Return the known event types of selectors; the others are mistakes of their own."""
    return [kind for selector in each(selectors) for kind in selector.on if kind in EVENT_TYPES]
