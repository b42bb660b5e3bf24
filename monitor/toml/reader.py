"""Reading a TOML document by the type hints of a struct."""

import re
import tomllib
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar, Union

from msgspec import Struct
from msgspec.structs import FieldInfo

from monitor.runtime.files import regular
from monitor.toml.positions import Keys, lines, too_deep
from monitor.toml.result import Mistake, ParseResult
from monitor.toml.scalars import LEAVES, Leaf, Wrong, choice
from monitor.toml.syntax import cure
from monitor.toml.type_hints import Hint, beyond, fields, taken_apart
from monitor.toml.words import instead, nearest, pointed_at, shown

T = TypeVar("T", bound=Struct)

LARGEST = 4_000_000
"""Characters of a file: a venue of 10,000 points, each with a device, takes 2,100,000; judgement."""
DEEPEST = 8
"""Parts of a dotted key or header; no file needs more than four."""
_BAD: Final = object()
"""The result for a value that could not be read; its mistake is recorded."""
_PLACE = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """The struct that a TOML file describes, and how to read it.

    Its fields are text, numbers, durations, times, paths, choices, structs, tuples and dicts of these, and unions
    whose arms are distinguished by the value. A tuple of texts may be written as a single text.
    """

    kind: type[T]
    tables: Mapping[str, str] = field(default_factory=dict)
    """The name in the file of tuples of structs, where it differs from the field's, e.g. ``points``: ``point``."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The name in the file of other fields that are stored under another name."""
    earlier_keys: Mapping[str, str] = field(default_factory=dict)
    """Earlier names of keys that a file may still use, with the names of today."""
    leaves: Mapping[object, Leaf] = field(default_factory=dict)
    """Additional types of single values."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Keys that people try although they do not exist, with what to do instead."""

    def read_file(self, path: Path) -> ParseResult[T]:
        """Read a file; one that is missing or unreadable is a mistake like any other."""
        try:
            with open(path, encoding="utf-8-sig", opener=regular) as file:
                text = file.read(LARGEST + 1)
        except OSError as error:
            why = f"can't be read: {error.strerror}; create it, or name another file"
        except UnicodeDecodeError:
            why = "is not UTF-8 text; save it as UTF-8"
        else:
            return self.read(text, str(path))
        return ParseResult(str(path), mistakes=[Mistake(str(path), 0, why)])

    def read(self, text: str, file: str) -> ParseResult[T]:
        """Read TOML text; ``file`` is its name in messages.

        Size and depth are limited before it is parsed: the parser takes memory by the square of a key's length.
        """
        if len(text) > LARGEST:
            what = (
                f"is longer than {LARGEST:,} characters; split it, or take out what is not needed"
            )
            return ParseResult(file, mistakes=[Mistake(file, 0, what)])
        if line := too_deep(text, DEEPEST):
            what = f"a key has more than {DEEPEST} parts separated by dots; write a shorter one"
            return ParseResult(file, mistakes=[Mistake(file, line, what)])
        try:
            document = tomllib.loads(text)
        except RecursionError:
            why = "nested too deeply"
        except ValueError as error:
            why = str(error)
        else:
            return self.read_tables(document, file, cache(partial(lines, text)))
        place = _PLACE.fullmatch(why)
        line, what = (int(place[2]), place[1]) if place else (0, why)
        shown = (
            pointed_at(text.replace("\r\n", "\n").split("\n")[line - 1], int(place[3]) - 1)
            if place
            else ""
        )
        return ParseResult(
            file, mistakes=[Mistake(file, line, f"not valid TOML: {what}{cure(what)}{shown}")]
        )

    def read_tables(
        self, tables: Mapping[str, Any], file: str, where: Callable[[], Mapping[Keys, int]]
    ) -> ParseResult[T]:
        """Read TOML that is already parsed; ``where`` returns the lines."""
        parsed: ParseResult[T] = ParseResult(file, tables, where)
        _Walk(parsed, self).struct(self.kind, tables, ())
        return parsed


class _Field(NamedTuple):
    """A field of a struct, and what it may hold."""

    name: str
    required: bool
    hint: Hint


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk through one document; each step returns the value that it read, or `_BAD`."""

    parsed: ParseResult[Any]
    form: Form[Any]
    fields: dict[type[Struct], Mapping[str, _Field]] = field(default_factory=dict)
    """The fields of each struct by their keys, as far as they were needed."""

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
                    subject = "the list" if isinstance(value, list) else shown(value)
                    return self.bad(keys, f"{subject} {broken}")
        return read

    def struct(self, kind: type[Struct], value: object, keys: Keys) -> object:
        if not isinstance(value, dict):
            return self.bad(keys, f"{shown(value)} is not a table; write [{_header(keys)}]")
        known = self.known(kind)
        given = self.given(value, known, keys)
        unknown = [key for key in given if key not in known]
        for key in unknown:
            self.bad(
                (*keys, key), self.form.refused.get(key, f"unknown key; {instead(key, known)}")
            )
        meant = {nearest(key, known) for key in unknown}
        read: dict[str, object] = {}
        for key, (name, required, hint) in known.items():
            if key in given:
                written = given[key]
                read[name] = self.value(hint, value[written], (*keys, written))
            elif required and key not in meant:
                read[name] = self.missing(hint, (*keys, key))
        if unknown or _BAD in read.values():
            return _BAD
        self.parsed.parts[keys] = made = kind(**read)
        return made

    def several(self, hint: Hint, value: object, keys: Keys) -> object:
        if hint.is_tables and isinstance(value, dict):
            return self.bad(keys, f"is a single table, not a list; write [[{_header(keys)}]]")
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
        """Read a union as the first type that fits; if none does, keep the mistakes of its first type."""
        noted = self.parsed.mistakes
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
        self.parsed.wrong(keys, what)
        return _BAD

    def missing(self, hint: Hint, keys: Keys) -> object:
        if hint.is_tables:
            return self.bad(keys, f"missing; add a table [[{_header(keys)}]]")
        if hint.is_table:
            return self.bad(keys, f"missing; add a table [{_header(keys)}]")
        return self.bad(keys, f"missing; write e.g. {keys[-1]} = {self.example(hint)}")

    def known(self, kind: type[Struct]) -> Mapping[str, _Field]:
        """Return the fields of a struct by their keys."""
        found = self.fields.get(kind)
        if found is None:
            found = self.fields[kind] = {
                self.key(row): _Field(row.name, row.required, taken_apart(row.type))
                for row in fields(kind)
            }
        return found

    def key(self, info: FieldInfo) -> str:
        name = info.encode_name
        names = self.form.tables if taken_apart(info.type).is_tables else self.form.keys
        return names.get(name, name)

    def given(
        self, table: Mapping[str, object], known: Container[str], keys: Keys
    ) -> Mapping[str, str]:
        """Return the keys of a table by their names of today, each with the name that it has in the file."""
        written = {key: key for key in table}
        for earlier, present in self.form.earlier_keys.items():
            if earlier in written and present in known:
                if present in written:
                    what = f"is the earlier name of {present}, which is given too; leave it out"
                    self.bad((*keys, earlier), what)
                else:
                    written[present] = earlier
                    self.parsed.earlier[(*keys, present)] = (*keys, earlier)
                del written[earlier]
        return written

    def leaf(self, hint: Hint) -> Leaf:
        if hint.kind is Literal:
            return _one_of(hint.args)
        if isinstance(hint.kind, type) and issubclass(hint.kind, Enum):
            return _member_of(hint.kind)
        return self.form.leaves.get(hint.kind) or LEAVES[hint.kind]

    def example(self, hint: Hint) -> str:
        """Return an example of how such a value is written."""
        if hint.kind is Union:
            return self.example(taken_apart(hint.args[0]))
        if hint.kind is tuple:
            return f"[{self.example(taken_apart(hint.args[0]))}]"
        return "{ ... }" if hint.kind is dict or hint.is_table else self.leaf(hint).examples[0]


@cache
def _one_of(words: tuple[str, ...]) -> Leaf:
    return choice({word: word for word in words})


@cache
def _member_of(kind: type[Enum]) -> Leaf:
    return choice({str(member.value): member for member in kind})


def _header(keys: Keys) -> str:
    return ".".join(key for key in keys if isinstance(key, str))
