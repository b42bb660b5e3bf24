"""The state of rules and facts."""

from datetime import datetime

from msgspec import Struct

from monitor.core.events import AnyEvent
from monitor.core.state.operators import KeyState
from monitor.core.state.time import TimestampedEvent


class FactValue(Struct):
    """The latest value of a fact for one key."""

    at: datetime
    holds: bool


class RulesState(Struct):
    """The memory of the rules in force."""

    keys: dict[str, dict[str, KeyState]] = {}
    """By rule and key: the state of its operator."""
    facts: dict[str, dict[str, FactValue]] = {}
    """By fact and key."""
    last_values: dict[str, dict[str, TimestampedEvent]] = {}
    """By event type and subject: the latest event, for new rules."""
    unknown_keys: dict[str, dict[str, None]] = {}
    """By rule or fact: its keys from events about names that are not in the venue file."""
    unknown_values: dict[str, dict[str, None]] = {}
    """By event type: the subjects of last values that are not in the venue file, oldest first."""
    warming: dict[str, datetime] = {}
    """By rule: until when its window lacks the events from before the rule changed."""
    expected: list[AnyEvent] = []
    """What the latest change of rules has still to announce: more devices than one step takes."""
