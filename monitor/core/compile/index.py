"""The index of subscriptions: for each event, only the rules that it can fit are evaluated."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from monitor.core.events import AnyEvent
from monitor.core.rules.fields import fields, is_of_place, reader
from monitor.core.rules.names import CACHED, NO_NAMES, Names, one_line, parsed
from monitor.core.venue.places import Place

T = TypeVar("T")
U = TypeVar("U")
Needs = Mapping[str, frozenset[str]]
"""By field: the texts of which the field must hold one for the expression to be true."""
FEWEST = 4
"""The fewest subscriptions for which a lookup is faster than evaluating them all."""


class Candidates(Generic[T]):
    """The subscriptions to one type of event, in order, looked up by the field that separates them best.

    Args:
        kind: the event type.
        rows: the subscriptions, each with its needs.
        indexed: whether to look up at all; without it all are evaluated, with the same result.

    """

    __slots__ = ("_by_value", "_read", "everyone", "field", "rest", "value_of")

    def __init__(self, kind: str, rows: Sequence[tuple[Needs, T]], *, indexed: bool = True) -> None:
        self.everyone: Sequence[T] = [row for _, row in rows]
        self.rest: Sequence[T] = self.everyone
        """The subscriptions that are evaluated for every value of the field."""
        self.field = _best([needs for needs, _ in rows]) if indexed else ""
        of_event = bool(self.field) and fields(kind)[self.field].source == "e"
        self.value_of: Callable[[AnyEvent], str] | None = (
            attrgetter(self.field) if of_event else None
        )
        """Reads the field of an event; ``None``: all events at one place have the same subscriptions."""
        self._by_value: dict[str, list[T]] = {}
        if self.field:
            self._read = reader(kind, self.field)
            self.rest = [row for needs, row in rows if self.field not in needs]
            values = set[str]().union(*(needs.get(self.field, ()) for needs, _ in rows))
            for value in values:
                self._by_value[value] = [
                    row for needs, row in rows if value in needs.get(self.field, (value,))
                ]

    def of(self, event: AnyEvent, place: Place) -> Sequence[T]:
        """Return the subscriptions that an event at its place can fit."""
        if not self.field:
            return self.everyone
        return self._by_value.get(self._read(event, place), self.rest)

    @property
    def values(self) -> Iterable[str]:
        """The values of the field for which there is a list of its own."""
        return self._by_value

    def mapped(self, change: Callable[[T], U]) -> "Candidates[U]":
        """Return the same lookup of other rows, one for each subscription."""
        found: Candidates[Any] = copy(self)
        rows = {id(row): change(row) for row in self.everyone}
        found.everyone = [rows[id(row)] for row in self.everyone]
        found.rest = [rows[id(row)] for row in self.rest]
        found._by_value = {
            value: [rows[id(row)] for row in listed] for value, listed in self._by_value.items()
        }
        return found

    @property
    def most(self) -> int:
        """The most subscriptions evaluated for one event."""
        return max(map(len, self._by_value.values()), default=len(self.rest))


@lru_cache(maxsize=CACHED)
def needed(where: str, kind: str, names: Names = NO_NAMES) -> Needs:
    """Return what a checked expression needs to be true, as far as it states ``field == "text"`` or ``in [...]``."""
    if not where:
        return {}
    found: dict[str, frozenset[str]] = {}
    for part in _parts(parsed(one_line(where), names)):
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


@lru_cache(maxsize=CACHED)
def divided(where: str, kind: str, names: Names = NO_NAMES) -> tuple[str, str]:
    """Divide a checked expression into two that must both be true: what the place alone decides, and the rest.

    Either is empty if nothing is left for it. The rest begins with what is read and ends with what is computed.
    """
    if not where:
        return "", ""
    known = fields(kind)
    parts = [
        (part, {known[name].source for name in _fields(part) if not is_of_place(kind, name)})
        for part in _parts(parsed(one_line(where), names))
    ]
    here = [part for part, sources in parts if not sources]
    rest = sorted((row for row in parts if row[1]), key=lambda row: "d" in row[1])
    return _joined(here), _joined([part for part, _ in rest])


def any_of(needs: Sequence[Needs]) -> Needs:
    """Return what is needed for any of several expressions to be true."""
    shared = set(needs[0]).intersection(*needs) if needs else set[str]()
    return {field: frozenset[str]().union(*(row[field] for row in needs)) for field in shared}


def _parts(tree: ast.expr) -> list[ast.expr]:
    """Return the parts of an expression that must all be true."""
    return tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]


def _joined(parts: list[ast.expr]) -> str:
    if not parts:
        return ""
    return ast.unparse(parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts))


def _fields(part: ast.expr) -> set[str]:
    """Return the fields that a part of an expression reads."""
    functions = {node.func for node in ast.walk(part) if isinstance(node, ast.Call)}
    return {
        node.id for node in ast.walk(part) if isinstance(node, ast.Name) and node not in functions
    }


def _texts(nodes: Sequence[ast.expr]) -> frozenset[str]:
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    return frozenset(texts) if len(texts) == len(nodes) else frozenset()


def _best(rows: Sequence[Needs]) -> str:
    """Return the field with the most different texts; empty if a lookup is not worthwhile."""
    texts: dict[str, set[str]] = {}
    asking: dict[str, int] = {}
    for needs in rows:
        for field, values in needs.items():
            texts.setdefault(field, set()).update(values)
            asking[field] = asking.get(field, 0) + 1
    worth = [field for field, count in asking.items() if count >= FEWEST and len(texts[field]) > 1]
    return max(worth, key=lambda field: (len(texts[field]), field), default="")
