"""Reads a TOML document along the type hints of a struct."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar, Union

from msgspec import Struct
from msgspec.structs import FieldInfo

from monitor.runtime.files import regular
from monitor.toml.positions import Keys, lines
from monitor.toml.result import Mistake, Reading
from monitor.toml.scalars import LEAVES, Leaf, Wrong, choice
from monitor.toml.syntax import cure
from monitor.toml.type_hints import Hint, beyond, fields, taken_apart
from monitor.toml.words import instead, nearest, shown

T = TypeVar("T", bound=Struct)

_BAD: Final = object()
"""Stands for a value that could not be read; the mistake is noted."""
_PLACE = re.compile(r"(.*) \(at line (\d+), column \d+\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """What a TOML file has to be: a struct.

    Its fields are text, numbers, durations, times, paths, choices, structs, tuples and dicts of these, and unions
    where the value tells which is meant. A tuple of texts may be written as a single text.
    """

    kind: type[T]
    tables: Mapping[str, str] = field(default_factory=dict)
    """How tuples of structs are called in the file where it isn't the field's name, e.g. ``points``: ``point``."""
    leaves: Mapping[object, Leaf] = field(default_factory=dict)
    """Further types of single values."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Keys that people try although there is no such key, with what to do instead."""

    def read_file(self, path: Path) -> Reading[T]:
        """Read a file; that it is missing or can't be read is a mistake like any other."""
        try:
            with open(path, encoding="utf-8-sig", opener=regular) as file:
                text = file.read()
        except OSError as error:
            why = f"can't be read: {error.strerror}; write it, or name another file"
        except UnicodeDecodeError:
            why = "is not UTF-8 text; save it with that encoding"
        else:
            return self.read(text, str(path))
        return Reading(str(path), mistakes=[Mistake(str(path), 0, why)])

    def read(self, text: str, file: str) -> Reading[T]:
        """Read a text; ``file`` is its name in messages."""
        try:
            document = tomllib.loads(text)
        except RecursionError:
            why = "nested too deeply"
        except ValueError as error:
            why = str(error)
        else:
            return self.read_tables(document, file, lines(text))
        place = _PLACE.fullmatch(why)
        line, what = (int(place[2]), place[1]) if place else (0, why)
        return Reading(file, mistakes=[Mistake(file, line, f"not valid TOML: {what}{cure(what)}")])

    def read_tables(
        self, tables: Mapping[str, Any], file: str, where: Mapping[Keys, int]
    ) -> Reading[T]:
        """Read what TOML was made into already; ``where`` gives the lines."""
        reading: Reading[T] = Reading(file, tables, where)
        _Walk(reading, self).struct(self.kind, tables, ())
        return reading


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk through one document; each step gives the value it read, or `_BAD`."""

    reading: Reading[Any]
    form: Form[Any]

    def value(self, hint: Hint, value: object, keys: Keys) -> object:
        if hint.kind is Union:
            return self.first_that_fits(hint, value, keys)
        if hint.kind is tuple:
            read = self.several(hint, value, keys)
        elif hint.kind is dict:
            read = self.named(hint, value, keys)
        elif hint.is_table:
            read = self.struct(hint.kind, value, keys)
        else:
            leaf = self.leaf(hint)
            read = leaf.read(value)
            if isinstance(read, Wrong):
                return self.bad(keys, leaf.refusal(value, read))
        if read is not _BAD:
            for limit in hint.limits:
                if broken := beyond(limit, read):
                    return self.bad(keys, f"{shown(value)} {broken}")
        return read

    def struct(self, kind: type[Struct], value: object, keys: Keys) -> object:
        if not isinstance(value, dict):
            return self.bad(keys, f"{shown(value)} is not a table; write [{_header(keys)}]")
        known = {self.key(info): info for info in fields(kind)}
        unknown = [key for key in value if key not in known]
        for key in unknown:
            self.bad(
                (*keys, key), self.form.refused.get(key, f"unknown key; {instead(key, known)}")
            )
        meant = {nearest(key, known) for key in unknown}
        read: dict[str, object] = {}
        for key, info in known.items():
            hint = taken_apart(info.type)
            if key in value:
                read[info.name] = self.value(hint, value[key], (*keys, key))
            elif info.required and key not in meant:
                read[info.name] = self.missing(hint, (*keys, key))
        if unknown or _BAD in read.values():
            return _BAD
        self.reading.parts[keys] = made = kind(**read)
        return made

    def several(self, hint: Hint, value: object, keys: Keys) -> object:
        if hint.is_tables and isinstance(value, dict):
            return self.bad(keys, f"a single table; write [[{_header(keys)}]]")
        if hint.is_texts and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            example = f"[[{_header(keys)}]]" if hint.is_tables else self.example(hint)
            return self.bad(keys, f"{shown(value)} is not a list; write {example}")
        item = taken_apart(hint.args[0])
        read = tuple(self.value(item, one, (*keys, place)) for place, one in enumerate(value))
        return _BAD if _BAD in read else read

    def named(self, hint: Hint, value: object, keys: Keys) -> object:
        if not isinstance(value, dict):
            return self.bad(keys, f"{shown(value)} is not a table; write {self.example(hint)}")
        item = taken_apart(hint.args[0])
        read = {key: self.value(item, one, (*keys, key)) for key, one in value.items()}
        return _BAD if _BAD in read.values() else read

    def first_that_fits(self, hint: Hint, value: object, keys: Keys) -> object:
        """Read a union: what its first type to fit makes of the value, else the mistakes of its first type."""
        noted = self.reading.mistakes
        before = len(noted)
        first: list[Mistake] = []
        for arm in hint.args:
            read = self.value(taken_apart(arm), value, keys)
            if read is not _BAD:
                return read
            first = first or noted[before:]
            del noted[before:]
        noted.extend(first)
        return _BAD

    def bad(self, keys: Keys, what: str) -> object:
        self.reading.wrong(keys, what)
        return _BAD

    def missing(self, hint: Hint, keys: Keys) -> object:
        if hint.is_tables:
            return self.bad(keys, f"missing; add a table [[{_header(keys)}]]")
        if hint.is_table:
            return self.bad(keys, f"missing; add a table [{_header(keys)}]")
        return self.bad(keys, f"missing; write e.g. {keys[-1]} = {self.example(hint)}")

    def key(self, info: FieldInfo) -> str:
        name = info.encode_name
        return self.form.tables.get(name, name) if taken_apart(info.type).is_tables else name

    def leaf(self, hint: Hint) -> Leaf:
        if hint.kind is Literal:
            return choice({word: word for word in hint.args})
        if isinstance(hint.kind, type) and issubclass(hint.kind, Enum):
            return choice({str(member.value): member for member in hint.kind})
        return self.form.leaves.get(hint.kind) or LEAVES[hint.kind]

    def example(self, hint: Hint) -> str:
        """Return how such a value is written."""
        if hint.kind is Union:
            return self.example(taken_apart(hint.args[0]))
        if hint.kind is tuple:
            return f"[{self.example(taken_apart(hint.args[0]))}]"
        return "{ ... }" if hint.kind is dict or hint.is_table else self.leaf(hint).examples[0]


def _header(keys: Keys) -> str:
    return ".".join(key for key in keys if isinstance(key, str))
