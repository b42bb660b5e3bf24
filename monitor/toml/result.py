"""Holds what came of reading a file: its struct, or every mistake in it with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from monitor.errors import ConfigError
from monitor.toml.positions import Keys
from monitor.toml.words import quoted

T_co = TypeVar("T_co", bound=Struct, covariant=True)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to change in a file."""

    file: str
    line: int
    """From 1; 0 where it is not known."""
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T_co]):
    """What came of reading one file; checks that look at several tables add their mistakes with `wrong`."""

    file: str
    tables: Mapping[str, Any] = field(default_factory=dict)
    """The file as plain TOML."""
    lines: Mapping[Keys, int] = field(default_factory=dict)
    parts: dict[Keys, Struct] = field(default_factory=dict)
    """Every table that could be read, also where others could not; the whole file is at ``()``."""
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, keys: Keys, what: str) -> None:
        """Note a mistake: what is wrong at ``keys`` and what to write instead."""
        where = "".join(f"{name}: " for name in self._names(keys))
        self.mistakes.append(Mistake(self.file, self.line(keys), where + what))

    def line(self, keys: Keys) -> int:
        """Return the line of a value, or of the nearest table or key around it; 0 if there is none."""
        ways = (keys[:length] for length in range(len(keys), 0, -1))
        return next((self.lines[way] for way in ways if way in self.lines), 0)

    def whole(self) -> T_co:
        """Return the struct.

        Raises:
            ConfigError: there are mistakes; it holds all of them, in the order of their lines.
        """
        if self.mistakes:
            raise ConfigError([str(mistake) for mistake in sorted(self.mistakes)])
        return cast("T_co", self.parts[()])

    def _names(self, keys: Keys) -> Iterator[str]:
        """Name each step for people; a table of a list by its id, or by its number from 1."""
        here: Any = self.tables
        name = ""
        for key in keys:
            if isinstance(key, str):
                if name:
                    yield name
                name = key if key.isidentifier() else quoted(key)
                here = here.get(key) if isinstance(here, dict) else None
            else:
                here = here[key] if isinstance(here, list) else None
                if isinstance(here, dict):
                    own = here.get("id")
                    name += f" {quoted(own) if isinstance(own, str) else key + 1}"
        if name:
            yield name
