"""The kinds of rule: the state that each keeps for one key, and when it fires and ends.

An operator receives one event at a time, in the order in which they happened, and yields signals. Their effects
(alerts, timers) are decided elsewhere.
"""

from monitor.core.operators.count import CountOperator, DistinctOperator
from monitor.core.operators.factory import Operator, Timed, Windowed, build
from monitor.core.operators.hold_absence import AbsenceOperator, HoldOperator
from monitor.core.operators.level import LevelOperator
from monitor.core.operators.match import MatchOperator
from monitor.core.operators.sequence import SequenceOperator
from monitor.core.operators.sum import QuantityOperator, TimeOperator

__all__ = [
    "AbsenceOperator",
    "CountOperator",
    "DistinctOperator",
    "HoldOperator",
    "LevelOperator",
    "MatchOperator",
    "Operator",
    "QuantityOperator",
    "SequenceOperator",
    "TimeOperator",
    "Timed",
    "Windowed",
    "build",
]
