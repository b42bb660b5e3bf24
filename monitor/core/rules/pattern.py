"""Regular expressions for ``matches``: RE2 only, whose running time is linear in the length of the text."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

LONGEST = 200
"""Characters of a pattern."""


class PatternError(ValueError):
    """The text is not a pattern, or patterns can't be used here."""


def search_for(pattern: str) -> Callable[[str], bool]:
    """Return the predicate that finds a pattern anywhere in a text.

    Raises:
        PatternError: the extra ``regex`` is not installed, or RE2 refuses the pattern.

    """
    try:
        re2: Any = import_module("re2")
    except ModuleNotFoundError as error:
        raise PatternError(
            "matches needs RE2, which is not installed; run pip install 'venue-monitor[regex]', "
            "or use like, starts_with, ends_with or contains"
        ) from error
    if len(pattern) > LONGEST:
        raise PatternError(f"the pattern is too long; write at most {LONGEST} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(pattern, options).search
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(f"not a valid pattern: {_message(error)}") from error

    def found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 can't encode
            return False

    return found


def _message(error: Exception) -> str:
    message = error.args[0] if error.args else ""
    return message.decode(errors="replace") if isinstance(message, bytes) else str(message)
