"""`match`: every event that fits."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.operators.base import Keys, in_role
from monitor.core.operators.protocol import Due, End, Fire, Signal, Told, Wake
from monitor.core.rules.model import Match, Selector
from monitor.core.state.state import Ended

FORGET_AFTER = timedelta(seconds=30)
"""So long a `match` remembers its end, for a start that comes out of order."""


class MatchOperator:
    """Fires on each event, on arrival; ends at its end event, if it has one."""

    __slots__ = ("rule",)
    first = frozenset({"end"})
    fires = frozenset({"of"})

    def __init__(self, rule: Match) -> None:
        self.rule = rule

    @property
    def latched(self) -> bool:
        """It has no end: a person closes its alerts."""
        return self.rule.end is None

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        yield from in_role("end", self.rule.end)
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. It may come before one that happened earlier."""
        moment, ended = told.moment, keys.get(key)
        if told.role == "end":
            at = max(moment.t, ended.at) if isinstance(ended, Ended) else moment.t
            keys[key] = Ended(at)
            yield End(moment.t, later_stays=True)
            yield Wake(at + FORGET_AFTER)
        elif (moment.news or self.rule.replays) and told.holds(moment.event, moment.t):
            yield Fire(moment.t, moment.event)
            if isinstance(ended, Ended) and moment.t < ended.at:
                yield End(ended.at, later_stays=True)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Forget an old end."""
        ended = keys.get(key)
        if isinstance(ended, Ended) and ended.at + FORGET_AFTER <= due.at:
            del keys[key]
        yield from ()
