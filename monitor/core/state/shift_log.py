"""What the core remembers of the shift log: enough to number its entries and to refuse what was done already.

The entries themselves are in the journal, so that the state stays small however long a congress lasts.
"""

from msgspec import Struct


class HandOverState(Struct):
    """A shift that was handed over."""

    who: str
    """Who handed it over."""
    to: str
    """Who takes over; empty: whoever confirms."""
    confirmed_by: str = ""


class ShiftLogState(Struct):
    """How many entries there are, and which were struck lately."""

    entries: int = 0
    """How many were written; the number of the latest."""
    struck: dict[str, str] = {}
    """By entry: who struck it. Only the latest strikes; the journal keeps the first strike of each entry."""
    hand_overs: dict[str, HandOverState] = {}
    """By entry; only the latest."""
