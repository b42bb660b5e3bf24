"""`match`: fires on every event that fits."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import ClassVar

from monitor.core.operators.base import Keys, in_role
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal, TimerFired, Wake
from monitor.core.rules.model import Match, Selector
from monitor.core.state.operators import MatchState

FORGET_AFTER = timedelta(seconds=30)
"""How long a `match` keeps the time of its end, for a start that arrives out of order."""


class MatchOperator:
    """Fires on each event, on arrival; ends at its end event, if it has one."""

    __slots__ = ("rule",)
    ignores: ClassVar[None] = None
    asks: ClassVar[frozenset[str]] = frozenset()
    first: ClassVar[frozenset[str]] = frozenset({"end"})
    fires: ClassVar[frozenset[str]] = frozenset({"of"})
    guarded: ClassVar[frozenset[str]] = frozenset({"of"})

    def __init__(self, rule: Match) -> None:
        self.rule = rule

    @property
    def latched(self) -> bool:
        """It has no end: a person closes its alerts."""
        return self.rule.end is None

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        yield from in_role("end", self.rule.end)
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Sequence[Signal]:
        """Process one event. It may come before one that happened earlier."""
        timestamped, ended = given.timestamped, keys.get(key)
        if timestamped.superseded:
            return ()
        if given.role == "end":
            end = End(timestamped.t, later_stays=True)
            if type(ended) is MatchState:
                ended.at = max(ended.at, timestamped.t)
                return (end,)
            keys[key] = MatchState(timestamped.t)
            return end, Wake(timestamped.t + FORGET_AFTER)
        if not (timestamped.live or self.rule.replays) or not given.holds(
            timestamped.event, timestamped.t
        ):
            return ()
        fire = Fire(timestamped.t, timestamped.event)
        if type(ended) is MatchState and timestamped.t < ended.at:
            return fire, End(ended.at, later_stays=True)
        return (fire,)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Delete the time of an old end."""
        ended = keys.get(key)
        if type(ended) is not MatchState:
            return
        if ended.at + FORGET_AFTER > due.at:
            yield Wake(ended.at + FORGET_AFTER)
        else:
            del keys[key]
