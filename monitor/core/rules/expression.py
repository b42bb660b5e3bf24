"""The language of ``where``: a small part of Python's grammar, checked against the event types, compiled.

It compares fields with constants and nothing else, so it can't raise, import, loop or backtrack. A missing value makes
a comparison false.
"""

import ast
import math
from collections.abc import Callable
from difflib import get_close_matches
from fnmatch import translate
from re import compile as compile_pattern
from typing import Any

from monitor.core.events import AnyEvent
from monitor.core.rules.computed import DERIVED
from monitor.core.rules.fields import Field, fields
from monitor.core.rules.names import (
    DEEPEST,
    FUNCTIONS,
    NO_NAMES,
    ExpressionError,
    Names,
    column,
    one_line,
    parsed,
)
from monitor.core.rules.pattern import PatternError, search_for
from monitor.core.venue.places import Place

Predicate = Callable[[AnyEvent, Place], bool]

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_TEXT_FUNCTIONS = FUNCTIONS[1:]
_NOT_ALLOWED = "not allowed in a rule expression; write comparisons joined by and, or, not"

__all__ = ["DEEPEST", "ExpressionError", "Predicate", "compile_expression", "one_line"]


def compile_expression(text: str, kind: str, names: Names = NO_NAMES) -> Predicate:
    """Return the function that tells whether an event of this kind, at its place, fits the expression.

    Args:
        text: the expression.
        kind: the event type.
        names: lists and macros that it may use.

    Raises:
        ExpressionError: the text is no expression, or doesn't fit the event type.

    """
    line = one_line(text)
    writer = _Writer(line, kind, names)
    source = writer.truth(parsed(line, names), 0)
    function: Predicate = eval(  # noqa: S307 - the text was written by _Writer from checked nodes, builtins are empty
        f"lambda e, p: {source}", {"__builtins__": {}, **writer.constants}
    )
    return function


class _Writer:
    """Writes the Python text of a checked expression."""

    def __init__(self, line: str, kind: str, names: Names) -> None:
        self.line = line
        self.macros = names.macros
        self.kind = kind
        self.known = fields(kind)
        self.constants: dict[str, Any] = {}

    def truth(self, node: ast.expr, depth: int) -> str:
        """Write something that is true or false."""
        if depth > DEEPEST:
            raise self.wrong(f"nested more than {DEEPEST} deep; split it into two rules", node)
        match node:
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) else " or "
                return "(" + word.join(self.truth(value, depth + 1) for value in values) + ")"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(not {self.truth(operand, depth + 1)})"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.comparison(left, op, right)
            case ast.Compare():
                raise self.wrong("write two comparisons joined by 'and'", node)
            case ast.Call():
                return self.call(node)
            case ast.Name():
                field, path = self.field(node)
                if field.type != "yes/no":
                    raise self.wrong(
                        f'"{node.id}" is {field.type}; compare it with something', node
                    )
                return f"({path} is True)"
            case ast.Constant():
                said = (
                    'a value alone says nothing; compare a field with it, e.g. reason in ["a", "b"]'
                )
                raise self.wrong(said, node)
            case _:
                raise self.wrong(_NOT_ALLOWED, node)

    def comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn):
            return self.membership(left, op, right)
        if type(op) not in _COMPARE:
            raise self.wrong(_NOT_ALLOWED, left)
        field, path = self.field(left)
        sign = _COMPARE[type(op)]
        constant = self.constant(right, field, left)
        if sign not in ("==", "!=") and field.type != "number":
            raise self.wrong(f"{sign} compares numbers; {_shown(left)} is {field.type}", left)
        return self.guarded(field, path, f"{path} {sign} {constant}")

    def membership(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        word = "in" if isinstance(op, ast.In) else "not in"
        field, path = self.field(left)
        if isinstance(right, ast.Name):
            said = f'no list is called "{right.id}"; add it under [lists], or write ["a", "b"]'
            raise self.wrong(said, right)
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise self.wrong('write a list of constants: ["a", "b"]', right)
        values = ", ".join(self.constant(value, field, left) for value in right.elts)
        return self.guarded(field, path, f"{path} {word} ({values},)")

    def call(self, node: ast.Call) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "has" and len(node.args) == 1 and not node.keywords:
            _, path = self.field(node.args[0])
            return f'({path} is not None and {path} != "" and {path} != ())'
        if name not in _TEXT_FUNCTIONS:
            offered = ", ".join(FUNCTIONS)
            raise self.wrong(f"no such function; there are {offered}", node)
        if len(node.args) != 2 or node.keywords:  # noqa: PLR2004 - a field and a text
            raise self.wrong(f'{name} takes a field and a text: {name}(point, "hall-")', node)
        field, path = self.field(node.args[0])
        if field.type != "text":
            raise self.wrong(f"{_shown(node.args[0])} is {field.type}, not text", node.args[0])
        text = node.args[1]
        if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
            raise self.wrong("a text in quotes is needed here", text)
        return self.guarded(field, path, self.text_test(name, path, text, text.value))

    def text_test(self, name: str, path: str, node: ast.expr, text: str) -> str:
        match name:
            case "starts_with":
                test = f"{path}.startswith({self.name(text)})"
            case "ends_with":
                test = f"{path}.endswith({self.name(text)})"
            case "contains":
                test = f"{self.name(text)} in {path}"
            case "matches":
                try:
                    search = search_for(text)
                except PatternError as error:
                    raise self.wrong(str(error), node) from error
                test = f"{self.name(search)}({path})"
            case _:
                test = f"{self.name(compile_pattern(translate(text)).match)}({path}) is not None"
        return test

    def field(self, node: ast.expr) -> tuple[Field, str]:
        if not isinstance(node, ast.Name):
            raise self.wrong("a field's name is needed on the left", node)
        field = self.known.get(node.id)
        if field is None and node.id in self.macros:
            raise self.wrong(f'"{node.id}" is a macro: it stands alone, without a function', node)
        if field is None:
            close = get_close_matches(node.id, (*self.known, *self.macros), n=1)
            hint = f'; did you mean "{close[0]}"?' if close else ""
            raise self.wrong(f'"{self.kind}" has no field "{node.id}"{hint}', node)
        if field.source == "d":
            return field, f"{self.name(DERIVED[node.id].read)}(e, p)"
        return field, f"{field.source}.{node.id}"

    def constant(self, node: ast.expr, field: Field, left: ast.expr) -> str:
        """Write a constant of the field's type."""
        value, sign = node, 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value, sign = node.operand, -1
        if not isinstance(value, ast.Constant) and field.type == "yes/no":
            name = ast.unparse(left)
            raise self.wrong(f"write {name} alone, or not {name}", node)
        if not isinstance(value, ast.Constant):
            raise self.wrong("a constant is needed on the right; a text stands in quotes", node)
        found = _type_of(value.value)
        if found != field.type or (sign < 0 and found != "number"):
            shown = ast.unparse(node)
            raise self.wrong(f"{_shown(left)} is {field.type} but {shown} is {found}", node)
        if isinstance(value.value, float) and not math.isfinite(value.value):
            raise self.wrong("the number is too large", node)
        if field.choices and value.value not in field.choices:
            said = str(value.value)
            close = get_close_matches(said, field.choices, n=1)
            words = ", ".join(filter(None, field.choices))
            hint = f'did you mean "{close[0]}"?' if close else f"there are {words}"
            raise self.wrong(f'{_shown(left)} is never "{said}"; {hint}', node)
        return self.name(-value.value if sign < 0 else value.value)  # type: ignore[operator]

    def wrong(self, message: str, node: ast.expr) -> ExpressionError:
        return ExpressionError(message, column(self.line, node))

    def guarded(self, field: Field, path: str, test: str) -> str:
        return f"({path} is not None and {test})" if field.optional else f"({test})"

    def name(self, value: object) -> str:
        """Give a constant a name, so that no text of a rule ever becomes code."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "yes/no"
        case int() | float():
            return "number"
        case str():
            return "text"
        case None:
            return "nothing"
        case _:
            return type(value).__name__


def _shown(node: ast.expr) -> str:
    return f'"{ast.unparse(node)}"'
