"""What a field may hold, read from its type hint."""

import re
from dataclasses import dataclass, field
from functools import cache
from operator import ge, gt, le, lt
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta, Struct, structs

fields = cache(structs.fields)
"""Return the fields of a struct; cached, since looking them up takes longer than reading a table."""


@dataclass(frozen=True, slots=True)
class Hint:
    """The parts of a type hint; optional equals required here, since TOML has no null."""

    kind: Any
    """``tuple``, ``dict``, ``Union``, ``Literal``, or the type itself."""
    args: tuple[Any, ...] = ()
    """The items of a tuple or dict, the arms of a union, or the words of a choice."""
    limits: tuple[Meta, ...] = ()
    """The constraints on the value, such as a pattern or a range."""
    is_table: bool = field(init=False)
    """Whether it is a struct, which in a file is a table."""

    def __post_init__(self) -> None:
        is_table = isinstance(self.kind, type) and issubclass(self.kind, Struct)
        object.__setattr__(self, "is_table", is_table)

    @property
    def is_tables(self) -> bool:
        """Whether it is a tuple of structs, which in a file is an array of tables."""
        return self.kind is tuple and taken_apart(self.args[0]).is_table

    @property
    def is_texts(self) -> bool:
        """Whether it is a tuple of texts, which a file may give as a single text."""
        return self.kind is tuple and taken_apart(self.args[0]).kind in (str, Literal)


@cache
def taken_apart(hint: object) -> Hint:
    """Return the parts of a type hint; cached, as a file has thousands of values of few types."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner = taken_apart(args[0])
        limits = tuple(limit for limit in args[1:] if isinstance(limit, Meta))
        return Hint(inner.kind, inner.args, inner.limits + limits)
    if origin in (Union, UnionType):
        arms = tuple(arm for arm in args if arm is not NoneType)
        return Hint(Union, arms) if len(arms) > 1 else taken_apart(arms[0])
    if origin is tuple:
        return Hint(tuple, args[:1])
    if origin is dict:
        return Hint(dict, args[1:])
    return Hint(Literal, args) if origin is Literal else Hint(hint)


def beyond(limit: Meta, value: Any) -> str:  # noqa: ANN401 - the limit decides its type
    """Return which limit the value breaks and what to write instead; empty if it breaks none."""
    if limit.pattern is not None and not re.fullmatch(limit.pattern, value):
        return f"is not allowed; write {limit.description or f'text that fits {limit.pattern}'}"
    for bound, holds, words in (
        (limit.ge, ge, "at least"),
        (limit.gt, gt, "more than"),
        (limit.le, le, "at most"),
        (limit.lt, lt, "less than"),
    ):
        if bound is not None and not holds(value, bound):
            return f"is not allowed; write {words} {bound}"
    if limit.min_length is not None and len(value) < limit.min_length:
        return f"is too short; write at least {_many(limit.min_length, value)}"
    if limit.max_length is not None and len(value) > limit.max_length:
        return f"is too long; write at most {_many(limit.max_length, value)}"
    return ""


def _many(number: int, of: object) -> str:
    unit = "character" if isinstance(of, str) else "value"
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
