"""The language of ``where``: a small part of Python's grammar, checked against the event types and compiled.

It only compares fields with constants, so it can't raise, import, loop or backtrack. A comparison with a missing value
is false.
"""

import ast
import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fnmatch import translate
from functools import lru_cache
from re import compile as compile_pattern
from types import MappingProxyType
from typing import Any

from monitor.core.events import AnyEvent
from monitor.core.rules.computed import COMPUTED
from monitor.core.rules.expression_type import noun, type_of
from monitor.core.rules.fields import Field, fields
from monitor.core.rules.names import (
    CACHED,
    DEEPEST,
    FUNCTIONS,
    NO_NAMES,
    ExpressionError,
    Names,
    column,
    one_line,
    parsed,
    unknown_list,
)
from monitor.core.rules.pattern import PatternError, search_for
from monitor.core.venue.places import Place

Predicate = Callable[[AnyEvent, Place], bool]
Choices = Mapping[str, tuple[str, ...]]
"""By field: the values that a venue allows in it."""
NO_CHOICES: Choices = MappingProxyType({})

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

__all__ = [
    "DEEPEST",
    "NO_CHOICES",
    "Choices",
    "ExpressionError",
    "Predicate",
    "compile_expression",
    "expression_mistakes",
    "one_line",
]


@lru_cache(maxsize=CACHED)
def compile_expression(text: str, kind: str, names: Names = NO_NAMES) -> Predicate:
    """Return the predicate of an expression over events of this kind and their places.

    Args:
        text: the expression.
        kind: the event type.
        names: lists and macros that it may use.

    Raises:
        ExpressionError: the text is not an expression, or does not fit the event type.

    """
    writer = _Writer(one_line(text), kind, names, NO_CHOICES)
    source = writer.whole()
    if writer.mistakes:
        raise writer.mistakes[0]
    function: Predicate = eval(  # noqa: S307 - the text was written by _Writer from checked nodes, builtins are empty
        f"lambda e, p: {source}", {"__builtins__": {}, **writer.constants}
    )
    return function


def expression_mistakes(
    text: str, kind: str, names: Names = NO_NAMES, choices: Choices = NO_CHOICES
) -> list[ExpressionError]:
    """Return every mistake of an expression.

    Args:
        text: the expression.
        kind: the event type.
        names: lists and macros that it may use.
        choices: the values that the venue allows in a field, by field; any where it says nothing.

    """
    writer = _Writer(one_line(text), kind, names, choices)
    writer.whole()
    return writer.mistakes


class _Writer:
    """The translation of a checked expression into Python, and the mistakes in it."""

    def __init__(self, line: str, kind: str, names: Names, choices: Choices) -> None:
        self.line = line
        self.names = names
        self.choices = choices
        self.kind = kind
        self.known = fields(kind)
        self.constants: dict[str, Any] = {}
        self.mistakes: list[ExpressionError] = []

    def whole(self) -> str:
        """Write the expression, as far as it has no mistakes."""
        try:
            return self.truth(parsed(self.line, self.names), 0)
        except ExpressionError as error:
            self.mistakes.append(error)
            return "False"

    def truth(self, node: ast.expr, depth: int) -> str:
        """Write a part that is true or false."""
        if depth > DEEPEST:
            raise self.wrong(f"nested more than {DEEPEST} deep; split it into two rules", node)
        match node:
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) else " or "
                return "(" + word.join(self.part(value, depth + 1) for value in values) + ")"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(not {self.truth(operand, depth + 1)})"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.comparison(left, op, right)
            case ast.Compare():
                raise self.wrong("write two comparisons joined by 'and'", node)
            case ast.Call():
                return self.call(node)
            case ast.Name():
                field, path = self.field(node, is_alone=True)
                if field.type != "yes/no":
                    raise self.wrong(
                        f'"{node.id}" is {noun(field.type)}; compare it with a value', node
                    )
                return f"({path} is True)"
            case ast.Constant():
                what = 'a value alone has no meaning; compare a field with it, e.g. reason in ["a", "b"]'
                raise self.wrong(what, node)
            case _:
                raise self.wrong(_NOT_ALLOWED, node)

    def part(self, node: ast.expr, depth: int) -> str:
        """Write one of several parts; a mistake in it hides none in the others."""
        try:
            return self.truth(node, depth)
        except ExpressionError as error:
            self.mistakes.append(error)
            return "False"

    def comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn):
            return self.membership(left, op, right)
        if type(op) not in _COMPARE:
            raise self.wrong(_NOT_ALLOWED, left)
        field, path = self.field(left)
        sign = _COMPARE[type(op)]
        constant = self.constant(right, field, left)
        if sign not in ("==", "!=") and field.type != "number":
            what = (
                f"{sign} compares numbers, and {_shown(left)} is {noun(field.type)}; use == or !="
            )
            raise self.wrong(what, left)
        return self.guarded(field, path, lambda read: f"{read} {sign} {constant}")

    def membership(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        word = "in" if isinstance(op, ast.In) else "not in"
        field, path = self.field(left)
        if isinstance(right, ast.Name):
            raise self.wrong(unknown_list(right.id, self.names), right, right.id)
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise self.wrong('not a list; write constants in brackets, e.g. ["a", "b"]', right)
        values: list[str] = []
        for value in right.elts:
            try:
                values.append(self.constant(value, field, left))
            except ExpressionError as error:
                self.mistakes.append(error)
        return self.guarded(field, path, lambda read: f"{read} {word} ({', '.join(values)},)")

    def call(self, node: ast.Call) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "has" and len(node.args) == 1 and not node.keywords:
            field, path = self.field(node.args[0])
            return self.guarded(field, path, lambda read: f'{read} != "" and {read} != ()')
        if name not in _TEXT_FUNCTIONS:
            raise self.wrong(f"unknown function; write one of {', '.join(FUNCTIONS)}", node)
        if len(node.args) != 2 or node.keywords:  # noqa: PLR2004 - a field and a text
            raise self.wrong(f'{name} takes a field and a text: {name}(point, "hall-")', node)
        field, path = self.field(node.args[0])
        if field.type != "text":
            what = f"{_shown(node.args[0])} is {noun(field.type)}; {name} takes a field with text"
            raise self.wrong(what, node.args[0])
        text = node.args[1]
        if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
            raise self.wrong(f'{name} takes a text in quotes here, e.g. "hall-"', text)
        return self.guarded(field, path, self.text_test(name, text, text.value))

    def text_test(self, name: str, node: ast.expr, text: str) -> Callable[[str], str]:
        """Return what writes the test of a text that is read so."""
        constant = self.name(text)
        match name:
            case "starts_with":
                return lambda read: f"{read}.startswith({constant})"
            case "ends_with":
                return lambda read: f"{read}.endswith({constant})"
            case "contains":
                return lambda read: f"{constant} in {read}"
            case "matches":
                try:
                    search = self.name(search_for(text))
                except PatternError as error:
                    raise self.wrong(str(error), node) from error
                return lambda read: f"{search}({read})"
            case _:
                match = self.name(compile_pattern(translate(text)).match)
                return lambda read: f"{match}({read}) is not None"

    def field(self, node: ast.expr, *, is_alone: bool = False) -> tuple[Field, str]:
        """Return a field and how it is read; a name alone may also be meant as a macro."""
        if not isinstance(node, ast.Name):
            raise self.wrong('not a field; write the name of a field, e.g. point == "gate"', node)
        field = self.known.get(node.id)
        if field is None and node.id in self.names.macros:
            raise self.wrong(f'"{node.id}" is a macro; write it alone, outside any function', node)
        if field is None:
            close = get_close_matches(node.id, (*self.known, *self.names.macros), n=1)
            hint = f'; did you mean "{close[0]}"?' if close else ""
            what = f'"{self.kind}" has no field "{node.id}"{hint}'
            raise self.wrong(what, node, node.id if is_alone else "")
        if field.source == "d":
            return field, f"{self.name(COMPUTED[node.id].read)}(e, p)"
        return field, f"{field.source}.{node.id}"

    def constant(self, node: ast.expr, field: Field, left: ast.expr) -> str:
        """Write a constant of the field's type."""
        value, sign = node, 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value, sign = node.operand, -1
        if not isinstance(value, ast.Constant):
            raise self.wrong(f"not a constant; write {self.instead(field, left)}", node)
        found = type_of(value.value)
        if found != field.type or (sign < 0 and found != "number"):
            shown = ast.unparse(node)
            what = f"{_shown(left)} is {noun(field.type)}, but {shown} is {noun(found)}"
            raise self.wrong(f"{what}; write {self.instead(field, left)}", node)
        if isinstance(value.value, float) and not math.isfinite(value.value):
            raise self.wrong("the number is too large; write a smaller one", node)
        choices = field.choices or self.choices.get(ast.unparse(left), ())
        if choices and value.value not in choices:
            word = str(value.value)
            close = get_close_matches(word, choices, n=1)
            words = ", ".join(filter(None, choices))
            hint = f'did you mean "{close[0]}"?' if close else f"write one of {words}"
            raise self.wrong(f'{_shown(left)} is never "{word}"; {hint}', node)
        return self.name(-value.value if sign < 0 else value.value)  # type: ignore[operator]

    def instead(self, field: Field, node: ast.expr) -> str:
        """Return what to write to the right of a field, or instead of a comparison with it."""
        name = ast.unparse(node)
        if field.type == "yes/no":
            return f"{name} alone, or not {name}"
        return "text in quotes" if field.type == "text" else noun(field.type)

    def wrong(self, message: str, node: ast.expr, refers_to: str = "") -> ExpressionError:
        return ExpressionError(message, column(self.line, node), refers_to)

    def guarded(self, field: Field, path: str, test: Callable[[str], str]) -> str:
        """Write the test of a field that may be missing; what is computed is computed once."""
        if field.source == "d":
            return f"((v := {path}) is not None and {test('v')})"
        return f"({path} is not None and {test(path)})" if field.optional else f"({test(path)})"

    def name(self, value: object) -> str:
        """Bind a constant to a name, so that no text of a rule ever becomes code."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name


def _shown(node: ast.expr) -> str:
    return f'"{ast.unparse(node)}"'
