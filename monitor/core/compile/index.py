"""The index: of the rules that listen to one type of event, only those are asked which the event can fit."""

import ast
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from monitor.core.events import AnyEvent
from monitor.core.rules.fields import fields, reader
from monitor.core.rules.names import NO_NAMES, Names, one_line, parsed
from monitor.core.venue.places import Place

T = TypeVar("T")
Needs = Mapping[str, frozenset[str]]
"""The texts of which one has to stand in a field, or the expression is not so."""
FEWEST = 4
"""To look up is not worth more than to ask so few."""


class Candidates(Generic[T]):
    """Who listens to one type of event, in order, found by the field that most tells them apart.

    Args:
        kind: the event type.
        rows: the listeners, each with what it needs.
        indexed: look up at all; without it everyone is asked, with the same outcome.

    """

    __slots__ = ("_by_value", "_read", "everyone", "field", "rest")

    def __init__(self, kind: str, rows: Sequence[tuple[Needs, T]], *, indexed: bool = True) -> None:
        self.everyone: Sequence[T] = [row for _, row in rows]
        self.rest: Sequence[T] = self.everyone
        """Those who are asked whatever stands in the field."""
        self.field = _best([needs for needs, _ in rows]) if indexed else ""
        self._by_value: dict[str, list[T]] = {}
        if self.field:
            self._read = reader(kind, self.field)
            self.rest = [row for needs, row in rows if self.field not in needs]
            values = set[str]().union(*(needs.get(self.field, ()) for needs, _ in rows))
            for value in values:
                self._by_value[value] = [
                    row for needs, row in rows if value in needs.get(self.field, (value,))
                ]

    def of(self, said: AnyEvent, place: Place) -> Sequence[T]:
        """Return those whom an event at its place can concern."""
        if not self.field:
            return self.everyone
        return self._by_value.get(self._read(said, place), self.rest)

    @property
    def most(self) -> int:
        """How many are asked for one event at the most."""
        return max(map(len, self._by_value.values()), default=len(self.rest))


def needed(where: str, kind: str, names: Names = NO_NAMES) -> Needs:
    """Return what a checked expression needs to be so, as far as it says ``field == "text"`` or ``in [...]``."""
    if not where:
        return {}
    tree = parsed(one_line(where), names)
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        match part:
            case ast.Compare(left=ast.Name(id=field), ops=[ast.Eq()], comparators=[right]):
                texts = _texts([right])
            case ast.Compare(
                left=ast.Name(id=field),
                ops=[ast.In()],
                comparators=[ast.List(elts=values) | ast.Tuple(elts=values)],
            ):
                texts = _texts(values)
            case _:
                continue
        if texts and fields(kind)[field].source != "d":
            found[field] = found.get(field, texts) & texts
    return found


def any_of(needs: Sequence[Needs]) -> Needs:
    """Return what is needed if one of several expressions has to be so."""
    shared = set(needs[0]).intersection(*needs) if needs else set[str]()
    return {field: frozenset[str]().union(*(row[field] for row in needs)) for field in shared}


def _texts(nodes: Sequence[ast.expr]) -> frozenset[str]:
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    return frozenset(texts) if len(texts) == len(nodes) else frozenset()


def _best(rows: Sequence[Needs]) -> str:
    """Return the field with the most different texts; empty if to look up is not worth it."""
    texts: dict[str, set[str]] = {}
    asking: dict[str, int] = {}
    for needs in rows:
        for field, values in needs.items():
            texts.setdefault(field, set()).update(values)
            asking[field] = asking.get(field, 0) + 1
    worth = [field for field, count in asking.items() if count >= FEWEST and len(texts[field]) > 1]
    return max(worth, key=lambda field: (len(texts[field]), field), default="")
