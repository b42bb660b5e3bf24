"""Lists and macros: constants and expressions that are named once and used in the ``where`` of many rules."""

import ast
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from keyword import iskeyword
from warnings import catch_warnings, simplefilter

from msgspec import Struct

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.fields import fields

DEEPEST = 20
"""Levels of nesting; nobody reads more."""
MOST_USES = 200
"""Lists and macros in one expression, those inside macros included."""
FUNCTIONS = ("has", "starts_with", "ends_with", "contains", "like", "matches")


class ExpressionError(ValueError):
    """An expression says something that can't be, at ``column`` (from 0)."""

    def __init__(self, message: str, column: int) -> None:
        self.column = column
        super().__init__(message)


class Names(Struct, frozen=True, kw_only=True):
    """The lists and macros of all rule files together."""

    lists: Mapping[str, tuple[str | float, ...]] = {}
    macros: Mapping[str, str] = {}


NO_NAMES = Names()
_NOT_READ = re.compile(
    r"""(?P<text> " (?: [^"\\\n\r] | \\. )* " | ' (?: [^'\\\n\r] | \\. )* ') | \#[^\n\r]* | [\n\r]""",
    re.VERBOSE,
)
"""Comments and the ends of lines; a ``#`` within quotes begins no comment."""


def one_line(text: str) -> str:
    """Return an expression as it is read and shown: on one line, without its comments."""
    return _NOT_READ.sub(lambda found: found["text"] or " ", text).strip()


def parsed(line: str, names: Names = NO_NAMES) -> ast.expr:
    """Read an expression, with what its names stand for put in their place.

    Raises:
        ExpressionError: the text is no expression, or uses a name that can't be.

    """
    return _Expansion(line, names).expanded(_tree(line), 0, ())


def written_out(text: str, names: Names) -> str:
    """Return an expression with what its names stand for; one that uses none as it is.

    Raises:
        ExpressionError: as `parsed`.

    """
    line = one_line(text)
    if not line or not any(name in line for name in (*names.lists, *names.macros)):
        return text
    return ast.unparse(parsed(line, names))


def name_problems(names: Names) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with lists and macros: ``list`` or ``macro``, its name, what is wrong."""
    taken = {name for kind in EVENT_TYPES for name in fields(kind)} | set(FUNCTIONS)
    for what, named in (("list", names.lists), ("macro", names.macros)):
        for name in named:
            if not name.isidentifier() or iskeyword(name):
                yield what, name, "is no name; use letters, digits and _"
            elif name in taken:
                yield what, name, "is the name of a field or function; choose another"
            elif what == "macro" and name in names.lists:
                yield what, name, "is the name of a list too; choose another"
    for name, values in names.lists.items():
        if len({type(value) for value in values}) != 1:
            yield "list", name, 'write constants of one kind: ["a", "b"]'
    for name, text in names.macros.items():
        try:
            written_out(name, names)
        except ExpressionError as error:
            yield "macro", name, f"{error}\n      {one_line(text)}"


class _Expansion:
    """Puts into one expression what its lists and macros stand for; errors point to where a name is used."""

    def __init__(self, line: str, names: Names) -> None:
        self.line = line
        self.names = names
        self.uses = 0

    def expanded(self, node: ast.expr, depth: int, within: tuple[str, ...]) -> ast.expr:
        """Return the expression without names; what is nested too deeply is left to who compiles it."""
        if depth > DEEPEST:
            return node
        match node:
            case ast.BoolOp():
                node.values = [self.expanded(row, depth + 1, within) for row in node.values]
            case ast.UnaryOp(op=ast.Not()):
                node.operand = self.expanded(node.operand, depth + 1, within)
            case ast.Compare(left=ast.Name(id=name) as use) if name in self.names.macros:
                raise self.wrong(f'"{name}" is a macro: it stands alone, without a comparison', use)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name) as use]):
                node.comparators = [self.values(use, name)]
            case ast.Name(id=name) if name in self.names.macros:
                return self.macro(node, name, depth, within)
            case _:
                pass
        return node

    def values(self, use: ast.expr, name: str) -> ast.expr:
        if name not in self.names.lists:
            close = get_close_matches(name, self.names.lists, n=1)
            if close:
                raise self.wrong(f'no list is called "{name}"; did you mean "{close[0]}"?', use)
            return use
        self.used(use)
        constants: list[ast.expr] = [_constant(value) for value in self.names.lists[name]]
        return _placed(ast.List(elts=constants, ctx=ast.Load()), use)

    def macro(self, use: ast.expr, name: str, depth: int, within: tuple[str, ...]) -> ast.expr:
        self.used(use)
        if name in within:
            circle = " -> ".join([*within[within.index(name) :], name])
            raise self.wrong(f"macros go round in a circle: {circle}", use)
        try:
            tree = _tree(one_line(self.names.macros[name]))
        except ExpressionError as error:
            raise self.wrong(f'macro "{name}": {error}', use) from error
        return self.expanded(_placed(tree, use), depth + 1, (*within, name))

    def used(self, use: ast.expr) -> None:
        self.uses += 1
        if self.uses > MOST_USES:
            raise self.wrong(f"more than {MOST_USES} lists and macros in one expression", use)

    def wrong(self, message: str, node: ast.expr) -> ExpressionError:
        return ExpressionError(message, column(self.line, node))


def column(line: str, node: ast.expr) -> int:
    """Return where a node stands; the parser counts bytes, people count characters."""
    return len(line.encode()[: node.col_offset].decode())


def _constant(value: str | float) -> ast.expr:
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(-value))
    return ast.Constant(value)


def _placed(tree: ast.expr, use: ast.expr) -> ast.expr:
    """Have every part of a tree stand where its name was used."""
    for node in ast.walk(tree):
        ast.copy_location(node, use)
    return tree


def _tree(line: str) -> ast.expr:
    try:
        with catch_warnings():
            # A backslash that means nothing is as good as a syntax error: nobody knows what was meant.
            simplefilter("error")
            return ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = error.offset - 1 if isinstance(error, SyntaxError) and error.offset else 0
        message = 'not an expression; write e.g. reason == "passback" and direction == "in"'
        raise ExpressionError(message, at) from error
