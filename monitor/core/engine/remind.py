"""Remind: rules that are new, or start over, receive the last values from before they were in force."""

from datetime import timedelta
from typing import get_args

from msgspec.structs import replace

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.engine import last_values
from monitor.core.engine.context import Batch, Context, Matched, Placed
from monitor.core.engine.plan import Plan
from monitor.core.engine.signals import report
from monitor.core.engine.stages import order
from monitor.core.engine.stages.derive import FOLLOWED
from monitor.core.engine.stages.enrich import enrich
from monitor.core.engine.stages.learn import learn
from monitor.core.engine.stages.match import match_in_order, match_on_arrival
from monitor.core.events import ReceivedEvent
from monitor.core.operators.protocol import End, Fire
from monitor.core.readiness.findings import is_superseded
from monitor.core.state.operators import AbsenceState, HoldState
from monitor.core.state.time import TimestampedEvent

_RECEIVED = frozenset(get_args(ReceivedEvent))
_BEFORE = timedelta(microseconds=1)
"""What has happened by the watermark is before it."""


def remind(context: Context, rules: CompiledRules) -> None:
    """Let rules process the last values; they receive those after the watermark when it passes them.

    Only the last signal of each key counts: an alert that would be over is not raised.
    """
    _process(context, rules, list(last_values.all_values(context.state)))


def judge_anew(context: Context, rules: CompiledRules) -> None:
    """Let rules that a phase puts in force process the last values, as if they had become so just now.

    As with the hours of a schedule, a condition counts from when its rule is in force. What a device or a broker had
    kept does not fire a `match` that does not accept it at other times either.
    """
    watermark = context.state.time.watermark
    rows = list(last_values.all_values(context.state))
    _process(
        context,
        rules,
        [replace(row, t=watermark - _BEFORE) if row.t < watermark else row for row in rows],
    )


def _process(context: Context, rules: CompiledRules, rows: list[TimestampedEvent]) -> None:
    reminded: list[Matched] = []
    anew = Context(
        context.state,
        rules,
        Plan(rules, context.state.rules, context.alerts.open),
        context.effects,
        context.alerts,
        context.observer,
        context.keyless,
        reminded=reminded,
    )
    last: dict[tuple[str, str], Matched] = {}
    for row in rows:
        place = rules.place_of(row.event)
        superseded = row.t < context.state.time.watermark and is_superseded(
            context.state, row, place
        )
        replayed = replace(row, late=False, live=False, superseded=superseded)
        _receive(anew, (replayed, place))
        for found in reminded:
            if row.live or not _is_of_now(context, row, found):
                last[found.compiled.rule.id, found.key] = found
        reminded.clear()
    for (rule, key), found in last.items():
        if isinstance(found.signal, End):
            # An open alert is mostly about later events.
            report(context, found._replace(signal=End(found.signal.t, later_stays=True)))
        elif not context.alerts.open.has(rule, key):
            report(context, found)
    for rule in rules.by_id:
        for key, known in context.state.rules.keys.get(rule, {}).items():
            if isinstance(known, HoldState | AbsenceState) and context.alerts.open.has(rule, key):
                known.raised = True  # its alert is open already


def _is_of_now(context: Context, row: TimestampedEvent, found: Matched) -> bool:
    """Return whether a rule fires only on what its sender reports while it happens."""
    match = context.rules.by_id[found.compiled.rule.id].rule.match
    return (
        isinstance(found.signal, Fire)
        and match is not None
        and not match.replays
        and type(row.event) in _RECEIVED
    )


def _receive(context: Context, placed: Placed) -> None:
    """Take an event through the stages, on arrival and in order."""
    row, kind = placed[0], type(placed[0].event)
    batch = Batch((placed,))
    enrich(context, batch)
    match_on_arrival(context, batch)
    if row.t < context.state.time.watermark:
        learn(context, batch)
        match_in_order(context, batch)
    elif kind in context.rules.ordered and kind not in FOLLOWED:
        order.hold(context.state.time, row)
