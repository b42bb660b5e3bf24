"""The stateful kinds of rule: what each remembers for one key, and when it fires and ends.

An operator is told of one event at a time, in the order in which things happened. It answers with signals; what
becomes of them (alerts, timers) is not its business.
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
