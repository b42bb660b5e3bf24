"""Fact guards: whether the facts of a rule's ``while`` hold, checked at each event and timer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.compile.key import KeyOf
from monitor.core.events import AnyEvent
from monitor.core.state.rules import FactValue
from monitor.core.venue.places import Place


class BoundGuard(NamedTuple):
    """One entry in a rule's ``while`` for one type of event, bound to what is known of its fact."""

    values: Mapping[str, FactValue]
    """By key of the fact."""
    whose: KeyOf | None
    """Reads the key from the event; ``None`` if the event has none."""
    wanted: bool
    lasts: timedelta | None
    if_unknown: bool
    """Whether it holds as long as nothing is known."""


GuardId = tuple[str, KeyOf | None, bool, timedelta | None, bool]
"""What makes two bound guards the same: a fact in place of its values."""
SharedGuards = dict[tuple[GuardId, ...], Sequence[BoundGuard]]
"""Rules with the same conditions have the same guards: whoever asks them of an event asks once for all of them."""


def hold(guards: Sequence[BoundGuard], event: AnyEvent, place: Place, t: datetime) -> bool:
    """Return whether all facts hold for an event at its place, at a time."""
    for values, whose, wanted, lasts, if_unknown in guards:
        known = values.get("" if whose is None else whose(event, place)) if values else None
        if known is None:
            if not if_unknown:
                return False
        elif (known.holds and (lasts is None or t - known.at <= lasts)) is not wanted:
            return False
    return True


class Conditions:
    """The facts of one rule, bound to what is known of them.

    Args:
        compiled: the rule.
        facts: by fact and key, what is known; every fact of the rule is entered.
        place_of: finds the place of an event.
        shared: the guards of other rules.

    """

    __slots__ = ("_bound", "_by_kind", "_place_of", "_shared", "_unknown")

    def __init__(
        self,
        compiled: CompiledRule,
        facts: dict[str, dict[str, FactValue]],
        place_of: Callable[[AnyEvent], Place],
        shared: SharedGuards,
    ) -> None:
        self._bound = [(guard, facts.setdefault(guard.fact, {})) for guard in compiled.guards]
        self._by_kind: dict[type, Sequence[BoundGuard]] = {}
        self._place_of = place_of
        self._shared = shared
        self._unknown = compiled.rule.unknown == "alerts"

    def of(self, kind: type) -> Sequence[BoundGuard]:
        """Return the guards for events of a type."""
        found = self._by_kind.get(kind)
        if found is None:
            own = tuple(
                (row.fact, row.key_of.get(kind), row.wanted, row.lasts, self._unknown)
                for row, _ in self._bound
            )
            bound = tuple(
                BoundGuard(values, *guard[1:])
                for (_, values), guard in zip(self._bound, own, strict=True)
            )
            found = self._by_kind[kind] = self._shared.setdefault(own, bound)
        return found

    def hold(self, event: AnyEvent, t: datetime) -> bool:
        """Return whether all of them hold at the place of an event, at a time."""
        return hold(self.of(type(event)), event, self._place_of(event), t)


def never(_event: AnyEvent, _t: datetime) -> bool:
    """Return that something is known not to hold."""
    return False


def always(_event: AnyEvent, _t: datetime) -> bool:
    """Return that nothing has to hold, or that it is known to."""
    return True
