"""`sequence`: steps that happen one after the other."""

from collections.abc import Iterator

from monitor.core.operators.base import Keys, in_role
from monitor.core.operators.protocol import Due, End, Fire, Signal, Told, Wake
from monitor.core.rules.model import Selector, Sequence
from monitor.core.state.state import Run, Runs


class SequenceOperator:
    """Fires when the last step follows all others, the first of them in ``(t - within, t]``; then begins anew.

    Of several runs that have come equally far, the one that began last is followed: it has the most time left.
    """

    __slots__ = ("fires", "rule")
    first = frozenset({"end"})

    def __init__(self, rule: Sequence) -> None:
        self.rule = rule
        self.fires = frozenset({_role(len(rule.steps) - 1)})

    @property
    def latched(self) -> bool:
        """It has no end: a person closes its alerts."""
        return self.rule.end is None

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to: the last step first, so that one event is no two steps of one run."""
        yield from in_role("end", self.rule.end)
        for place in reversed(range(len(self.rule.steps))):
            yield from in_role(_role(place), self.rule.steps[place])

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. A step that comes late completes nothing that came after it."""
        moment, last = told.moment, len(self.rule.steps) - 1
        if told.role == "end":
            yield End(moment.t, later_stays=True)
            return
        if not moment.news:
            return
        place, runs = int(told.role.removeprefix("step ")) - 1, keys.get(key)
        if isinstance(runs, Runs) and runs.used == moment.n:
            return
        if place == 0:
            if not isinstance(runs, Runs):
                runs = keys[key] = Runs({})
                yield Wake(moment.t + self.rule.within)
            _follow(runs, 0, Run(moment.t, moment.t))
            return
        run = runs.reached.get(place - 1) if isinstance(runs, Runs) else None
        if run is None or not isinstance(runs, Runs) or moment.t < run.at:
            return
        if run.since <= moment.t - self.rule.within:
            return
        if place < last:
            _follow(runs, place, Run(run.since, moment.t))
        elif told.holds(moment.event, moment.t):
            runs.reached.clear()
            runs.used = moment.n
            yield Fire(moment.t, moment.event, len(self.rule.steps))

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Forget the runs that can't be completed any more."""
        runs = keys.get(key)
        if not isinstance(runs, Runs):
            return
        within = self.rule.within
        runs.reached = {
            place: run for place, run in runs.reached.items() if run.since + within > due.at
        }
        if runs.reached:
            yield Wake(min(run.since for run in runs.reached.values()) + within)
        else:
            del keys[key]


def _follow(runs: Runs, place: int, run: Run) -> None:
    known = runs.reached.get(place)
    if known is None or known.since <= run.since:
        runs.reached[place] = run


def _role(place: int) -> str:
    return f"step {place + 1}"
