"""The operator of a rule."""

from datetime import timedelta

from monitor.core.operators.count import CountOperator, DistinctOperator
from monitor.core.operators.hold_absence import AbsenceOperator, HoldOperator
from monitor.core.operators.level import LevelOperator
from monitor.core.operators.match import MatchOperator
from monitor.core.operators.sequence import SequenceOperator
from monitor.core.operators.sum import QuantityOperator, TimeOperator
from monitor.core.rules.model import Rule
from monitor.core.venue.parameters import resolve

Windowed = CountOperator | DistinctOperator | QuantityOperator | TimeOperator
"""Operators that end by themselves when their window has emptied."""
Timed = MatchOperator | HoldOperator | AbsenceOperator | SequenceOperator | Windowed
"""Operators that use timers."""
Operator = Timed | LevelOperator


def build(rule: Rule) -> Operator:
    """Return the rule's operator.

    Raises:
        ParameterError: it names a value that is not in venue.toml.

    """
    if rule.match is not None:
        return MatchOperator(rule.match)
    if rule.count is not None:
        return CountOperator(rule.count)
    if rule.distinct is not None:
        return DistinctOperator(rule.distinct)
    if rule.sequence is not None:
        return SequenceOperator(rule.sequence)
    if rule.sum is not None:
        if rule.sum.start is not None:
            return TimeOperator(rule.sum, resolve(rule.sum.above, timedelta))
        return QuantityOperator(rule.sum, resolve(rule.sum.above, float))
    if rule.hold is not None:
        return HoldOperator(rule.hold, resolve(rule.hold.longer_than, timedelta))
    if rule.absence is not None:
        return AbsenceOperator(rule.absence, resolve(rule.absence.within, timedelta))
    if rule.level is not None:
        above, clear_at = (resolve(row, float) for row in (rule.level.above, rule.level.clear_at))
        return LevelOperator(rule.level, above, clear_at)
    raise ValueError(rule.id)
