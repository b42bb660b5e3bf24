"""Any event that its type allows, generated from the types: extreme dates, odd offsets, long names."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from tests.support.engine import at

NAMES = st.sampled_from(
    ["d1", "d2", "e1", "g1", "hall", "foyer", "r1", "check", "exits-free", "x", " / "]
)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.one_of(
    st.integers(-90_000, 90_000).map(at),
    st.datetimes(timezones=OFFSETS | st.just(UTC)),
    OFFSETS.map(lambda offset: datetime(1, 1, 1, tzinfo=offset)),
    OFFSETS.map(lambda offset: datetime(9999, 12, 31, 23, 59, 59, tzinfo=offset)),
)


@cache
def events(struct: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Events of a type, as they come out of the decoder."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    fields = {
        field.encode_name: values(field.type)
        for field in info.fields
        if field.required or field.encode_name not in ("raw", "device")
    }
    tag = {} if info.tag is None else {"type": st.just(info.tag)}
    return st.fixed_dictionaries(tag | fields).map(
        lambda expected: msgspec.convert(expected, struct)
    )


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a field."""
    match kind:
        case inspect.UnionType(types=types):
            return st.one_of([values(row) for row in types])
        case inspect.NoneType():
            return st.none()
        case inspect.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=3)
        case inspect.StructType(cls=struct):
            return events(struct).map(msgspec.to_builtins)
        case inspect.DictType():
            return st.dictionaries(NAMES, NAMES, max_size=2)  # the arguments of a sentence
        case inspect.StrType():
            return texts(kind)
        case _:
            return scalars(kind)


def scalars(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Enumerated values, numbers, booleans, times."""
    match kind:
        case inspect.LiteralType(values=words):
            return st.sampled_from(list(words))
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=low, le=high):
            return st.integers(low, high)
        case inspect.FloatType(ge=low, le=high):
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case inspect.DateTimeType():
            return MOMENTS
        case _:
            raise TypeError(kind)


def texts(kind: inspect.StrType) -> st.SearchStrategy[str]:
    """Names in the venue file, short texts, the longest one allowed."""
    if kind.pattern is not None:
        return st.just("0" * 64)
    longest = kind.max_length or 9
    short = st.text(min_size=kind.min_length or 0, max_size=min(longest, 9))
    return st.one_of(NAMES, NAMES, short, st.just("x" * longest))
