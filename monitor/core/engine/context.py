"""What the stages share, and what they pass on to one another."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct, field

from monitor.core.alerts.lifecycle import AlertLifecycle
from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.effects import Effects
from monitor.core.engine.plan import Plan
from monitor.core.operators.protocol import End, Fire
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place

Placed = tuple[TimestampedEvent, Place]
"""An event and its place."""
Lane = Literal["on arrival", "in order"]
"""Whether rules receive an event when it arrives, or once the watermark has passed it."""
Observer = Callable[[TimestampedEvent, Place, Lane], None]
"""Receives each event when the rules do, after the facts have been updated, to explain the verdict of a rule."""


class Matched(NamedTuple):
    """A rule fires or ends for one key."""

    compiled: CompiledRule
    key: str
    place: Place
    signal: Fire | End


class Context(Struct):
    """The context shared by all stages."""

    state: State
    rules: CompiledRules
    """The rules in force; another object after a change of rules."""
    plan: Plan
    """The same, bound to the state."""
    effects: Effects
    alerts: AlertLifecycle
    observer: Observer | None = None
    keyless: Counter[str] = field(default_factory=Counter)
    """By rule and fact: events that fit but lack a field of its key, since the last call."""
    prepared: tuple[RuleSet, CompiledRules] | None = None
    """Rules that were compiled ahead of the input that puts them in force."""
    is_refused: bool = False
    """The present input is a message that was refused."""
    reminded: list[Matched] | None = None
    """While rules receive what was known before them: what they make of it, even the end of what raised no alert."""


class Batch(Struct, gc=False):
    """Events on their way through the stages: one that arrives, or those of one instant."""

    events: Sequence[Placed]
    derived: Sequence[Placed] = ()
    """The events that were derived from the others."""


Stage = Callable[[Context, Batch], None]
"""Takes a batch through one stage."""


def run(stages: Iterable[Stage], context: Context, batch: Batch) -> None:
    """Take a batch through stages."""
    for stage in stages:
        stage(context, batch)
