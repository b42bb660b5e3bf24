"""Lists and macros: constants and expressions that are named once and used in the ``where`` of many rules."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from keyword import iskeyword
from typing import Literal
from warnings import catch_warnings, simplefilter

from msgspec import Struct

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.fields import fields

DEEPEST = 20
"""Levels of nesting; deeper expressions are unreadable."""
MOST_USES = 200
"""Lists and macros in one expression, those inside macros included."""
CACHED = 4096
"""Expressions that are kept compiled, so that a change of rules compiles only what has changed."""
DefinitionKind = Literal["rule", "fact", "list", "macro"]
"""What a rule file can define under a name."""
FUNCTIONS = ("has", "starts_with", "ends_with", "contains", "like", "matches")


class ExpressionError(ValueError):
    """An expression is invalid at ``column`` (from 0).

    ``refers_to`` is the list or macro that it may mean, if that is not defined.
    """

    def __init__(self, message: str, column: int, refers_to: str = "") -> None:
        self.column = column
        self.refers_to = refers_to
        super().__init__(message)


class Names(Struct, frozen=True, kw_only=True):
    """The lists and macros of all rule files together."""

    lists: Mapping[str, tuple[str | float, ...]] = {}
    macros: Mapping[str, str] = {}

    def __hash__(self) -> int:
        """Return a hash of their content, by which compiled expressions are looked up."""
        return hash((tuple(self.lists.items()), tuple(self.macros.items())))


NO_NAMES = Names()
_NOT_READ = re.compile(
    r"""(?P<text> " (?: [^"\\\n\r] | \\. )* " | ' (?: [^'\\\n\r] | \\. )* ') | \#[^\n\r]* | [\n\r]""",
    re.VERBOSE,
)
"""Comments and line breaks; a ``#`` within quotes does not begin a comment."""


def one_line(text: str) -> str:
    """Return an expression as it is parsed and shown: on one line, without comments."""
    return _NOT_READ.sub(lambda found: found["text"] or " ", text).strip()


def parsed(line: str, names: Names = NO_NAMES) -> ast.expr:
    """Parse an expression and replace its names by their values.

    Raises:
        ExpressionError: the text is not an expression, or uses a name wrongly.

    """
    return _Expansion(line, names).expanded(_tree(line), 0, ())


@lru_cache(maxsize=CACHED)
def written_out(text: str, names: Names) -> str:
    """Return an expression with its names replaced by their values; unchanged if it uses none.

    Raises:
        ExpressionError: as for `parsed`.

    """
    line = one_line(text)
    if not line or not any(name in line for name in (*names.lists, *names.macros)):
        return text
    return ast.unparse(parsed(line, names))


def name_mistakes(names: Names) -> Iterator[tuple[DefinitionKind, str, str]]:
    """Yield the mistakes of lists and macros: which of the two it is, its name, what is wrong."""
    taken = {name for event_type in EVENT_TYPES for name in fields(event_type)} | set(FUNCTIONS)
    kinds: tuple[tuple[DefinitionKind, Iterable[str]], ...] = (
        ("list", names.lists),
        ("macro", names.macros),
    )
    for kind, named in kinds:
        for name in named:
            if not name.isidentifier() or iskeyword(name):
                yield kind, name, "is not a valid name; use letters, digits and _"
            elif name in taken:
                yield kind, name, "is already the name of a field or function; choose another"
            elif kind == "macro" and name in names.lists:
                yield kind, name, "is already the name of a list; choose another"
    for name, values in names.lists.items():
        if len({type(value) for value in values}) != 1:
            yield "list", name, 'needs constants of one kind; write e.g. ["a", "b"]'
    for name in names.macros:
        yield from (("macro", name, what) for what in _macro_mistakes(name, names))


def _macro_mistakes(name: str, names: Names) -> Iterator[str]:
    try:
        tree = parsed(name, names)
    except ExpressionError as error:
        yield f"{error}\n      {one_line(names.macros[name])}"
    else:
        yield from _unknown_lists(tree, names)


def _unknown_lists(tree: ast.expr, names: Names) -> Iterator[str]:
    """Yield what is wrong with the lists that an expression names: no rule may use it yet."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name)]):
                yield unknown_list(name, names)
            case _:
                pass


def unknown_list(name: str, names: Names) -> str:
    """Return what is wrong with the name of a list, and what to write instead."""
    close = get_close_matches(name, names.lists, n=1)
    instead = (
        f'did you mean "{close[0]}"?' if close else 'add it under [lists], or write ["a", "b"]'
    )
    return f'unknown list "{name}"; {instead}'


class _Expansion:
    """The replacement of lists and macros in one expression; errors point to where a name is used."""

    def __init__(self, line: str, names: Names) -> None:
        self.line = line
        self.names = names
        self.uses = 0

    def expanded(self, node: ast.expr, depth: int, within: tuple[str, ...]) -> ast.expr:
        """Return the expression without names; the compiler refuses what is nested too deeply."""
        if depth > DEEPEST:
            return node
        match node:
            case ast.BoolOp():
                node.values = [self.expanded(row, depth + 1, within) for row in node.values]
            case ast.UnaryOp(op=ast.Not()):
                node.operand = self.expanded(node.operand, depth + 1, within)
            case ast.Compare(left=ast.Name(id=name) as use) if name in self.names.macros:
                raise self.wrong(f'"{name}" is a macro; write it alone, without a comparison', use)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name) as use]):
                node.comparators = [self.values(use, name)]
            case ast.Name(id=name) if name in self.names.macros:
                return self.macro(node, name, depth, within)
            case _:
                pass
        return node

    def values(self, use: ast.expr, name: str) -> ast.expr:
        if name not in self.names.lists:
            return use  # the compiler refuses it, with the other mistakes of the expression
        self.used(use)
        constants: list[ast.expr] = [_constant(value) for value in self.names.lists[name]]
        return _placed(ast.List(elts=constants, ctx=ast.Load()), use)

    def macro(self, use: ast.expr, name: str, depth: int, within: tuple[str, ...]) -> ast.expr:
        self.used(use)
        if name in within:
            circle = " -> ".join([*within[within.index(name) :], name])
            raise self.wrong(f"macros use each other in a circle; break it: {circle}", use)
        try:
            tree = _tree(one_line(self.names.macros[name]))
        except ExpressionError as error:
            raise self.wrong(f'macro "{name}": {error}', use) from error
        return self.expanded(_placed(tree, use), depth + 1, (*within, name))

    def used(self, use: ast.expr) -> None:
        self.uses += 1
        if self.uses > MOST_USES:
            what = f"more than {MOST_USES} lists and macros in one expression; split the rule"
            raise self.wrong(what, use)

    def wrong(self, message: str, node: ast.expr) -> ExpressionError:
        return ExpressionError(message, column(self.line, node))


def column(line: str, node: ast.expr) -> int:
    """Return the column of a node in characters; the parser counts bytes."""
    return len(line.encode()[: node.col_offset].decode())


def _constant(value: str | float) -> ast.expr:
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(-value))
    return ast.Constant(value)


def _placed(tree: ast.expr, use: ast.expr) -> ast.expr:
    """Give every part of a tree the position at which its name was used."""
    for node in ast.walk(tree):
        ast.copy_location(node, use)
    return tree


def _tree(line: str) -> ast.expr:
    try:
        with catch_warnings():
            # A backslash without meaning counts as a syntax error, since the intention is unclear.
            simplefilter("error")
            return ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = error.offset - 1 if isinstance(error, SyntaxError) and error.offset else 0
        message = 'not an expression; write e.g. reason == "passback" and direction == "in"'
        raise ExpressionError(message, at) from error
