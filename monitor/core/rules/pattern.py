"""Regular expressions for ``matches``: RE2 only, whose time grows with the text and nothing else."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

LONGEST = 200
"""Characters of a pattern."""


class PatternError(ValueError):
    """It is no pattern, or patterns can't be used here."""


def search_for(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a pattern is found somewhere in a text.

    Raises:
        PatternError: the extra ``regex`` is not installed, or RE2 refuses the pattern.

    """
    try:
        re2: Any = import_module("re2")
    except ModuleNotFoundError as error:
        raise PatternError(
            "matches needs RE2, which is not installed: pip install 'venue-monitor[regex]'; "
            "like, starts_with, ends_with and contains need nothing"
        ) from error
    if len(pattern) > LONGEST:
        raise PatternError(f"the pattern is longer than {LONGEST} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(pattern, options).search
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(f"bad pattern: {_said(error)}") from error

    def found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:  # half a character, which no UTF-8 can hold
            return False

    return found


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
