"""Advice for text that is not valid TOML: the parser's own messages are written for programmers."""

from collections.abc import Mapping

_QUOTES = 'put text and durations in straight quotes, e.g. "30s"'
_CURES: Mapping[str, str] = {
    "Invalid value": _QUOTES,
    "Expected newline or end of document": f"{_QUOTES}, and one key on a line",
    "Illegal character '\\n'": 'close the text with " on the same line, or put several lines between """',
    "Unescaped '\\'": "write \\\\ for a backslash, or put the text in '...'",
    "Cannot overwrite a value": "the same key is given twice; remove one",
    "Cannot declare": "use [[...]] for tables that repeat; [...] may appear only once",
    "Expected '='": 'write key = "value"',
    "Invalid initial character": "write keys in letters, digits, _ and -; write { ... } on one line, no final comma",
    "Unclosed array": "close the list with ]",
    "Unclosed inline table": "close it with } on the same line",
}
"""The advice, by how the parser's message begins."""


def cure(message: str) -> str:
    """Return what to write instead, after a semicolon; empty if the message is sufficient."""
    return next((f"; {cure}" for start, cure in _CURES.items() if message.startswith(start)), "")
