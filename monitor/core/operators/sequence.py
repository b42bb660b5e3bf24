"""`sequence`: steps that happen one after another."""

from collections.abc import Iterator
from typing import ClassVar

from monitor.core.operators.base import Keys, in_role
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal, TimerFired, Wake
from monitor.core.rules.model import Selector, Sequence
from monitor.core.state.operators import SequenceRun, SequenceState


class SequenceOperator:
    """Fires when the last step follows all others, the first of them in ``(t - within, t]``; then starts over.

    Of several runs that have reached the same step, the latest is kept: it has the most time left.
    """

    __slots__ = ("fires", "guarded", "rule")
    ignores: ClassVar[None] = None
    asks: ClassVar[frozenset[str]] = frozenset()
    first: ClassVar[frozenset[str]] = frozenset({"end"})

    def __init__(self, rule: Sequence) -> None:
        self.rule = rule
        self.fires = self.guarded = frozenset({_role(len(rule.steps) - 1)})

    @property
    def latched(self) -> bool:
        """It has no end: a person closes its alerts."""
        return self.rule.end is None

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, the last step first, so that one event is never two steps of one run."""
        yield from in_role("end", self.rule.end)
        for place in reversed(range(len(self.rule.steps))):
            yield from in_role(_role(place), self.rule.steps[place])

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Iterator[Signal]:
        """Process one event. A late step does not complete runs that started after it."""
        timestamped, last = given.timestamped, len(self.rule.steps) - 1
        if given.role == "end":
            yield End(timestamped.t, later_stays=True)
            return
        if not timestamped.live:
            return
        place, runs = int(given.role.removeprefix("step ")) - 1, keys.get(key)
        if type(runs) is SequenceState and runs.used == timestamped.n:
            return
        if place == 0:
            if type(runs) is not SequenceState:
                runs = keys[key] = SequenceState({})
                yield Wake(timestamped.t + self.rule.within)
            _reach(runs, 0, SequenceRun(timestamped.t, timestamped.t))
            return
        run = runs.reached.get(place - 1) if type(runs) is SequenceState else None
        if run is None or type(runs) is not SequenceState or timestamped.t < run.at:
            return
        if run.since <= timestamped.t - self.rule.within:
            return
        if place < last:
            _reach(runs, place, SequenceRun(run.since, timestamped.t))
        elif given.holds(timestamped.event, timestamped.t):
            runs.reached.clear()
            runs.used = timestamped.n
            yield Fire(timestamped.t, timestamped.event, len(self.rule.steps))

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Delete the runs that can no longer be completed."""
        runs = keys.get(key)
        if type(runs) is not SequenceState:
            return
        within = self.rule.within
        runs.reached = {
            place: run for place, run in runs.reached.items() if run.since + within > due.at
        }
        if runs.reached:
            yield Wake(min(run.since for run in runs.reached.values()) + within)
        else:
            del keys[key]


def _reach(runs: SequenceState, place: int, run: SequenceRun) -> None:
    known = runs.reached.get(place)
    if known is None or known.since <= run.since:
        runs.reached[place] = run


def _role(place: int) -> str:
    return f"step {place + 1}"
