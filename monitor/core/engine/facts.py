"""Fact guards: whether the facts of a rule's ``while`` hold, checked at each event and timer."""

from datetime import datetime
from functools import partial

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.engine.context import Context
from monitor.core.events import AnyEvent
from monitor.core.operators.protocol import Holds


def holds_of(context: Context, compiled: CompiledRule) -> Holds:
    """Return the check whether a rule's facts hold."""
    return partial(holds, context, compiled) if compiled.guards else always


def holds(context: Context, compiled: CompiledRule, event: AnyEvent, t: datetime) -> bool:
    """Return whether all facts of a rule's ``while`` hold at the place of an event."""
    place, facts, kind = context.rules.place_of(event), context.state.rules.facts, type(event)
    for fact, wanted, lasts, key_of in compiled.guards:
        values, whose = facts.get(fact), key_of.get(kind)
        known = None
        if values is not None:
            known = values.get("" if whose is None else whose(event, place))
        if known is None:
            if compiled.rule.unknown != "alerts":
                return False
        elif (known.holds and (lasts is None or t - known.at <= lasts)) is not wanted:
            return False
    return True


def always(_event: AnyEvent, _t: datetime) -> bool:
    """Return that nothing has to hold, or that it is known to."""
    return True
