"""Says what to write instead of what is no TOML: the parser's own words are for programmers."""

from collections.abc import Mapping

_QUOTES = 'write texts and durations in straight quotes, e.g. "30s"'
_CURES: Mapping[str, str] = {
    "Invalid value": _QUOTES,
    "Expected newline or end of document": f"{_QUOTES}, and one key on a line",
    "Illegal character '\\n'": 'end the text with " on its line, or put one of several lines in """',
    "Unescaped '\\'": "write \\\\ for a backslash, or put the text in '...'",
    "Cannot overwrite a value": "a key stands there twice; take one out",
    "Cannot declare": "write [[...]] where there are several of a kind, and [...] only once",
    "Expected '='": 'write key = "value"',
    "Invalid initial character": "a key is of letters, digits, _ and -; { ... } is one line with no comma at its end",
    "Unclosed array": "close the list with ]",
    "Unclosed inline table": "close it with } on the same line",
}
"""By how the parser's message begins."""


def cure(message: str) -> str:
    """Return what to write instead, after a semicolon; nothing where the message says enough."""
    return next((f"; {cure}" for said, cure in _CURES.items() if message.startswith(said)), "")
