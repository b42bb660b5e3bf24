"""The result of reading a file: its struct, or every mistake in it with its position."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from monitor.errors import ConfigError
from monitor.toml.positions import Keys
from monitor.toml.words import quoted

KeyMistakes = Iterator[tuple[str, str]]
"""Keys, each with what is wrong there and what to write instead."""
T_co = TypeVar("T_co", bound=Struct, covariant=True)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to correct in a file."""

    file: str
    line: int
    """From 1; 0 if unknown."""
    what: str
    keys: Keys = field(default=(), compare=False)
    """What is wrong: the path to it, where it is known."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


@dataclass(frozen=True, slots=True)
class ParseResult(Generic[T_co]):
    """The result of reading one file; checks across several tables add their mistakes with `wrong`."""

    file: str
    tables: Mapping[str, Any] = field(default_factory=dict)
    """The file as plain TOML."""
    lines: Callable[[], Mapping[Keys, int]] = dict
    """Returns the line of each table and key, from 1; they are looked up for the first mistake only."""
    parts: dict[Keys, Struct] = field(default_factory=dict)
    """Every table that could be read, even if others could not; the whole file is at ``()``."""
    mistakes: list[Mistake] = field(default_factory=list)
    earlier: dict[Keys, Keys] = field(default_factory=dict)
    """The path in the file of each key that is written by an earlier name."""

    def wrong(self, keys: Keys, what: str) -> None:
        """Record a mistake: what is wrong at ``keys``, and what to write instead."""
        keys = self.earlier.get(keys, keys)
        where = "".join(f"{name}: " for name in self._names(keys))
        self.mistakes.append(Mistake(self.file, self.line(keys), where + what, keys))

    def line(self, keys: Keys) -> int:
        """Return the line of a value, or of the nearest enclosing table or key; 0 if there is none."""
        lines = self.lines()
        paths = (keys[:length] for length in range(len(keys), 0, -1))
        return next((lines[path] for path in paths if path in lines), 0)

    def whole(self) -> T_co:
        """Return the struct.

        Raises:
            ConfigError: there are mistakes; the error holds all of them, by line.
        """
        if self.mistakes:
            raise ConfigError([str(mistake) for mistake in sorted(self.mistakes)])
        return cast("T_co", self.parts[()])

    def _names(self, keys: Keys) -> Iterator[str]:
        """Yield a readable name for each step; a table in a list goes by its id, or by its number from 1."""
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
