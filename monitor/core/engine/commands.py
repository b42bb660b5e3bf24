"""Commands of staff: about alerts, masks, shifts, the shift log, and holders."""

from functools import partial
from typing import TypeGuard, get_args

from monitor.core.alerts import commands, masks
from monitor.core.bounded_text import LONGEST_REASON, cut
from monitor.core.decode import sender_of
from monitor.core.engine import holders, shift_log
from monitor.core.engine.context import Context
from monitor.core.engine.shift_hand_over import execute as execute_hand_over
from monitor.core.events import AnyEvent
from monitor.core.events.commands import (
    LogConfirmed,
    Logging,
    LogHandedOver,
    LogStruck,
    LogWritten,
    Masking,
    Relief,
    Staff,
    StaffEscalate,
    StaffHandOver,
    StaffMask,
    StaffOverride,
    StaffRelease,
    StaffUnmask,
)
from monitor.core.events.muster import (
    AboutHolders,
    StaffAccountFor,
    StaffAddToMuster,
    StaffLookup,
    StaffMuster,
)
from monitor.core.events.work import ReadinessSigned, ReadinessWithdrawn
from monitor.core.inputs import Rejected
from monitor.core.oncall import escalation_policy, hand_over, on_call
from monitor.core.phrase import Phrase
from monitor.core.transitions import StaffAnswered

Command = Staff | Masking | Relief | Logging | AboutHolders
COMMANDS: frozenset[type] = frozenset(get_args(Command))


def is_command(event: AnyEvent) -> TypeGuard[Command]:
    """Return whether an event is a command. Called for every event; `isinstance` of a union takes ten times as long."""
    return type(event) in COMMANDS


def execute(context: Context, command: Command, source: str) -> None:
    """Execute a command, or refuse it with the reason; answer its sender if it came over MQTT."""
    before = context.effects.count
    _execute(context, command)
    refusal = context.effects.refusal_since(before)
    _answer(context, source, command.id, refusal)


def answer_signature(
    context: Context, event: AnyEvent, source: str, refusal: Phrase | None
) -> None:
    """Answer the sender of a sign-off that came over MQTT, if the event is one: whether it is taken in."""
    match event:
        case ReadinessSigned() | ReadinessWithdrawn():
            _answer(context, source, event.id, refusal)
        case _:
            pass


def answer_rejected(context: Context, rejected: Rejected) -> bool:
    """Answer the sender of a command that could not be read; return whether it is one."""
    reason = rejected.reason
    if isinstance(reason, str):
        reason = cut(reason, LONGEST_REASON)
    return _answer(context, rejected.source, rejected.id, reason)


def _answer(context: Context, source: str, own: str, refusal: str | Phrase | None) -> bool:
    if (sender := sender_of(source)) is None:
        return False
    site, who = sender
    answer = StaffAnswered(
        at=context.state.time.now,
        site=site,
        who=who,
        id=own,
        accepted=refusal is None,
        reason=refusal or "",
    )
    context.effects.emit(answer)
    return True


def _execute(context: Context, command: Command) -> None:
    match command:
        case StaffMask() | StaffUnmask():
            masks.execute(context.alerts, command, context.effects)
        case LogHandedOver() | LogConfirmed():
            execute_hand_over(context.state, command, context.effects)
        case StaffOverride():
            on_call.take_shift(context.state, command, context.effects)
        case StaffRelease():
            on_call.give_back(context.state, command, context.effects)
        case LogWritten():
            shift_log.write(context.state, command, context.effects)
        case LogStruck():
            shift_log.strike(context.state, command, context.effects)
        case StaffMuster() | StaffAccountFor() | StaffAddToMuster() | StaffLookup():
            holders.execute(context.state, command, context.effects)
        case StaffHandOver(to=to):
            commands.execute(
                context.alerts,
                command,
                context.effects,
                lambda _: hand_over.objection(context.state, to),
            )
        case StaffEscalate():
            objection = partial(escalation_policy.objection_to_escalation, context.state)
            commands.execute(context.alerts, command, context.effects, objection)
        case _:
            commands.execute(context.alerts, command, context.effects)
